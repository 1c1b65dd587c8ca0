//! The state that every tab shows.

use serde::{Deserialize, Serialize};

use crate::Call;
use crate::wire::ShapeError;
use crate::wire::fields::{Fields, Read, Value};
use crate::wire::json::{Json, Write};

/// Everything a tab knows (camelCase on the wire); the payload of `SYNC_STATE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GlobalState {
    /// Of the worker with the backend.
    pub connection_status: ConnectionStatus,
    /// Of the backend with the softphone.
    pub phone_status: PhoneStatus,
    /// What the operator has set.
    pub operator_status: OperatorStatus,
    /// The call that the controls are about.
    pub active_call: Option<Call>,
    /// Further calls, in the order in which they would become the active one.
    pub other_calls: Vec<Call>,
    /// What the engine can do; nothing else may be offered.
    pub capabilities: Capabilities,
    /// Number of the last backend event in this state.
    pub seq: u64,
}

impl GlobalState {
    /// All calls, the active one first.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.active_call.iter().chain(&self.other_calls)
    }
}

/// The worker's connection with the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Events come.
    Connected,
    /// Lost; trying again; commands are refused meanwhile.
    Reconnecting,
    /// Never yet connected.
    Disconnected,
}

impl ConnectionStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Connected, Self::Reconnecting, Self::Disconnected];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
            Self::Disconnected => "disconnected",
        }
    }
}

/// Whether the softphone can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneStatus {
    /// It runs and takes commands.
    Available,
    /// It does not run or does not answer.
    Unavailable,
}

impl PhoneStatus {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Available, Self::Unavailable];

    pub(crate) fn read_field<V: Value>(of: &mut Fields<V>, name: &str) -> Self {
        of.one_of(name, &Self::ALL, Self::as_str)
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The operator's own status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorStatus {
    /// Takes calls.
    Ready,
    /// At lunch.
    Lunch,
    /// Do not disturb.
    Dnd,
    /// Not at work.
    #[default]
    Offline,
}

impl OperatorStatus {
    /// Every status, in the order in which an operator is offered them.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Lunch, Self::Dnd, Self::Offline];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Lunch => "lunch",
            Self::Dnd => "dnd",
            Self::Offline => "offline",
        }
    }

    pub(crate) fn read_field<V: Value>(of: &mut Fields<V>, name: &str) -> Self {
        of.one_of(name, &Self::ALL, Self::as_str)
    }
}

/// One thing an engine can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Capability {
    /// Begin a call.
    Dial,
    /// Answer a ringing call.
    Answer,
    /// Refuse a ringing call.
    Reject,
    /// End a call.
    Hangup,
    /// Park a call and take it back.
    Hold,
    /// Switch the microphone off and on.
    Mute,
    /// Send DTMF digits.
    Dtmf,
    /// Blind transfer: hand the call to a number.
    Transfer,
    /// Attended transfer: join the other parties of two calls.
    AttendedTransfer,
    /// Start a softphone that does not run, with a dial.
    Start,
}

impl Capability {
    /// Every capability, in the order of the contract, and what it does not know after that.
    pub const ALL: [Self; 10] = [
        Self::Dial,
        Self::Answer,
        Self::Reject,
        Self::Hangup,
        Self::Hold,
        Self::Mute,
        Self::Dtmf,
        Self::Transfer,
        Self::AttendedTransfer,
        Self::Start,
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::Answer => "answer",
            Self::Reject => "reject",
            Self::Hangup => "hangup",
            Self::Hold => "hold",
            Self::Mute => "mute",
            Self::Dtmf => "dtmf",
            Self::Transfer => "transfer",
            Self::AttendedTransfer => "attendedTransfer",
            Self::Start => "start",
        }
    }
}

/// The set of an engine's capabilities, on the wire a list of names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<CapabilityName>", into = "Vec<Capability>")]
pub struct Capabilities(Vec<Capability>);

/// A name from the wire; one that this build does not know is no reason to lose the rest.
#[derive(Deserialize)]
#[serde(untagged)]
enum CapabilityName {
    Known(Capability),
    Unknown(#[allow(dead_code)] String),
}

/// Of the field that holds them, on every wire.
const NAME: &str = "capabilities";

impl Capabilities {
    /// The set of these capabilities.
    pub fn new(of: impl IntoIterator<Item = Capability>) -> Self {
        let of: Vec<_> = of.into_iter().collect();
        // No sort: its code would outweigh everything else about capabilities.
        Self(Capability::ALL.into_iter().filter(|capability| of.contains(capability)).collect())
    }

    /// Names that this build does not know are no reason to lose the rest.
    pub(crate) fn read_field<V: Value>(of: &mut Fields<V>) -> Self {
        let names: Option<Vec<String>> = of.items(NAME).iter().map(Value::text).collect();
        let names = names.unwrap_or_else(|| {
            of.wrong(NAME, "must be a list of strings");
            Vec::new()
        });
        let is_named = |capability: &Capability| names.iter().any(|name| name == capability.as_str());
        Self(Capability::ALL.into_iter().filter(is_named).collect())
    }

    /// Whether the engine can do it.
    pub fn has(&self, capability: Capability) -> bool {
        self.0.contains(&capability)
    }

    /// All of them, in the order of the contract.
    pub fn iter(&self) -> impl Iterator<Item = Capability> {
        self.0.iter().copied()
    }
}

impl From<Vec<CapabilityName>> for Capabilities {
    fn from(names: Vec<CapabilityName>) -> Self {
        Self::new(names.into_iter().filter_map(|name| match name {
            CapabilityName::Known(capability) => Some(capability),
            CapabilityName::Unknown(_) => None,
        }))
    }
}

impl From<Capabilities> for Vec<Capability> {
    fn from(set: Capabilities) -> Self {
        set.0
    }
}

impl Read for GlobalState {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self {
            connection_status: of.one_of("connectionStatus", &ConnectionStatus::ALL, ConnectionStatus::as_str),
            phone_status: PhoneStatus::read_field(of, "phoneStatus"),
            operator_status: OperatorStatus::read_field(of, "operatorStatus"),
            active_call: of.maybe_object("activeCall"),
            other_calls: of.objects("otherCalls"),
            capabilities: Capabilities::read_field(of),
            seq: of.number("seq"),
        })
    }
}

impl Write for GlobalState {
    fn write(&self, to: &mut Json) {
        to.text("connectionStatus", self.connection_status.as_str());
        to.text("phoneStatus", self.phone_status.as_str());
        to.text("operatorStatus", self.operator_status.as_str());
        match &self.active_call {
            Some(call) => to.object("activeCall", call),
            None => to.verbatim("activeCall", "null"),
        }
        to.begin_list("otherCalls");
        self.other_calls.iter().for_each(|call| to.item(call));
        to.end_list();
        to.begin_list(NAME);
        self.capabilities.iter().for_each(|capability| to.text_item(capability.as_str()));
        to.end_list();
        to.number("seq", self.seq);
    }
}
