//! REST: paths and bodies (snake_case), the same types on both sides.

use serde::{Deserialize, Serialize};

use super::ShapeError;
use super::fields::{Fields, Read, Value};
use super::json::{Json, Write};
use crate::{CallId, DtmfDigits, OperatorStatus, PhoneNumber};

/// The SSE stream.
pub const EVENTS: &str = "/api/sip/events";
/// Query parameter of [`EVENTS`] that stands for the `Last-Event-ID` header, which a new EventSource can't send.
pub const LAST_EVENT_ID_PARAM: &str = "last_event_id";
/// Query parameter of [`EVENTS`]: the name that a worker has given itself, by which it takes part in the choice among workers.
pub const WORKER_PARAM: &str = "worker";
/// Query parameter of [`EVENTS`]: the worker was not alone the last time, and wants to be told by `tab_role` even if it is now.
pub const ASK_PARAM: &str = "tab_role";
/// Query parameter of [`EVENTS`]: the response ends after the first events, for a wire on which only whole responses arrive.
pub const ONCE_PARAM: &str = "once";
/// Whether the backend works.
pub const HEALTH: &str = "/healthz";
/// The snapshot.
pub const STATE: &str = "/api/sip/state";
/// `POST` [`Dial`] -> [`Dialed`].
pub const DIAL: &str = "/api/sip/call/dial";
/// `POST` [`OfCall`].
pub const ANSWER: &str = "/api/sip/call/answer";
/// `POST` [`OfCall`].
pub const HANGUP: &str = "/api/sip/call/hangup";
/// `POST` [`Switch`].
pub const HOLD: &str = "/api/sip/call/hold";
/// `POST` [`Switch`].
pub const MUTE: &str = "/api/sip/call/mute";
/// `POST` [`Dtmf`].
pub const DTMF: &str = "/api/sip/call/dtmf";
/// `POST` [`Transfer`].
pub const TRANSFER: &str = "/api/sip/call/transfer";
/// `POST` [`SetStatus`].
pub const STATUS: &str = "/api/sip/operator/status";
/// `POST` [`TabsReport`].
pub const TABS: &str = "/api/sip/tabs";
/// `POST` [`Fault`].
pub const FAULT: &str = "/api/sip/fault";

/// Header of a command: requests of one key are one command, carried out once and answered alike
/// (as in the IETF draft `draft-ietf-httpapi-idempotency-key-header`, unquoted).
pub const KEY_HEADER: &str = "idempotency-key";
/// Header of a command: which attempt this is, from 1 on. From 2 on an earlier life of the backend may know the key.
pub const ATTEMPT_HEADER: &str = "sip-phone-attempt";
/// Header of a command: the epoch of the last event that its sender knows ([`crate::EventId`]). Browsers send a request again by
/// themselves when a connection ends without a word, and that may reach another life of the backend.
pub const EPOCH_HEADER: &str = "sip-phone-epoch";
/// Header of a command: the name of the worker that sends it, see [`WORKER_PARAM`].
pub const WORKER_HEADER: &str = "sip-phone-worker";
/// Longest key of a command, in bytes; visible ASCII characters.
pub const MAX_KEY: usize = 64;

/// Whether this can be a command's key: 1 to [`MAX_KEY`] visible ASCII characters.
pub fn is_key(key: &[u8]) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic)
}

/// How long a command may be repeated after it was first given, in milliseconds. Then its outcome counts as unknown.
pub const COMMAND_MS: u64 = 16_000;

/// Body of [`DIAL`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dial {
    /// Whom to call.
    pub phone: PhoneNumber,
}

/// Answer of [`DIAL`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialed {
    /// The new call.
    pub call_id: CallId,
}

/// Body of [`ANSWER`] and [`HANGUP`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfCall {
    /// Which call.
    pub call_id: CallId,
}

/// Body of [`HOLD`] and [`MUTE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// Which call.
    pub call_id: CallId,
    /// The state to be in, not a toggle.
    pub on: bool,
}

