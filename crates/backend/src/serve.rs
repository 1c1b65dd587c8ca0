//! One life of the backend: engine, desk and router put together, the socket, and a clean end.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::assets::Assets;
use crate::clock::Clock;
use crate::config::Settings;
use crate::connections::{self, Bounds};
use crate::desk::{Desk, Parts};
use crate::engine::Past;
use crate::engine::choice::{Chosen, NoEngine, Running, reachable};
use crate::guard::Guard;
use crate::history::History;
use crate::hook::{is_backend, running_at};
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::routes::{App, Served, router};
use crate::store::{DirLock, Found, Health, InUse, Store, make_dir};

/// Time between two heartbeats. The contract promises one in 15 s; workers that hear more of them notice a dead wire sooner.
pub const HEARTBEAT: Duration = Duration::from_secs(4);
/// How long open requests may take when the program ends.
const GRACE: Duration = Duration::from_secs(5);
/// How long one before us may take to end that has nothing left to do.
const LOCK_SOON: Duration = Duration::from_secs(1);

/// Why the backend could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A mistake in the settings: there is no such engine here.
    #[error(transparent)]
    NoEngine(#[from] NoEngine),
    /// Another program listens there.
    #[error("port {} of {} is in use: end the other program (another backend?), or choose a port with --listen", .0.port(), .0.ip())]
    PortInUse(SocketAddr),
    /// The phone runs already.
    #[error(
        "the phone runs already: open http://{0}/ in the browser; or start another beside it, with --listen and --data-dir of its own"
    )]
    AlreadyRuns(SocketAddr),
    /// The address can't be listened on.
    #[error("listening on {address} failed: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The softphone's hooks, the status and the history belong to another backend.
    #[error("the data directory {} is in use by another backend{}: use or end that one, or choose another directory with --data-dir", .dir.display(), .at.as_ref().map(|url| format!(", {url}")).unwrap_or_default())]
    DataDirInUse {
        /// Which.
        dir: PathBuf,
        /// The other's address, where it is known.
        at: Option<String>,
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
/// The port or the engine can't be had, or another backend has the data directory.
pub async fn serve(mut settings: Settings, assets: Assets, end: impl Future<Output = ()>) -> Result<(), ServeError> {
    let chosen = Chosen::from_settings(&settings)?;
    // The socket first: who can't have it must not touch the directory.
    let listener = listen(settings.listen).await?;
    let bound = listener.local_addr().map_err(ServeError::Serving)?;

    let clock = Clock::system();
    let health = Arc::new(Health::default());
    // A directory that can't be had costs what would be kept in it, not the phone.
    if let Err(error) = make_dir(&settings.data_dir) {
        tracing::error!(dir = %settings.data_dir.display(), %error, "the data directory can't be made: nothing is kept");
    }
    let patience = if matches!(chosen, Chosen::Simulator) { LOCK_SOON } else { 2 * GRACE + LOCK_SOON };
    let lock = match (DirLock::take(&settings.data_dir, patience), &chosen) {
        (Ok(lock), _) => (Some(lock), None),
        (Err(InUse), Chosen::MicroSip(_)) => return Err(in_use(settings.data_dir)),
        (Err(InUse), Chosen::Simulator) => (None, Some(apart(&mut settings)?)),
    };
    let (store, found) = Store::open(&settings.data_dir, clock.clone(), health.clone());
    let Found { operator_status, history, open } = found;

    let (tell, events) = mpsc::unbounded_channel();
    let past = Past { open: open.clone(), ended: history.iter().map(|call| call.call_id.clone()).collect() };
    let Running { engine, routes: engine_routes, told, ticket } =
        chosen.start(&settings, bound, past, health.clone(), tell);
    let metrics = Arc::new(Metrics::default());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), engine = engine.name(), data_dir = %settings.data_dir.display(), "starting");
    let desk = Desk::start(Parts {
        engine,
        events,
        history: History::new(history),
        store,
        operator_status,
        open,
        told,
        health,
        metrics,
        clock,
        reject_when_away: settings.reject_when_away,
        bundle: assets.bundle,
    });
    // Last: hooks that find us must find all that was before them.
    desk.admit_hooks(ticket);

    let (bounds, streams) = Bounds::for_streams(settings.max_streams);
    let (close, closing) = watch::channel(false);
    let guard = Arc::new(Guard::new(&settings, bound));
    let app = App {
        desk: desk.clone(),
        guard,
        workers: Arc::default(),
        idempotency: Arc::default(),
        limits: Arc::new(Limits::with_streams(streams)),
        assets,
        heartbeat: HEARTBEAT,
        closing: closing.clone(),
    };
    let service = router(Served { app, engine_routes });
    let serving = tokio::spawn(connections::serve(listener, service, bounds, closed(closing)));
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
    // Held until nothing more is written.
    let flushed = timeout(GRACE, desk.flush()).await;
    drop(lock);
    if flushed.is_err() {
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

/// A directory for one run, for a simulator beside a backend at work: it has nothing to keep, and must touch nothing.
fn apart(settings: &mut Settings) -> Result<TempDir, ServeError> {
    let theirs = settings.data_dir.clone();
    let Ok(dir) = TempDir::new() else { return Err(in_use(theirs)) };
    tracing::warn!(dir = %theirs.display(), "another backend uses the data directory: this simulator keeps nothing");
    settings.data_dir = dir.path().to_owned();
    Ok(dir)
}

fn in_use(dir: PathBuf) -> ServeError {
    ServeError::DataDirInUse { at: running_at(&dir), dir }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let there = reachable(address);
            let is_ours = tokio::task::spawn_blocking(move || is_backend(there)).await.unwrap_or_default();
            Err(if is_ours { ServeError::AlreadyRuns(there) } else { ServeError::PortInUse(address) })
        }
        Err(error) => Err(ServeError::Listen { address, error }),
    }
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
