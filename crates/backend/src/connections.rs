//! The accept loop: connections over the socket, bounded in number, in time and in what each may cost.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONNECTION;
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::error::Error;
use crate::limits::MAX_STREAMS;

/// Connections beside those of streams: commands, files, streams of workers.
const OTHERS: usize = 1024;
/// Files that are open beside connections: history, log, listener, the runtime's own.
const OTHER_FILES: u64 = 64;
/// How long to wait before accepting again, when that fails for want of something: files, memory.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// How often the log says that connections are refused, while they are.
const COMPLAINT_EVERY: Duration = Duration::from_secs(60);

/// What connections may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most connections that are served at once.
    pub connections: usize,
    /// Of those beyond, so many at once are told that there is no room; the others are closed.
    pub told: usize,
    /// How long the head of a request may take; a connection that is idle for as long is closed.
    pub head_within: Duration,
    /// Longest head of a request, in bytes: beyond it hyper answers 431, as with more than 100 headers.
    pub head_bytes: usize,
    /// Most that is buffered in each direction, in bytes.
    pub buffer: usize,
    /// A client that takes nothing for so long is cut off.
    pub stalled: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: MAX_STREAMS + OTHERS,
            told: 64,
            head_within: Duration::from_secs(10),
            head_bytes: 32 * 1024,
            buffer: 64 * 1024,
            stalled: Duration::from_secs(60),
        }
    }
}

impl Bounds {
    /// Those for so many streams and all else, and for how many streams there is room: as many as this process may have files
    /// open. Its soft limit is raised where that helps.
    pub fn for_streams(streams: usize) -> (Self, usize) {
        let usual = Self { connections: streams.saturating_add(OTHERS), ..Self::default() };
        let spare = OTHER_FILES + u64::try_from(usual.told).unwrap_or(OTHER_FILES);
        let wanted = u64::try_from(usual.connections).unwrap_or(u64::MAX).saturating_add(spare);
        match rlimit::increase_nofile_limit(wanted) {
            Ok(files) if files < wanted => {
                let (connections, room) = room_in(usize::try_from(files.saturating_sub(spare)).unwrap_or(0));
                tracing::warn!(
                    files,
                    connections,
                    streams = room,
                    max_streams = streams,
                    "too few files may be open: there is room for fewer streams and connections; raise that limit (ulimit -n), or set max-streams lower"
                );
                (Self { connections, ..usual }, room)
            }
            Ok(_) => (usual, streams),
            Err(error) => {
                tracing::warn!(%error, "how many files may be open is not known");
                (usual, streams)
            }
        }
    }
}

/// Connections and streams where so many sockets can be had: streams leave half of few to all else.
fn room_in(sockets: usize) -> (usize, usize) {
    let connections = sockets.max(2);
    (connections, connections - OTHERS.min(connections / 2))
}

/// Serves the router on every connection until `end` resolves; then no more are taken, and this ends with the last of them.
///
/// # Errors
/// None so far: whatever fails, the loop goes on.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    end: impl Future<Output = ()>,
) -> io::Result<()> {
    let open = GracefulShutdown::new();
    let mut door = Door {
        served: Arc::new(Semaphore::new(bounds.connections)),
        told: Arc::new(Semaphore::new(bounds.told)),
        full: Router::new().fallback(no_room),
        complaint: Seldom::default(),
        router,
        bounds,
    };
    let mut complaint = Seldom::default();
    let mut end = pin!(end);
    loop {
        tokio::select! {
            stream = accepted(&listener, &mut complaint) => door.enter(stream, open.watcher()),
            () = &mut end => break,
        }
    }
    drop(listener);
    open.shutdown().await;
    Ok(())
}

/// The next connection, however long it takes until one can be had.
async fn accepted(listener: &TcpListener, complaint: &mut Seldom) -> TcpStream {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // Of that one connection; the next may be there already.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(error) => {
                if complaint.is_due() {
                    tracing::error!(%error, "no connection can be accepted: trying again");
                }
                sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// Says something once a minute, however often there is reason to.
#[derive(Default)]
struct Seldom(Option<Instant>);

impl Seldom {
    fn is_due(&mut self) -> bool {
        let due = self.0.is_none_or(|last| last.elapsed() >= COMPLAINT_EVERY);
        if due {
            self.0 = Some(Instant::now());
        }
        due
    }
}

struct Door {
    router: Router,
    /// Answers in its place where there is no room.
    full: Router,
    complaint: Seldom,
    served: Arc<Semaphore>,
    told: Arc<Semaphore>,
    bounds: Bounds,
}

impl Door {
    fn enter(&mut self, stream: TcpStream, open: Watcher) {
        if let Ok(permit) = self.served.clone().try_acquire_owned() {
            tokio::spawn(connection(stream, self.router.clone(), self.bounds, open, permit));
            return;
        }
        if self.complaint.is_due() {
            tracing::warn!(connections = self.bounds.connections, "too many connections: others are refused");
        }
        if let Ok(permit) = self.told.clone().try_acquire_owned() {
            let told = connection(stream, self.full.clone(), self.bounds, open, permit);
            tokio::spawn(timeout(self.bounds.head_within, told));
        }
    }
}

async fn connection(stream: TcpStream, router: Router, bounds: Bounds, open: Watcher, _permit: OwnedSemaphorePermit) {
    // Events are small and must not wait for each other; where it can't be set they are a little late.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(bounds.stalled));
    let service = TowerToHyperService::new(router.map_request(|request: Request<Incoming>| request.map(Body::new)));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_within)
        .max_header_size(bounds.head_bytes)
        .max_buf_size(bounds.buffer)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    if let Err(error) = open.watch(served).await {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn no_room() -> impl IntoResponse {
    ([(CONNECTION, "close")], Error::TooManyRequests { seconds: 1 })
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, room_in};

    #[test]
    fn streams_leave_room_for_all_else() {
        assert_eq!(room_in(0), (2, 1));
        assert_eq!(room_in(896), (896, 448));
        assert_eq!(room_in(20_000), (20_000, 20_000 - OTHERS));
    }
}
