//! What a desk's lock protects, and the rules that turn an engine's event into the journal's.

use std::collections::{HashMap, VecDeque};

use protocol::wire::event::{
    CallConnected, CallDialing, CallEnded, CallIncoming, CallUpdated, Event, PhoneChange, SnapshotCall, StatusChange,
};
use protocol::{
    Book, Call, CallId, CallState, Direction, EndReason, OperatorStatus, PhoneNumber, PhoneStatus, UnixSeconds,
};
use tokio::time::Instant;

use super::events::Effect;
use crate::engine::{EngineEvent, Told};
use crate::history::PastCall;
use crate::journal::Journal;
use crate::store::{OpenCall, OpenCalls};

/// How many ended calls are remembered, so that a late event can't bring one back.
const REMEMBERED: usize = 64;
/// Longest caller number or name, in characters.
const MAX_CALLER_CHARS: usize = 128;

pub(super) struct Inner {
    pub(super) book: Book,
    pub(super) journal: Journal,
    /// Dials on their way to the softphone, and their numbers: each counts as a call.
    pub(super) dialing: HashMap<CallId, PhoneNumber>,
    /// Calls that the softphone was told to answer, and when.
    pub(super) answering: HashMap<CallId, Instant>,
    /// Calls that the softphone was told to end, and when.
    pub(super) ending: HashMap<CallId, Instant>,
    /// When each call of the book began.
    begun: HashMap<CallId, UnixSeconds>,
    /// How long calls were connected that are about to end, where the softphone has counted.
    lasted: HashMap<CallId, u64>,
    ended: VecDeque<CallId>,
    /// What the engine wants to find again after a restart.
    memo: serde_json::Value,
    /// The calls and the memo are written as they are.
    pub(super) is_kept: bool,
}

impl Inner {
    pub(super) fn new(book: Book, journal: Journal) -> Self {
        Self {
            book,
            journal,
            dialing: HashMap::new(),
            answering: HashMap::new(),
            ending: HashMap::new(),
            begun: HashMap::new(),
            lasted: HashMap::new(),
            ended: VecDeque::new(),
            memo: serde_json::Value::Null,
            is_kept: false,
        }
    }

    /// Puts calls into the book that were up in an earlier life; nobody is told, for nobody listens yet.
    pub(super) fn restore(&mut self, open: OpenCalls) {
        self.memo = open.memo;
        for OpenCall { call, begin_time } in &open.calls {
            let (call_id, number) = (call.call_id.clone(), call.number.clone());
            self.begun.insert(call_id.clone(), *begin_time);
            self.book.apply(&match call.direction {
                Direction::In => {
                    let display_name = call.display_name.clone();
                    Event::CallIncoming(CallIncoming { call_id: call_id.clone(), number, display_name })
                }
                Direction::Out => Event::CallDialing(CallDialing { call_id: call_id.clone(), number }),
            });
            if let (CallState::Talking, Some(start_time)) = (call.state, call.start_time) {
                self.book.apply(&Event::CallConnected(CallConnected { call_id, start_time }));
            }
        }
        // Only now, for each connection has parked those before it.
        for OpenCall { call, .. } in open.calls {
            let SnapshotCall { call_id, muted, held, .. } = call;
            self.book.apply(&Event::CallUpdated(CallUpdated { call_id, muted, held }));
        }
    }

    /// The calls that are up, for the next life. When they were alive is for the writer to say.
    pub(super) fn open_calls(&self, engine: &str) -> OpenCalls {
        let begin_time = |call: &Call| self.begun.get(&call.id).copied().unwrap_or_default();
        let kept = |call: &Call| OpenCall { begin_time: begin_time(call), call: call.clone().into() };
        OpenCalls {
            engine: engine.to_owned(),
            alive_at: 0,
            calls: self.book.calls().iter().map(kept).collect(),
            memo: self.memo.clone(),
            ..OpenCalls::default()
        }
    }

    pub(super) fn set_operator_status(&mut self, status: OperatorStatus, effects: &mut Vec<Effect>) {
        if self.book.operator_status != status {
            self.tell(Event::StatusChange(StatusChange { status }), effects);
        }
    }

    /// Takes one event in; an event about a call that is not here, or that changes nothing, is passed over.
    pub(super) fn take_in(&mut self, event: EngineEvent, now: UnixSeconds, effects: &mut Vec<Effect>) {
        match event {
            EngineEvent::Phone(status) => self.phone(status, now, effects),
            EngineEvent::Incoming { call, number, display_name } => {
                if self.begin(&call, now) {
                    let display_name = display_name.map(|name| shown(&name)).filter(|name| !name.is_empty());
                    let number = shown(&number);
                    self.tell(Event::CallIncoming(CallIncoming { call_id: call, number, display_name }), effects);
                }
            }
            EngineEvent::Dialing { call, number } => {
                self.dialing.remove(&call);
                if self.begin(&call, now) {
                    let number = shown(&number);
                    self.tell(Event::CallDialing(CallDialing { call_id: call, number }), effects);
                }
            }
            EngineEvent::Connected(call) => self.connected(call, now, effects),
            EngineEvent::Updated { call, muted, held } => self.updated(&call, muted, held, effects),
            EngineEvent::Lasted { call, seconds } => {
                if self.known(&call).is_some() {
                    self.lasted.insert(call, seconds);
                }
            }
            EngineEvent::Ended { call, reason } => {
                // A dial that was over before the engine spoke of it has been a call all the same.
                if let Some(number) = self.dialing.remove(&call) {
                    let number = number.into();
                    self.take_in(EngineEvent::Dialing { call: call.clone(), number }, now, effects);
                }
                self.end(&call, reason, now, effects);
            }
            EngineEvent::Remember(memo) => {
                self.is_kept = false;
                self.memo = memo;
            }
            EngineEvent::Together(events) => {
                for event in events {
                    self.take_in(event, now, effects);
                }
            }
            EngineEvent::Late(told) => {
                for Told { at, event } in told {
                    self.take_in(event, at.min(now), effects);
                }
            }
            EngineEvent::Receipt(receipt) => effects.push(Effect::Receipt(receipt)),
        }
    }

