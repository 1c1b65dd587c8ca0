//! What an earlier life of the backend has left to its engine, and what the engine makes of it.

use std::collections::HashSet;

use protocol::{CallId, EndReason, UnixSeconds};

use super::EngineEvent;
use crate::store::OpenCalls;

/// What was when the backend ended, or was killed.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The calls that were up.
    pub open: OpenCalls,
    /// Calls that are in the history already.
    pub ended: HashSet<CallId>,
}

/// Something that happened before the desk was there to hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, in Unix seconds.
    pub at: UnixSeconds,
    /// What.
    pub event: EngineEvent,
}

impl Past {
    /// All calls ended with the backend: how, nobody knows.
    pub fn lost(&self) -> Vec<Told> {
        let ended =
            |call: &crate::store::OpenCall| EngineEvent::Ended { call: call.id().clone(), reason: EndReason::Failed };
        self.open.calls.iter().map(|call| Told { at: self.open.alive_at, event: ended(call) }).collect()
    }

    /// The same for an engine of this name, to which another's calls mean nothing; with what becomes of these.
    pub fn of(mut self, engine: &str) -> (Self, Vec<Told>) {
        if self.open.engine == engine {
            return (self, Vec::new());
        }
        let lost = self.lost();
        self.open = OpenCalls::default();
        (self, lost)
    }
}
