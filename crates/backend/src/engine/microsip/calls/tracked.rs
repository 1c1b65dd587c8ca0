//! One call as the engine remembers it.

use std::time::{Duration, Instant};

use protocol::wire::event::SnapshotCall;
use protocol::{CallId, CallState, Direction, EndReason};

use super::super::hook_event::HookEvent;
use super::super::number::{Likeness, Number};
use super::super::records::{Kind, Record, Told};
use super::Switch;

/// A transfer explains the end of its call for as long as the new party's phone may ring.
const TRANSFER_RINGS: Duration = Duration::from_secs(120);

/// By so much hooks and MicroSIP's own count may differ, in seconds.
const EXACT: u64 = 1;

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

    /// What MicroSIP's list says of this call, which ended with this number: the newest that can be about it.
    pub(super) fn record<'a>(&self, number: &Number, records: &'a [Told], now: Instant) -> Option<&'a Record> {
        let direction = |kind| if kind == Kind::Out { Direction::Out } else { Direction::In };
        let is_it = |told: &&Told| {
            let record = &told.record;
            let likeness = record.number.likeness(number).max(self.likeness(&record.number));
            likeness >= Likeness::Digits && direction(record.kind) == self.direction && told.fits(self.begun, now)
        };
        let newest = records.iter().filter(is_it).max_by_key(|told| (told.at, told.record.key));
        newest.map(|told| &told.record)
    }

    /// Why it ended, if hooks say this and the list that: a call is answered elsewhere without a hook's word, and one whose
    /// first hooks were lost was connected all the same.
    pub(super) fn reason_by(&self, record: &Record, hooks_say: EndReason) -> EndReason {
        match (self.stage, record.kind) {
            (Stage::Ringing, Kind::Elsewhere) => EndReason::AnsweredElsewhere,
            (Stage::Ringing, Kind::In) | (Stage::Dialing, Kind::Out) if record.seconds > 0 => EndReason::Hangup,
            _ => hooks_say,
        }
    }

    /// How long it was connected, where that is not what hooks tell.
    pub(super) fn lasted_by(&self, record: &Record, now: Instant) -> Option<u64> {
        let by_hooks = self.connected.map_or(0, |connected| now.saturating_duration_since(connected).as_secs());
        // MicroSIP writes 0 where it does not know.
        (record.seconds > 0 && record.seconds.abs_diff(by_hooks) > EXACT).then_some(record.seconds)
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