/// Body of [`DTMF`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dtmf {
    /// In which call.
    pub call_id: CallId,
    /// What to send.
    pub digits: DtmfDigits,
}

/// Body of [`TRANSFER`]: exactly one of `phone` and `to_call_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Which call to hand over.
    pub call_id: CallId,
    /// Blind transfer to this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// Attended transfer to the other party of this call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_call_id: Option<CallId>,
}

/// To whom a call is handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferTarget {
    /// Blind transfer to a number.
    Phone(PhoneNumber),
    /// Attended transfer to the other party of another call.
    Call(CallId),
}

impl TransferTarget {
    /// The target that a message's two optional fields mean.
    ///
    /// # Errors
    /// Both fields are there, or neither is.
    pub fn from_fields(phone: Option<PhoneNumber>, call: Option<CallId>) -> Result<Self, ShapeError> {
        match (phone, call) {
            (Some(phone), None) => Ok(Self::Phone(phone)),
            (None, Some(call)) => Ok(Self::Call(call)),
            _ => Err(Self::unclear()),
        }
    }

    pub(crate) fn unclear() -> ShapeError {
        ShapeError("a transfer takes either a phone number or another call's id".to_owned())
    }
}

/// Body of [`STATUS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStatus {
    /// The status to be in.
    pub status: OperatorStatus,
}

/// Body of [`TABS`]: what a worker's tabs are good for. Only asked for while there is another worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabsReport {
    /// The name that the worker gave when it opened its stream.
    pub worker: String,
    /// Milliseconds since the operator used one of its tabs; absent where none was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_ago: Option<u64>,
    /// One of its tabs may play sound.
    #[serde(default)]
    pub sound: bool,
    /// One of its tabs may show notifications.
    #[serde(default)]
    pub notices: bool,
}

/// Body of [`FAULT`]: what a worker's boot script reports before the worker ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What broke, for the log: a panic's message and place, or an exception's.
    pub message: String,
}

/// One request to the backend: where to POST what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The path, one of the constants above.
    pub path: &'static str,
    /// The body.
    pub body: Body,
}

/// Any body; serializes as the body itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// See [`DIAL`].
    Dial(Dial),
    /// See [`ANSWER`] and [`HANGUP`].
    OfCall(OfCall),
    /// See [`HOLD`] and [`MUTE`].
    Switch(Switch),
    /// See [`DTMF`].
    Dtmf(Dtmf),
    /// See [`TRANSFER`].
    Transfer(Transfer),
    /// See [`STATUS`].
    SetStatus(SetStatus),
    /// See [`TABS`].
    Tabs(TabsReport),
}

impl Read for Dialed {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { call_id: CallId::new(of.text("call_id")) })
    }
}

impl Write for Body {
    fn write(&self, to: &mut Json) {
        match self {
            Self::Dial(Dial { phone }) => to.text("phone", phone.as_str()),
            Self::OfCall(OfCall { call_id }) => to.text("call_id", call_id.as_str()),
            Self::Switch(Switch { call_id, on }) => {
                to.text("call_id", call_id.as_str());
                to.flag("on", *on);
            }
            Self::Dtmf(Dtmf { call_id, digits }) => {
                to.text("call_id", call_id.as_str());
                to.text("digits", digits.as_str());
            }
            Self::Transfer(Transfer { call_id, phone, to_call_id }) => {
                to.text("call_id", call_id.as_str());
                to.text_if_any("phone", phone.as_ref().map(PhoneNumber::as_str));
                to.text_if_any("to_call_id", to_call_id.as_ref().map(CallId::as_str));
            }
            Self::SetStatus(SetStatus { status }) => to.text("status", status.as_str()),
            Self::Tabs(TabsReport { worker, used_ago, sound, notices }) => {
                to.text("worker", worker);
                if let Some(used_ago) = used_ago {
                    to.number("used_ago", *used_ago);
                }
                to.flag("sound", *sound);
                to.flag("notices", *notices);
            }
        }
    }
}
