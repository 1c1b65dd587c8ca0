//! What an operator wants done: the `CMD_*` messages of a tab, and the request that each becomes.

use serde::{Deserialize, Deserializer, Serialize};

use super::fields::{Fields, Read, Value, object, wrong};
use super::json::{Json, Write};
use super::rest::{self, Body, Dial, Request, SetStatus, TransferTarget};
use super::{ShapeError, read};
use crate::{CallId, DtmfDigits, InvalidDtmf, InvalidPhoneNumber, OperatorStatus, PhoneNumber};

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
            other => return Err(unknown(other)),
        })
    }

    /// The same by [`Value`]s, as the wasm does it.
    ///
    /// # Errors
    /// The type is unknown, or a field is missing or impossible.
    pub fn read(name: &str, payload: &impl Value) -> Result<Self, ShapeError> {
        Ok(match name {
            "CMD_DIAL" => Self::Dial(object(payload)?),
            "CMD_ANSWER" => Self::Answer(object(payload)?),
            "CMD_HANGUP" => Self::Hangup(object(payload)?),
            "CMD_STATUS" => Self::Status(object(payload)?),
            "CMD_HOLD" => Self::Hold(object(payload)?),
            "CMD_MUTE" => Self::Mute(object(payload)?),
            "CMD_DTMF" => Self::Dtmf(object(payload)?),
            "CMD_TRANSFER" => Self::Transfer(object(payload)?),
            other => return Err(unknown(other)),
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

fn unknown(name: &str) -> ShapeError {
    ShapeError(["unknown message type \"", name, "\""].concat())
}

impl Write for Command {
    fn write(&self, to: &mut Json) {
        match self {
            Self::Dial(Dial { phone }) => to.text("phone", phone.as_str()),
            Self::Answer(MaybeCall { call_id }) | Self::Hangup(MaybeCall { call_id }) => {
                to.text_if_any("callId", call_id.as_ref().map(CallId::as_str));
            }
            Self::Status(SetStatus { status }) => to.text("status", status.as_str()),
            Self::Hold(Switch { call_id, on }) | Self::Mute(Switch { call_id, on }) => {
                to.text("callId", call_id.as_str());
                to.flag("on", *on);
            }
            Self::Dtmf(Dtmf { call_id, digits }) => {
                to.text("callId", call_id.as_str());
                to.text("digits", digits.as_str());
            }
            Self::Transfer(Transfer { call_id, phone, to_call_id }) => {
                to.text("callId", call_id.as_str());
                to.text_if_any("phone", phone.as_ref().map(PhoneNumber::as_str));
                to.text_if_any("toCallId", to_call_id.as_ref().map(CallId::as_str));
            }
        }
    }
}

impl Read for Dial {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { phone: phone(&of.text("phone"))? })
    }
}

impl Read for MaybeCall {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { call_id: of.maybe_text("callId").map(CallId::new) })
    }
}

impl Read for SetStatus {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { status: of.one_of("status", &OperatorStatus::ALL, OperatorStatus::as_str) })
    }
}

impl Read for Switch {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { call_id: CallId::new(of.text("callId")), on: of.flag("on") })
    }
}

impl Read for Dtmf {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        let digits: Result<DtmfDigits, _> = of.text("digits").parse();
        let digits = digits.map_err(|_| wrong("digits", InvalidDtmf::TEXT))?;
        Ok(Self { call_id: CallId::new(of.text("callId")), digits })
    }
}

impl Read for Transfer {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        let number = of.maybe_text("phone").map(|text| phone(&text)).transpose()?;
        let to_call_id = of.maybe_text("toCallId").map(CallId::new);
        let call_id = CallId::new(of.text("callId"));
        if number.is_some() == to_call_id.is_some() {
            return Err(TransferTarget::unclear());
        }
        Ok(Self { call_id, phone: number, to_call_id })
    }
}

fn phone(text: &str) -> Result<PhoneNumber, ShapeError> {
    text.parse().map_err(|error: InvalidPhoneNumber| ShapeError(error.text()))
}
