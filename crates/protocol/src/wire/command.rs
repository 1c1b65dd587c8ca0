//! What an operator wants done: the `CMD_*` messages of a tab, and the request that each becomes.

use serde::{Deserialize, Deserializer, Serialize};

use super::rest::{self, Body, Dial, Request, SetStatus, TransferTarget};
use super::{ShapeError, read};
use crate::{CallId, DtmfDigits, PhoneNumber};

/// One command. Serializes as its payload alone (camelCase); [`Command::name`] gives the type beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Command {
    /// `CMD_DIAL`: begin a call.
    Dial(Dial),
    /// `CMD_ANSWER`: answer a ringing call.
    Answer(MaybeCall),
    /// `CMD_HANGUP`: end a call, reject it if it rings.
    Hangup(MaybeCall),
    /// `CMD_STATUS`: set the operator's status.
    Status(SetStatus),
    /// `CMD_HOLD`: park a call or take it back.
    Hold(Switch),
    /// `CMD_MUTE`: the microphone off or on.
    Mute(Switch),
    /// `CMD_DTMF`: send digits.
    Dtmf(Dtmf),
    /// `CMD_TRANSFER`: hand a call over.
    Transfer(Transfer),
}

/// Payload of `CMD_ANSWER` and `CMD_HANGUP`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MaybeCall {
    /// Which call; without it, the active one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
}

/// Payload of `CMD_HOLD` and `CMD_MUTE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Switch {
    /// Which call.
    pub call_id: CallId,
    /// The state to be in, not a toggle.
    pub on: bool,
}

/// Payload of `CMD_DTMF`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dtmf {
    /// In which call.
    pub call_id: CallId,
    /// What to send.
    pub digits: DtmfDigits,
}

/// Payload of `CMD_TRANSFER`: exactly one of `phone` and `toCallId`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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

impl Command {
    /// The message types, in the order of the variants.
    pub const NAMES: [&str; 8] =
        ["CMD_DIAL", "CMD_ANSWER", "CMD_HANGUP", "CMD_STATUS", "CMD_HOLD", "CMD_MUTE", "CMD_DTMF", "CMD_TRANSFER"];

    /// The message's `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dial(_) => "CMD_DIAL",
            Self::Answer(_) => "CMD_ANSWER",
            Self::Hangup(_) => "CMD_HANGUP",
            Self::Status(_) => "CMD_STATUS",
            Self::Hold(_) => "CMD_HOLD",
            Self::Mute(_) => "CMD_MUTE",
            Self::Dtmf(_) => "CMD_DTMF",
            Self::Transfer(_) => "CMD_TRANSFER",
        }
    }

    /// Reads a command from a message's type and payload, in whatever format `payload` is.
    ///
    /// # Errors
    /// The type is unknown, or a field is missing or impossible.
    pub fn from_wire<'de, D: Deserializer<'de>>(name: &str, payload: D) -> Result<Self, ShapeError> {
        Ok(match name {
            "CMD_DIAL" => Self::Dial(read(payload)?),
            "CMD_ANSWER" => Self::Answer(read(payload)?),
            "CMD_HANGUP" => Self::Hangup(read(payload)?),
            "CMD_STATUS" => Self::Status(read(payload)?),
            "CMD_HOLD" => Self::Hold(read(payload)?),
            "CMD_MUTE" => Self::Mute(read(payload)?),
            "CMD_DTMF" => Self::Dtmf(read(payload)?),
            "CMD_TRANSFER" => {
                let transfer: Transfer = read(payload)?;
                TransferTarget::from_fields(transfer.phone.clone(), transfer.to_call_id.clone())?;
                Self::Transfer(transfer)
            }
            other => return Err(ShapeError::new(format_args!("unknown message type {other:?}"))),
        })
    }

    /// The request that carries it to the backend; `None` where it names no call and none is active.
    pub fn to_request(self, active: Option<&CallId>) -> Option<Request> {
        let of_call = |MaybeCall { call_id }: MaybeCall| {
            call_id.or_else(|| active.cloned()).map(|call_id| Body::OfCall(rest::OfCall { call_id }))
        };
        let switch = |Switch { call_id, on }| Body::Switch(rest::Switch { call_id, on });
        let (path, body) = match self {
            Self::Dial(dial) => (rest::DIAL, Body::Dial(dial)),
            Self::Answer(of) => (rest::ANSWER, of_call(of)?),
            Self::Hangup(of) => (rest::HANGUP, of_call(of)?),
            Self::Status(status) => (rest::STATUS, Body::SetStatus(status)),
            Self::Hold(of) => (rest::HOLD, switch(of)),
            Self::Mute(of) => (rest::MUTE, switch(of)),
            Self::Dtmf(Dtmf { call_id, digits }) => (rest::DTMF, Body::Dtmf(rest::Dtmf { call_id, digits })),
            Self::Transfer(Transfer { call_id, phone, to_call_id }) => {
                (rest::TRANSFER, Body::Transfer(rest::Transfer { call_id, phone, to_call_id }))
            }
        };
        Some(Request { path, body })
    }
}