    /// Ends a call of the book.
    pub(super) fn end(&mut self, id: &CallId, reason: EndReason, now: UnixSeconds, effects: &mut Vec<Effect>) {
        self.dialing.remove(id);
        self.answering.remove(id);
        self.ending.remove(id);
        let Some(call) = self.known(id).cloned() else { return };
        let reason = if reason == EndReason::Unknown { EndReason::Failed } else { reason };
        let lasted = self.lasted.remove(id);
        let duration = lasted.unwrap_or_else(|| call.start_time.map_or(0, |start| now.saturating_sub(start)));
        self.tell(Event::CallEnded(CallEnded { call_id: id.clone(), duration, reason }), effects);
        if self.ended.len() == REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back(id.clone());
        effects.push(Effect::Ended(PastCall {
            begin_time: self.begun.remove(id).unwrap_or(now),
            call_id: call.id,
            direction: call.direction,
            number: call.phone_number,
            display_name: call.display_name,
            start_time: call.start_time,
            end_time: now,
            duration,
            reason,
        }));
    }

    /// Ends every call of the book.
    pub(super) fn end_all(&mut self, reason: EndReason, now: UnixSeconds, effects: &mut Vec<Effect>) {
        let calls: Vec<CallId> = self.book.calls().iter().map(|call| call.id.clone()).collect();
        for id in calls {
            self.end(&id, reason, now, effects);
        }
    }

    fn phone(&mut self, status: PhoneStatus, now: UnixSeconds, effects: &mut Vec<Effect>) {
        if status == PhoneStatus::Unavailable {
            // Even if it was away before: an engine may have spoken of a call before it found its phone.
            self.end_all(EndReason::Failed, now, effects);
        }
        if self.book.phone_status == status {
            return;
        }
        self.tell(Event::PhoneChange(PhoneChange { status }), effects);
    }

    /// Whether a call of this id may begin, and notes when it did.
    fn begin(&mut self, id: &CallId, now: UnixSeconds) -> bool {
        if self.book.call(id).is_some() || self.ended.contains(id) {
            tracing::debug!(call.id = %id, "an engine began a call a second time: passed over");
            return false;
        }
        self.begun.insert(id.clone(), now);
        true
    }

    fn connected(&mut self, id: CallId, now: UnixSeconds, effects: &mut Vec<Effect>) {
        self.answering.remove(&id);
        if self.known(&id).is_some_and(|call| call.state != CallState::Talking) {
            self.park_live(&id, effects);
            self.tell(Event::CallConnected(CallConnected { call_id: id, start_time: now }), effects);
        }
    }

    fn updated(&mut self, id: &CallId, muted: Option<bool>, held: Option<bool>, effects: &mut Vec<Effect>) {
        let Some(call) = self.known(id).cloned() else { return };
        let muted = muted.unwrap_or(call.muted);
        let held = held.unwrap_or(call.held) && call.state == CallState::Talking;
        if (muted, held) == (call.muted, call.held) {
            return;
        }
        if call.state == CallState::Talking && !held {
            self.park_live(id, effects);
        }
        self.tell(Event::CallUpdated(CallUpdated { call_id: id.clone(), muted, held }), effects);
    }

    /// Holds whatever other call is live, so that the one of this id can be.
    fn park_live(&mut self, id: &CallId, effects: &mut Vec<Effect>) {
        let live = self.book.calls().iter().find(|call| call.is_live() && call.id != *id);
        if let Some(call) = live {
            let event = CallUpdated { call_id: call.id.clone(), muted: call.muted, held: true };
            self.tell(Event::CallUpdated(event), effects);
        }
    }

    fn known(&self, id: &CallId) -> Option<&Call> {
        let call = self.book.call(id);
        if call.is_none() {
            tracing::debug!(call.id = %id, "an engine spoke of a call that is not here: passed over");
        }
        call
    }

    fn tell(&mut self, event: Event, effects: &mut Vec<Effect>) {
        self.book.apply(&event);
        self.is_kept &= matches!(event, Event::StatusChange(_) | Event::PhoneChange(_));
        let seq = self.journal.append(&event);
        effects.push(Effect::Told { seq, event });
    }
}

/// What a caller sent, fit to be shown: no control or text direction characters, and not too long.
fn shown(text: &str) -> String {
    let harmless = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let text: String = text.chars().filter(harmless).take(MAX_CALLER_CHARS).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn callers_can_not_smuggle_characters_in() {
        assert_eq!(shown(" 1\u{0}2\r\n3\u{202e}4 "), "1234");
        assert_eq!(shown("Ольга \"O'Neil\" <b>"), "Ольга \"O'Neil\" <b>");
        assert_eq!(shown(&"9".repeat(500)).len(), 128);
    }
}
