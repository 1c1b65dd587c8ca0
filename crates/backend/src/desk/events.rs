//! The way in: what happened, by the engine or by the operator, becomes events, metrics and history.

use std::sync::Arc;
use std::time::Duration;

use protocol::wire::event::Event;
use protocol::{CallId, EndReason, OperatorStatus};

use super::Desk;
use super::inner::Inner;
use crate::engine::{EngineEvent, Receipt, Told};
use crate::error::Error;
use crate::history::PastCall;
use crate::logging::masked;
use crate::store::Change;

/// What is left to do when the book has changed.
pub(super) enum Effect {
    /// An event is in the journal.
    Told {
        /// Its number.
        seq: u64,
        /// What it was.
        event: Event,
    },
    /// A call is over.
    Ended(PastCall),
    /// Somebody waits until all of it is written.
    Receipt(Receipt),
}

impl Desk {
    /// Takes one event of the engine in.
    pub(super) fn take_in(&self, event: EngineEvent) {
        let now = self.clock.now();
        self.change(|inner, effects| inner.take_in(event, now, effects));
    }

    /// Takes in what happened before there was a desk, and keeps all of it as one: a kill leaves it to be told again.
    pub(super) fn take_in_past(&self, told: Vec<Told>) {
        self.change(|inner, effects| {
            for Told { at, event } in told {
                inner.take_in(event, at, effects);
            }
            inner.is_kept = false;
        });
    }

    /// Ends a call that the softphone was told to end and did not; nothing happens if it has ended meanwhile.
    pub(super) fn end_unconfirmed(&self, call: &CallId, reason: EndReason) {
        let now = self.clock.now();
        if self.lock().book.call(call).is_none() {
            return;
        }
        // First, so that no tab sees the line free while the engine does not.
        self.engine.forget(call);
        self.change(|inner, effects| {
            if inner.book.call(call).is_some() {
                tracing::warn!(call.id = %call, "the softphone did not confirm a hang-up: the call is ended here");
                inner.end(call, reason, now, effects);
            }
        });
    }

    /// Ends what is still up, for the history: it ends with the program, so it has failed.
    ///
    /// Calls that go on without the program are left to its next life.
    pub fn close(&self) {
        if self.engine.outlives() {
            return;
        }
        let now = self.clock.now();
        self.change(|inner, effects| inner.end_all(EndReason::Failed, now, effects));
    }

    /// Sets the operator's status, and keeps it for the next start.
    ///
    /// # Errors
    /// [`Error::Internal`] where the program is ending.
    pub async fn set_operator_status(self: &Arc<Self>, status: OperatorStatus) -> Result<(), Error> {
        let desk = self.clone();
        let set = move || desk.change(|inner, effects| inner.set_operator_status(status, effects));
        tokio::task::spawn_blocking(set).await.map_err(|error| {
            tracing::error!(%error, "setting the operator's status failed");
            Error::Internal
        })?;
        self.reject_if_away();
        Ok(())
    }

    /// Changes the book under the lock, and does what follows from it in the order of the changes.
    ///
    /// What has to survive a kill is written before anybody is told.
    fn change(&self, change: impl FnOnce(&mut Inner, &mut Vec<Effect>)) {
        let mut effects = Vec::new();
        let mut inner = self.lock();
        change(&mut inner, &mut effects);
        let mut changes: Vec<Change> = effects.iter().filter_map(Effect::kept).collect();
        if !std::mem::replace(&mut inner.is_kept, true) {
            changes.push(Change::Open(inner.open_calls(self.engine.name())));
        }
        self.store.keep(changes);
        for effect in &effects {
            match effect {
                Effect::Told { seq, event } => {
                    self.metrics.event(event.name());
                    self.last.send_replace(*seq);
                }
                Effect::Ended(call) => {
                    let connected = call.start_time.map(|_| Duration::from_secs(call.duration));
                    self.metrics.call(call.direction, call.reason, connected);
                    self.history.add(call.clone());
                }
                Effect::Receipt(receipt) => self.store.acknowledge(receipt.clone()),
            }
        }
        drop(inner);
        if let Some(seq) = effects.iter().rev().find_map(Effect::seq) {
            self.bell.ring(seq);
        }
        // Only now: a log that nobody reads must not hold the phone up.
        for effect in effects {
            if let Effect::Told { seq, event } = effect {
                log(seq, &event);
            }
        }
    }
}

impl Effect {
    fn seq(&self) -> Option<u64> {
        if let Self::Told { seq, .. } = self { Some(*seq) } else { None }
    }

    /// What of it has to survive a kill, beside the calls that are up.
    fn kept(&self) -> Option<Change> {
        match self {
            Self::Told { event: Event::StatusChange(change), .. } => Some(Change::Status(change.status)),
            Self::Told { .. } | Self::Receipt(_) => None,
            Self::Ended(call) => Some(Change::Ended(call.clone())),
        }
    }
}

fn log(seq: u64, event: &Event) {
    match event {
        Event::CallIncoming(e) => tracing::info!(seq, call.id = %e.call_id, number = masked(&e.number), "a call rings"),
        Event::CallDialing(e) => tracing::info!(seq, call.id = %e.call_id, number = masked(&e.number), "dialling"),
        Event::CallConnected(e) => tracing::info!(seq, call.id = %e.call_id, "connected"),
        Event::CallUpdated(e) => tracing::info!(seq, call.id = %e.call_id, muted = e.muted, held = e.held, "updated"),
        Event::CallEnded(e) => {
            tracing::info!(seq, call.id = %e.call_id, duration = e.duration, reason = ?e.reason, "ended");
        }
        Event::StatusChange(e) => tracing::info!(seq, status = ?e.status, "the operator's status"),
        Event::PhoneChange(e) => tracing::info!(seq, status = ?e.status, "the softphone"),
        Event::Snapshot(_) | Event::Heartbeat {} | Event::TabRole(_) | Event::Unknown(_) => {}
    }
}
