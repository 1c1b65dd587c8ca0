//! What the backend tells over SSE: the `event:` name says which, the `data:` is the body in snake_case JSON.

use serde::{Deserialize, Deserializer, Serialize};

use super::fields::{Fields, Read, Value, object};
use super::port::TabRole;
use super::{ShapeError, read};
use crate::{Call, CallId, CallState, Capabilities, Direction, EndReason, OperatorStatus, PhoneStatus, UnixSeconds};

/// One event. Serializes as its data alone; [`Event::name`] gives the name beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// The whole state, instead of the events that led to it.
    Snapshot(Snapshot),
    /// The operator's status changed.
    StatusChange(StatusChange),
    /// The softphone came or went.
    PhoneChange(PhoneChange),
    /// The operator dialled.
    CallDialing(CallDialing),
    /// A call rings.
    CallIncoming(CallIncoming),
    /// A call was answered, here or there.
    CallConnected(CallConnected),
    /// A call was muted, held, or the reverse.
    CallUpdated(CallUpdated),
    /// A call is over.
    CallEnded(CallEnded),
    /// The stream lives. Has no `id`.
    Heartbeat {},
    /// What this worker's tabs may do, of all workers of the browser. Has no `id`, and is no part of the state.
    TabRole(TabRole),
    /// An event of a newer backend, by its name; its data is for those who know it.
    #[serde(skip)]
    Unknown(String),
}

/// Data of `snapshot`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What the operator has set.
    pub operator_status: OperatorStatus,
    /// Whether the softphone can be reached.
    pub phone_status: PhoneStatus,
    /// The call that commands without an id are about.
    pub active_call: Option<SnapshotCall>,
    /// Further calls.
    pub other_calls: Vec<SnapshotCall>,
    /// What the engine can do.
    pub capabilities: Capabilities,
    /// Content hash of the served widget and worker.
    pub bundle: String,
}

/// A call within a snapshot; the snake_case twin of [`Call`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotCall {
    /// See [`Call::id`].
    pub call_id: CallId,
    /// See [`Call::state`].
    pub state: CallState,
    /// See [`Call::direction`].
    pub direction: Direction,
    /// See [`Call::phone_number`].
    pub number: String,
    /// See [`Call::display_name`].
    pub display_name: Option<String>,
    /// See [`Call::start_time`].
    pub start_time: Option<UnixSeconds>,
    /// See [`Call::muted`].
    pub muted: bool,
    /// See [`Call::held`].
    pub held: bool,
}

/// Data of `status_change`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// The new status.
    pub status: OperatorStatus,
}

/// Data of `phone_change`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneChange {
    /// The new status.
    pub status: PhoneStatus,
}

/// Data of `call_dialing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDialing {
    /// The new call.
    pub call_id: CallId,
    /// What was dialled.
    pub number: String,
}

/// Data of `call_incoming`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallIncoming {
    /// The new call.
    pub call_id: CallId,
    /// The caller's number; chosen by the caller.
    pub number: String,
    /// The caller's name, where one is known.
    #[serde(default)]
    pub display_name: Option<String>,
}

/// Data of `call_connected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallConnected {
    /// Which call.
    pub call_id: CallId,
    /// Since when.
    pub start_time: UnixSeconds,
}

/// Data of `call_updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallUpdated {
    /// Which call.
    pub call_id: CallId,
    /// Our microphone is off.
    pub muted: bool,
    /// The call is parked.
    pub held: bool,
}

/// Data of `call_ended`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallEnded {
    /// Which call; it never comes back.
    pub call_id: CallId,
    /// Seconds that it was connected, 0 if never.
    pub duration: u64,
    /// Why.
    pub reason: EndReason,
}

impl Event {
    /// The names that a listener must ask for (EventSource delivers named events only to who asked for the name).
    pub const NAMES: [&str; 10] = [
        "snapshot",
        "status_change",
        "phone_change",
        "call_dialing",
        "call_incoming",
        "call_connected",
        "call_updated",
        "call_ended",
        "heartbeat",
        "tab_role",
    ];

    /// The `event:` field.
    pub fn name(&self) -> &str {
        match self {
            Self::Snapshot(_) => "snapshot",
            Self::StatusChange(_) => "status_change",
            Self::PhoneChange(_) => "phone_change",
            Self::CallDialing(_) => "call_dialing",
            Self::CallIncoming(_) => "call_incoming",
            Self::CallConnected(_) => "call_connected",
            Self::CallUpdated(_) => "call_updated",
            Self::CallEnded(_) => "call_ended",
            Self::Heartbeat {} => "heartbeat",
            Self::TabRole(_) => "tab_role",
            Self::Unknown(name) => name,
        }
    }

