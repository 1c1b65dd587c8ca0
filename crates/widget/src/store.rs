//! What the tab knows, fed by the port alone, and the slices of it that views read.

use protocol::{
    Call, CallId, CallState, Capabilities, Capability, ConnectionStatus, GlobalState, OperatorStatus, PhoneStatus, view,
};

use crate::reactive::{Memo, RwSignal};

/// The state and its memoized slices. A view that reads a slice runs again only when that slice changes.
#[derive(Clone, Copy)]
pub(crate) struct Store {
    state: RwSignal<GlobalState>,
    /// Of the worker with the backend.
    pub(crate) connection: Memo<ConnectionStatus>,
    /// Of the backend with the softphone.
    pub(crate) phone: Memo<PhoneStatus>,
    /// What the operator has set.
    pub(crate) operator: Memo<OperatorStatus>,
    /// What the engine can do.
    pub(crate) capabilities: Memo<Capabilities>,
    /// The first call that rings.
    pub(crate) ringing: Memo<Option<Call>>,
    /// The call whose controls are shown: dialled, talked in, or parked with none before it.
    pub(crate) current: Memo<Option<Call>>,
    /// The calls that have only a row.
    pub(crate) others: Memo<Vec<Call>>,
    /// What the body shows beneath a ringing call.
    pub(crate) screen: Memo<Screen>,
}

/// What the body of the panel is about.
#[derive(Clone, PartialEq)]
pub(crate) enum Screen {
    /// No call: the number and its keypad.
    Idle,
    /// A call that rings, and no other to show controls of.
    Ringing,
    /// The controls of this call.
    Call(CallId),
}

impl Store {
    /// A store that knows nothing yet.
    pub(crate) fn new() -> Self {
        let state = RwSignal::new(unknown());
        let ringing = Memo::new(move || state.with(|s| view::ringing(s).cloned()));
        let current = Memo::new(move || state.with(|s| current(s).cloned()));
        let screen = Memo::new(move || {
            match (current.with(|c| c.as_ref().map(|c| c.id.clone())), ringing.with(Option::is_some)) {
                (Some(id), _) => Screen::Call(id),
                (None, true) => Screen::Ringing,
                (None, false) => Screen::Idle,
            }
        });
        Self {
            state,
            connection: Memo::new(move || state.with(|s| s.connection_status)),
            phone: Memo::new(move || state.with(|s| s.phone_status)),
            operator: Memo::new(move || state.with(|s| s.operator_status)),
            capabilities: Memo::new(move || state.with(|s| s.capabilities.clone())),
            ringing,
            current,
            others: Memo::new(move || state.with(others)),
            screen,
        }
    }

    /// Takes a state in; the one writer.
    pub(crate) fn sync(self, state: GlobalState) {
        self.state.set(state);
    }

    /// The line to the worker broke: what is shown may be old, and nothing can be sent.
    pub(crate) fn line_lost(self) {
        self.state.update(|state| {
            if state.connection_status == ConnectionStatus::Connected {
                state.connection_status = ConnectionStatus::Reconnecting;
            }
        });
    }

    /// The whole state, for those who hand it on; not a view's business.
    pub(crate) fn snapshot(self) -> GlobalState {
        self.state.get_untracked()
    }

    /// Whether commands can be sent at all.
    pub(crate) fn connected(self) -> bool {
        self.connection.get() == ConnectionStatus::Connected
    }

    /// Whether the softphone would take a command.
    pub(crate) fn usable(self) -> bool {
        self.connected() && self.phone.get() == PhoneStatus::Available
    }

    /// Whether a dial would be taken, also by a softphone that it starts.
    pub(crate) fn dials(self) -> bool {
        self.usable() || self.connected() && self.can(Capability::Start)
    }

    /// Whether the engine can do it.
    pub(crate) fn can(self, what: Capability) -> bool {
        self.capabilities.with(|set| set.has(what))
    }

    /// A fact about the current call; `false` when there is none.
    pub(crate) fn current_is(self, fact: fn(&Call) -> bool) -> bool {
        self.current.with(|call| call.as_ref().is_some_and(fact))
    }
}

/// Before the worker's first word.
fn unknown() -> GlobalState {
    GlobalState {
        connection_status: ConnectionStatus::Disconnected,
        phone_status: PhoneStatus::Unavailable,
        operator_status: OperatorStatus::Offline,
        active_call: None,
        other_calls: Vec::new(),
        capabilities: Capabilities::default(),
        seq: 0,
    }
}

/// The call whose controls are shown.
pub(crate) fn current(state: &GlobalState) -> Option<&Call> {
    state.active_call.as_ref().filter(|call| call.state != CallState::Incoming)
}

fn others(state: &GlobalState) -> Vec<Call> {
    let shown = [current(state), view::ringing(state)].map(|call| call.map(|call| &call.id));
    state.calls().filter(|call| !shown.contains(&Some(&call.id))).cloned().collect()
}
