//! A desk: one operator's phone. It owns the call book and the journal, and is the only one to change them.
//!
//! [`commands`] asks the engine for what the operator wants; [`events`] takes in what really happened. The lock is held
//! for the length of a few comparisons, never while anything is awaited.

mod away;
mod bell;
mod commands;
mod events;
mod inner;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use protocol::wire::event::{Event, Snapshot};
use protocol::{Book, EventId, OperatorStatus, PhoneStatus};
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::engine::{Engine, EngineEvent, Told};
use crate::history::History;
use crate::hook::Ticket;
use crate::journal::{self, Journal, Next, Piece, Record};
use crate::metrics::Metrics;
use crate::store::{Change, Health, OpenCalls, Problem, Store};
use bell::Bell;
use inner::Inner;

/// How long the softphone may take to confirm a hang-up before the backend ends the call by itself.
pub const HANGUP_CONFIRM: Duration = Duration::from_secs(3);

/// What a desk is made of.
pub struct Parts {
    /// What drives the softphone.
    pub engine: Arc<dyn Engine>,
    /// The engine's events.
    pub events: mpsc::UnboundedReceiver<EngineEvent>,
    /// The calls that have ended so far.
    pub history: History,
    /// Where all that must survive is kept.
    pub store: Store,
    /// The operator's status to begin with.
    pub operator_status: OperatorStatus,
    /// The calls that were up when the last backend ended.
    pub open: OpenCalls,
    /// What has happened since then.
    pub told: Vec<Told>,
    /// What does not work.
    pub health: Arc<Health>,
    /// What counts.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
    /// Whether calls are rejected while the operator is away.
    pub reject_when_away: bool,
    /// Content hash of the served widget and worker.
    pub bundle: &'static str,
}

/// One operator's phone.
pub struct Desk {
    engine: Arc<dyn Engine>,
    inner: Mutex<Inner>,
    /// Number of the last event.
    last: watch::Sender<u64>,
    /// What streams wait for.
    bell: Bell,
    history: History,
    store: Store,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    clock: Clock,
    reject_when_away: bool,
    bundle: &'static str,
}

impl Desk {
    /// A desk at work: what was up and what has happened since is in its book, what the engine has told so far too, and
    /// all of that is kept; the rest is taken in as it comes.
    ///
    /// Must be called within a tokio runtime.
    pub fn start(parts: Parts) -> Arc<Self> {
        let Parts { engine, mut events, history, store, operator_status, open, told, health, .. } = parts;
        let Parts { metrics, clock, reject_when_away, bundle, .. } = parts;
        // Until the engine says otherwise there is no phone.
        let book = Book::new(operator_status, PhoneStatus::Unavailable, engine.capabilities());
        let mut inner = Inner::new(book, Journal::new(clock.now()));
        inner.restore(open);
        let (last, _) = watch::channel(0);
        let inner = Mutex::new(inner);
        let bell = Bell::default();
        let desk = Arc::new(Self {
            engine,
            inner,
            last,
            bell,
            history,
            store,
            health,
            metrics,
            clock,
            reject_when_away,
            bundle,
        });
        desk.take_in_past(told);
        while let Ok(event) = events.try_recv() {
            desk.take_in(event);
        }
        desk.reject_if_away();
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

    /// The name of this life, which each event's id carries.
    pub fn epoch(&self) -> String {
        self.lock().journal.last_id().epoch
    }

    /// What comes after this event in the journal.
    pub fn after(&self, position: &EventId) -> Next {
        self.lock().journal.after(position)
    }

    /// The number of this event, where all that came after it is still in the journal.
    pub fn place_of(&self, position: &EventId) -> Option<u64> {
        (self.after(position) != Next::Lost).then_some(position.seq)
    }

    /// The text of what comes after the event of this number, until it has so many bytes.
    pub fn read_on(&self, from: u64, bytes: usize) -> Piece {
        // Without the lock, as this is asked by each stream after each event.
        if self.bell.seq() <= from { Piece::UpToDate } else { self.lock().journal.read_on(from, bytes) }
    }

    /// Resolves when there is an event from now on; what [`Desk::read_on`] gives after this call is all that was before.
    pub fn next_event(&self) -> OwnedNotified {
        self.bell.heard()
    }

    /// Changes with every event of the journal.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// The calls that have ended.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What does not work just now.
    pub fn problems(&self) -> Vec<Problem> {
        self.health.problems()
    }

    /// Lets the softphone's hooks find the backend.
    pub fn admit_hooks(&self, ticket: Option<Ticket>) {
        self.store.keep(ticket.map(Change::Ticket).into_iter().collect());
    }

    /// Waits until all that happened so far is on the disk, as far as the disk takes it.
    pub async fn flush(&self) {
        self.store.flush().await;
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
        desk.reject_if_away();
    }
    if let Some(desk) = desk.upgrade() {
        tracing::error!(engine = desk.engine.name(), "the engine has gone");
        desk.take_in(EngineEvent::Phone(PhoneStatus::Unavailable));
    }
}