    /// Reads an event from its name and its data, in whatever format `data` is.
    ///
    /// # Errors
    /// The data of a known event has not its shape. An unknown name is no error.
    pub fn from_wire<'de, D: Deserializer<'de>>(name: &str, data: D) -> Result<Self, ShapeError> {
        Ok(match name {
            "snapshot" => Self::Snapshot(read(data)?),
            "status_change" => Self::StatusChange(read(data)?),
            "phone_change" => Self::PhoneChange(read(data)?),
            "call_dialing" => Self::CallDialing(read(data)?),
            "call_incoming" => Self::CallIncoming(read(data)?),
            "call_connected" => Self::CallConnected(read(data)?),
            "call_updated" => Self::CallUpdated(read(data)?),
            "call_ended" => Self::CallEnded(read(data)?),
            "heartbeat" => Self::Heartbeat {},
            "tab_role" => Self::TabRole(read(data)?),
            other => Self::Unknown(other.to_owned()),
        })
    }

    /// The same by [`Value`]s, as the wasm does it.
    ///
    /// # Errors
    /// The data of a known event has not its shape. An unknown name is no error.
    pub fn read(name: &str, data: &impl Value) -> Result<Self, ShapeError> {
        Ok(match name {
            "snapshot" => Self::Snapshot(object(data)?),
            "status_change" => Self::StatusChange(object(data)?),
            "phone_change" => Self::PhoneChange(object(data)?),
            "call_dialing" => Self::CallDialing(object(data)?),
            "call_incoming" => Self::CallIncoming(object(data)?),
            "call_connected" => Self::CallConnected(object(data)?),
            "call_updated" => Self::CallUpdated(object(data)?),
            "call_ended" => Self::CallEnded(object(data)?),
            "heartbeat" => Self::Heartbeat {},
            "tab_role" => Self::TabRole(object(data)?),
            other => Self::Unknown(other.to_owned()),
        })
    }
}

impl From<SnapshotCall> for Call {
    fn from(call: SnapshotCall) -> Self {
        Self {
            id: call.call_id,
            state: call.state,
            direction: call.direction,
            phone_number: call.number,
            display_name: call.display_name,
            start_time: call.start_time,
            muted: call.muted,
            held: call.held,
        }
    }
}

impl From<Call> for SnapshotCall {
    fn from(call: Call) -> Self {
        Self {
            call_id: call.id,
            state: call.state,
            direction: call.direction,
            number: call.phone_number,
            display_name: call.display_name,
            start_time: call.start_time,
            muted: call.muted,
            held: call.held,
        }
    }
}

fn call_id<V: Value>(of: &mut Fields<V>) -> CallId {
    CallId::new(of.text("call_id"))
}

impl Read for Snapshot {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self {
            operator_status: OperatorStatus::read_field(of, "operator_status"),
            phone_status: PhoneStatus::read_field(of, "phone_status"),
            active_call: of.maybe_object("active_call"),
            other_calls: of.objects("other_calls"),
            capabilities: Capabilities::read_field(of),
            bundle: of.text("bundle"),
        })
    }
}

impl Read for SnapshotCall {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Call::read_as(of, &["call_id", "number", "display_name", "start_time"]).into())
    }
}

impl Read for StatusChange {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { status: OperatorStatus::read_field(of, "status") })
    }
}

impl Read for PhoneChange {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { status: PhoneStatus::read_field(of, "status") })
    }
}

impl Read for CallDialing {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { call_id: call_id(of), number: of.text("number") })
    }
}

impl Read for CallIncoming {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        let display_name = of.maybe_text("display_name");
        Ok(Self { call_id: call_id(of), number: of.text("number"), display_name })
    }
}

impl Read for CallConnected {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { call_id: call_id(of), start_time: of.number("start_time") })
    }
}

impl Read for CallUpdated {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { call_id: call_id(of), muted: of.flag("muted"), held: of.flag("held") })
    }
}

impl Read for CallEnded {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        let reason = EndReason::of(&of.text("reason"));
        Ok(Self { call_id: call_id(of), duration: of.number("duration"), reason })
    }
}
