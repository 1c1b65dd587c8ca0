//! Messages between a tab and the worker: `{ type, payload }`, structured-cloned.

use serde::{Deserialize, Deserializer, Serialize};

use super::command::Command;
use super::error::ErrorBody;
use super::{ShapeError, read};
use crate::{CallId, GlobalState};

/// `INIT_PORT`, the first message of a tab.
pub const INIT_PORT: &str = "INIT_PORT";

/// What a tab says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TabMessage {
    /// `INIT_PORT`: here is a tab.
    Init(Init),
    /// `CMD_*`: the operator wants something.
    Command {
        /// What.
        command: Command,
        /// How the answer shall name it.
        request: RequestTag,
    },
}

/// Payload of `INIT_PORT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Init {
    /// The version of these messages that the tab speaks; see [`crate::PROTOCOL_VERSION`].
    pub protocol: u32,
    /// Name of a Web Lock that the tab holds for as long as it lives, by which the worker learns of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
}

/// What any command may carry in its payload beside its own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestTag {
    /// The tab's own name for this command, echoed in what comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The tab wants an `ACCEPTED` when the phone has taken the command; else only failures are answered.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ack: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the form that serde calls
fn is_false(flag: &bool) -> bool {
    !flag
}

impl TabMessage {
    /// Reads a message from its type and payload, in whatever format `payload` is.
    ///
    /// # Errors
    /// The type is unknown, or a field is missing or impossible.
    pub fn from_wire<'de, D>(name: &str, payload: D, request: RequestTag) -> Result<Self, ShapeError>
    where
        D: Deserializer<'de>,
    {
        match name {
            INIT_PORT => read(payload).map(Self::Init),
            _ => Ok(Self::Command { command: Command::from_wire(name, payload)?, request }),
        }
    }
}

/// What the worker says. Serializes as its payload alone; [`WorkerMessage::name`] gives the type beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum WorkerMessage {
    /// `SYNC_STATE`: the whole state.
    SyncState(GlobalState),
    /// `SSE_EVENT`: the backend's event as it came, after the state that includes it.
    SseEvent(RawEvent),
    /// `ERROR`: a command failed.
    Error(CommandError),
    /// `ACCEPTED`: the phone took a command that asked for this answer.
    Accepted(Accepted),
}

/// Payload of `SSE_EVENT`. On the port `data` is an object; here it is its JSON text, which the shell parses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RawEvent {
    /// The event's name.
    pub event: String,
    /// The event's data, JSON text.
    pub data: String,
}

/// Payload of `ERROR`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandError {
    /// See [`ErrorBody::error`].
    pub error: String,
    /// See [`ErrorBody::message`].
    pub message: String,
    /// The tab's own name for the command, if it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl CommandError {
    /// This failure, of the command that the tab calls so.
    pub fn new(ErrorBody { error, message }: ErrorBody, request_id: Option<String>) -> Self {
        Self { error, message, request_id }
    }
}

/// Payload of `ACCEPTED`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// The tab's own name for the command.
    pub request_id: String,
    /// The call that a dial began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
}

impl WorkerMessage {
    /// The message's `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SyncState(_) => "SYNC_STATE",
            Self::SseEvent(_) => "SSE_EVENT",
            Self::Error(_) => "ERROR",
            Self::Accepted(_) => "ACCEPTED",
        }
    }
}
