//! A desk: one operator's phone. It owns the call book and the journal, and is the only one to change them.
//!
//! [`commands`] asks the engine for what the operator wants; [`events`] takes in what really happened. The lock is held
//! for the length of a few comparisons, never while anything is awaited.

mod commands;
mod events;
mod inner;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use protocol::wire::event::{Event, Snapshot};
use protocol::{Book, EventId, OperatorStatus, PhoneStatus};
use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::engine::{Engine, EngineEvent};
use crate::history::History;
use crate::journal::{self, Journal, Next, Record};
use crate::metrics::Metrics;
use crate::store::Store;
use inner::Inner;

/// How long the softphone may take to confirm a hang-up before the backend ends the call by itself.
pub const HANGUP_CONFIRM: Duration = Duration::from_secs(3);

/// What a desk is made of.
pub struct Parts {
    /// What drives the softphone.
    pub engine: Arc<dyn Engine>,
    /// The engine's events.
    pub events: mpsc::UnboundedReceiver<EngineEvent>,
    /// Where ended calls go.
    pub history: History,
    /// Where the operator's status is kept.
    pub store: Store,
    /// The operator's status to begin with.
    pub operator_status: OperatorStatus,
    /// What counts.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
    /// Content hash of the served widget and worker.
    pub bundle: &'static str,
}

/// One operator's phone.
pub struct Desk {
    engine: Arc<dyn Engine>,
    inner: Mutex<Inner>,
    /// Number of the last event: what readers wait for.
    last: watch::Sender<u64>,
    history: History,
    store: Store,
    metrics: Arc<Metrics>,
    clock: Clock,
    bundle: &'static str,
}

impl Desk {
    /// A desk at work: what the engine has told so far is in its book, the rest is taken in as it comes.
    ///
    /// Must be called within a tokio runtime.
    pub fn start(parts: Parts) -> Arc<Self> {
        let Parts { engine, mut events, history, store, operator_status, metrics, clock, bundle } = parts;
        // Until the engine says otherwise there is no phone.
        let book = Book::new(operator_status, PhoneStatus::Unavailable, engine.capabilities());
        let inner = Mutex::new(Inner::new(book, Journal::new(clock.now())));
        let (last, _) = watch::channel(0);
        let desk = Arc::new(Self { engine, inner, last, history, store, metrics, clock, bundle });
        while let Ok(event) = events.try_recv() {
            desk.take_in(event);
        }
        tokio::spawn(listen(Arc::downgrade(&desk), events));
        desk
    }

    /// The name of what drives the softphone.
    pub fn engine_name(&self) -> &'static str {
        self.engine.name()
    }

    /// The state as a snapshot.
    pub fn snapshot(&self) -> Snapshot {
        self.lock().book.to_snapshot(self.bundle)
    }

    /// The state as the record that opens a stream; its id is that of the last event in it.
    pub fn snapshot_record(&self) -> Record {
        let (id, snapshot) = {
            let inner = self.lock();
            (inner.journal.last_id(), inner.book.to_snapshot(self.bundle))
        };
        journal::record(id, &Event::Snapshot(snapshot))
    }

    /// What comes after this event in the journal.
    pub fn after(&self, position: &EventId) -> Next {
        self.lock().journal.after(position)
    }

    /// Changes with every event of the journal.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// The calls that have ended.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What counts.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic under the lock is a bug; the phone goes on with what the book says.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the engine's events in for as long as there is a desk.
async fn listen(desk: Weak<Desk>, mut events: mpsc::UnboundedReceiver<EngineEvent>) {
    while let Some(event) = events.recv().await {
        let Some(desk) = desk.upgrade() else { return };
        desk.take_in(event);
    }
    if let Some(desk) = desk.upgrade() {
        tracing::error!(engine = desk.engine.name(), "the engine has gone");
        desk.take_in(EngineEvent::Phone(PhoneStatus::Unavailable));
    }
}
