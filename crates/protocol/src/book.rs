//! The call book and its reducer: the one place where an event changes state, on both sides of the wire.

use crate::order::sort_by_rank;
use crate::wire::event::{CallConnected, CallUpdated, Event, Snapshot};
use crate::{Call, CallId, CallState, Capabilities, ConnectionStatus, GlobalState, OperatorStatus, PhoneStatus};

/// What one operator's phone is up to. Backend and worker each keep one and feed it the same events.
///
/// Every time that matters is in the events, so the reducer needs no clock, not even as an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// What the operator has set.
    pub operator_status: OperatorStatus,
    /// Whether the softphone can be reached.
    pub phone_status: PhoneStatus,
    /// What the engine can do.
    pub capabilities: Capabilities,
    /// Sorted by attention, stably: the first is the active call. So a snapshot's order is the whole truth, and a book
    /// that was read from one goes on like the book that wrote it.
    calls: Vec<Call>,
}

impl Book {
    /// A book without calls.
    pub fn new(operator_status: OperatorStatus, phone_status: PhoneStatus, capabilities: Capabilities) -> Self {
        Self { operator_status, phone_status, capabilities, calls: Vec::new() }
    }

    /// All calls, the active one first.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The call that commands without an id are about.
    pub fn active(&self) -> Option<&Call> {
        self.calls.first()
    }

    /// The call of this id, unless it has ended or never was.
    pub fn call(&self, id: &CallId) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == *id)
    }

    /// Takes one event in. An event about a call that is not in the book changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Snapshot(snapshot) => *self = Self::from_snapshot(snapshot),
            Event::StatusChange(change) => self.operator_status = change.status,
            Event::PhoneChange(change) => self.phone_status = change.status,
            Event::CallIncoming(e) => {
                self.begin(Call::incoming(e.call_id.clone(), e.number.clone(), e.display_name.clone()));
            }
            Event::CallDialing(e) => self.begin(Call::dialing(e.call_id.clone(), e.number.clone())),
            Event::CallConnected(e) => self.connect(e),
            Event::CallUpdated(e) => self.update(e),
            Event::CallEnded(e) => self.calls.retain(|call| call.id != e.call_id),
            Event::Heartbeat {} | Event::TabRole(_) | Event::Unknown(_) => {}
        }
        sort_by_rank(&mut self.calls, Call::rank);
    }

    fn begin(&mut self, call: Call) {
        if self.call(&call.id).is_none() {
            self.calls.push(call);
        }
    }

    fn connect(&mut self, event: &CallConnected) {
        let Some(call) = self.calls.iter_mut().find(|call| call.id == event.call_id) else { return };
        if call.state == CallState::Talking {
            return; // a second connect must not restart the timer
        }
        call.state = CallState::Talking;
        call.start_time = Some(event.start_time);
        self.park_others(&event.call_id);
    }

    fn update(&mut self, event: &CallUpdated) {
        let Some(call) = self.calls.iter_mut().find(|call| call.id == event.call_id) else { return };
        call.muted = event.muted;
        call.held = event.held && call.state == CallState::Talking;
        if call.is_live() {
            self.park_others(&event.call_id);
        }
    }

    /// Keeps the promise of one live call at most, whatever order the events come in.
    fn park_others(&mut self, live: &CallId) {
        for call in self.calls.iter_mut().filter(|call| call.id != *live && call.is_live()) {
            call.held = true;
        }
    }

    /// The book that a snapshot describes. One that describes what can't be is put right: no call twice, one live at most.
    pub fn from_snapshot(snapshot: &Snapshot) -> Self {
        let mut calls: Vec<Call> = Vec::new();
        for call in snapshot.active_call.iter().chain(&snapshot.other_calls).cloned().map(Call::from) {
            if calls.iter().all(|known| known.id != call.id) {
                let parked = call.is_live() && calls.iter().any(Call::is_live);
                calls.push(Call { held: call.held || parked, ..call }.possible());
            }
        }
        sort_by_rank(&mut calls, Call::rank);
        Self {
            operator_status: snapshot.operator_status,
            phone_status: snapshot.phone_status,
            capabilities: snapshot.capabilities.clone(),
            calls,
        }
    }

    /// The snapshot that describes this book. `bundle` is the content hash of the served widget and worker.
    pub fn to_snapshot(&self, bundle: &str) -> Snapshot {
        let mut calls = self.calls.iter().cloned().map(Into::into);
        Snapshot {
            operator_status: self.operator_status,
            phone_status: self.phone_status,
            active_call: calls.next(),
            other_calls: calls.collect(),
            capabilities: self.capabilities.clone(),
            bundle: bundle.to_owned(),
        }
    }

    /// What tabs are shown of it.
    pub fn to_state(&self, connection_status: ConnectionStatus, seq: u64) -> GlobalState {
        let mut calls = self.calls.iter().cloned();
        GlobalState {
            connection_status,
            phone_status: self.phone_status,
            operator_status: self.operator_status,
            active_call: calls.next(),
            other_calls: calls.collect(),
            capabilities: self.capabilities.clone(),
            seq,
        }
    }
}
