//! One life of the backend: engine, desk and router put together, the socket, and a clean end.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::assets::Assets;
use crate::clock::Clock;
use crate::config::Settings;
use crate::connections::{self, Bounds};
use crate::desk::{Desk, Parts};
use crate::engine::choice::{Chosen, NoEngine, Running};
use crate::guard::Guard;
use crate::history::History;
use crate::metrics::Metrics;
use crate::routes::{App, Served, router};
use crate::store::Store;

/// Time between two heartbeats; the contract promises one in 15 s.
pub const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long open requests may take when the program ends.
const GRACE: Duration = Duration::from_secs(5);

/// Why the backend could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A mistake in the settings: there is no such engine here.
    #[error(transparent)]
    NoEngine(#[from] NoEngine),
    /// Another program listens there.
    #[error("port {} of {} is in use: end the other program (another backend?), or choose a port with --listen", .0.port(), .0.ip())]
    PortInUse(SocketAddr),
    /// The address can't be listened on.
    #[error("listening on {address} failed: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The data directory can't be used.
    #[error("the data directory {} can't be used: {error}", .dir.display())]
    DataDir {
        /// Which.
        dir: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The socket failed while serving.
    #[error("serving failed: {0}")]
    Serving(io::Error),
}

/// Serves until `end` resolves, then closes every stream and writes what is to be kept.
///
/// When it is ready, standard output gets the line `listening on http://HOST:PORT`.
///
/// # Errors
/// The port, the data directory or the engine can't be had.
pub async fn serve(settings: Settings, assets: Assets, end: impl Future<Output = ()>) -> Result<(), ServeError> {
    let dir_error = |error| ServeError::DataDir { dir: settings.data_dir.clone(), error };
    let chosen = Chosen::from_settings(&settings)?;
    // The socket first: of two backends on one data directory, the second must not touch it.
    let listener = listen(settings.listen).await?;
    let bound = listener.local_addr().map_err(ServeError::Serving)?;
    make_dir(&settings.data_dir).map_err(dir_error)?;

    let (tell, events) = mpsc::unbounded_channel();
    let Running { engine, routes: engine_routes } = chosen.start(&settings, bound, tell).map_err(dir_error)?;
    let history = History::open(&settings.data_dir).map_err(dir_error)?;
    let (store, operator_status) = Store::open(&settings.data_dir);
    let clock = Clock::system();
    let metrics = Arc::new(Metrics::default());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), engine = engine.name(), data_dir = %settings.data_dir.display(), "starting");
    let desk =
        Desk::start(Parts { engine, events, history, store, operator_status, metrics, clock, bundle: assets.bundle });

    let (close, closing) = watch::channel(false);
    let guard = Arc::new(Guard::new(&settings, bound));
    let app = App {
        desk: desk.clone(),
        guard,
        workers: Arc::default(),
        idempotency: Arc::default(),
        limits: Arc::default(),
        assets,
        heartbeat: HEARTBEAT,
        closing: closing.clone(),
    };
    let service = router(Served { app, engine_routes });
    let serving = tokio::spawn(connections::serve(listener, service, Bounds::of_this_process(), closed(closing)));
    announce(bound);

    tokio::pin!(serving);
    let served = tokio::select! {
        served = &mut serving => Some(served),
        () = end => {
            tracing::info!("ending");
            close.send_replace(true);
            timeout(GRACE, &mut serving).await.ok()
        }
    };
    desk.close();
    if timeout(GRACE, desk.history().flush()).await.is_err() {
        tracing::error!("the call history could not be written in time");
    }
    match served {
        Some(Ok(result)) => result.map_err(ServeError::Serving),
        Some(Err(panic)) => Err(ServeError::Serving(io::Error::other(panic))),
        None => {
            tracing::warn!("some requests did not end in time: they are cut off");
            Ok(())
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse(address),
        _ => ServeError::Listen { address, error },
    })
}

/// Makes the directory, for this user alone: it holds who was called.
fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn announce(bound: SocketAddr) {
    let mut out = io::stdout().lock();
    // Whoever started us may have closed our output: no reason not to serve.
    let _ = writeln!(out, "listening on http://{bound}").and_then(|()| out.flush());
}

async fn closed(mut closing: watch::Receiver<bool>) {
    // An error means that the sender is gone: then the program ends as well.
    let _ = closing.wait_for(|closing| *closing).await;
}
