//! One call as the engine remembers it.

use std::time::{Duration, Instant};

use protocol::wire::event::SnapshotCall;
use protocol::{CallId, CallState, Direction, EndReason};

use super::super::hook_event::HookEvent;
use super::super::number::{Likeness, Number};
use super::Switch;

/// A transfer explains the end of its call for as long as the new party's phone may ring.
const TRANSFER_RINGS: Duration = Duration::from_secs(120);

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Ringing,
    Dialing,
    Talking,
}

/// A call that is up.
#[derive(Clone, Debug)]
pub(super) struct Tracked {
    pub(super) id: CallId,
    pub(super) direction: Direction,
    pub(super) stage: Stage,
    /// As hooks name it.
    pub(super) number: Number,
    /// As it was dialled here.
    pub(super) dialled: Option<Number>,
    /// As tabs show it.
    pub(super) shown: String,
    pub(super) begun: Instant,
    pub(super) connected: Option<Instant>,
    /// It is connected by its Answer hook; its Start hook is still to come.
    pub(super) start_owed: bool,
    pub(super) hold: Switch,
    /// The operator has ended it; from this time on it is over even without a hook.
    pub(super) leaving: Option<Instant>,
    pub(super) transferred: Option<Instant>,
}

impl Tracked {
    pub(super) fn new(id: CallId, stage: Stage, number: Number, shown: String, now: Instant) -> Self {
        Self {
            id,
            direction: if stage == Stage::Ringing { Direction::In } else { Direction::Out },
            stage,
            number,
            dialled: None,
            shown,
            begun: now,
            connected: None,
            start_owed: false,
            hold: Switch::default(),
            leaving: None,
            transferred: None,
        }
    }

    /// A call that was up in an earlier life of the backend.
    pub(super) fn restored(call: &SnapshotCall, begun: Instant, connected: Option<Instant>) -> Self {
        let stage = match call.state {
            CallState::Incoming => Stage::Ringing,
            CallState::Dialing => Stage::Dialing,
            CallState::Talking => Stage::Talking,
        };
        let number = Number::new(&call.number);
        Self {
            direction: call.direction,
            dialled: Some(number.clone()).filter(|_| call.direction == Direction::Out),
            connected,
            hold: Switch { is: call.held, will_be: call.held },
            ..Self::new(call.call_id.clone(), stage, number, call.number.clone(), begun)
        }
    }

    pub(super) fn likeness(&self, number: &Number) -> Likeness {
        let dialled = self.dialled.as_ref().map_or(Likeness::None, |dialled| dialled.likeness(number));
        self.number.likeness(number).max(dialled)
    }

    /// Why it ended, if this hook says that it did.
    pub(super) fn reason(&self, hook: HookEvent, now: Instant) -> EndReason {
        let busy = hook == HookEvent::Busy;
        let left = self.leaving.is_some();
        match self.stage {
            Stage::Dialing if busy => EndReason::Busy,
            Stage::Dialing if left => EndReason::Hangup,
            Stage::Dialing => EndReason::Failed,
            Stage::Ringing if busy || left => EndReason::Rejected,
            Stage::Ringing => EndReason::Missed,
            Stage::Talking if left => EndReason::Hangup,
            Stage::Talking if self.transferred.is_some_and(|at| now < at + TRANSFER_RINGS) => EndReason::Transferred,
            Stage::Talking => EndReason::Hangup,
        }
    }
}
