//! The way in: what happened, by the engine or by the operator, becomes events, metrics and history.

use std::time::Duration;

use protocol::wire::event::Event;
use protocol::{CallId, EndReason, OperatorStatus};

use super::Desk;
use super::inner::Inner;
use crate::engine::EngineEvent;
use crate::error::Error;
use crate::history::PastCall;
use crate::logging::masked;

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
}

impl Desk {
    /// Takes one event of the engine in.
    pub(super) fn take_in(&self, event: EngineEvent) {
        let now = self.clock.now();
        self.change(|inner, effects| inner.take_in(event, now, effects));
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

    /// Ends what is still up, for the history: the program ends and will not know what becomes of it, so it has failed.
    ///
    /// For when nobody listens any more: the softphone's call may well go on.
    pub fn close(&self) {
        let now = self.clock.now();
        self.change(|inner, effects| inner.end_all(EndReason::Failed, now, effects));
    }

    /// Sets the operator's status, and keeps it for the next start.
    ///
    /// # Errors
    /// [`Error::Internal`] where the program is ending.
    pub async fn set_operator_status(self: &std::sync::Arc<Self>, status: OperatorStatus) -> Result<(), Error> {
        self.change(|inner, effects| inner.set_operator_status(status, effects));
        let desk = self.clone();
        let saved = tokio::task::spawn_blocking(move || desk.store.save(|| desk.lock().book.operator_status));
        match saved.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the operator's status is set, but can't be kept for the next start");
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "keeping the operator's status failed");
                Err(Error::Internal)
            }
        }
    }

    /// Changes the book under the lock, and does what follows from it in the order of the changes.
    fn change(&self, change: impl FnOnce(&mut Inner, &mut Vec<Effect>)) {
        let mut effects = Vec::new();
        let mut inner = self.lock();
        change(&mut inner, &mut effects);
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
            }
        }
        drop(inner);
        // Only now: a log that nobody reads must not hold the phone up.
        for effect in effects {
            if let Effect::Told { seq, event } = effect {
                log(seq, &event);
            }
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
