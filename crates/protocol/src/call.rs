//! One call and the steps it can take.

use serde::{Deserialize, Serialize};

use crate::CallId;
use crate::wire::ShapeError;
use crate::wire::fields::{Fields, Read, Value};
use crate::wire::json::{Json, Write};

/// Seconds since 1970-01-01 UTC.
pub type UnixSeconds = u64;

/// A call as tabs see it (camelCase on the wire).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The backend's name for it.
    pub id: CallId,
    /// How far it has come.
    pub state: CallState,
    /// Who began it.
    pub direction: Direction,
    /// The other party as the softphone gave it; chosen by the caller, possibly empty, never to be trusted.
    pub phone_number: String,
    /// The other party's name, where one is known.
    pub display_name: Option<String>,
    /// When it was connected; the one source of every timer.
    pub start_time: Option<UnixSeconds>,
    /// Our microphone is off.
    pub muted: bool,
    /// Connected but parked.
    pub held: bool,
}

/// How far a call has come. It only moves from `incoming` or `dialing` to `talking`; ending removes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Rings here, not answered yet.
    Incoming,
    /// Dialled here, not answered yet.
    Dialing,
    /// Connected, held or not.
    Talking,
}

/// Who began a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The other party.
    In,
    /// The operator.
    Out,
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// One of the parties hung up a connected call, or the operator gave up dialling.
    Hangup,
    /// The operator refused it.
    Rejected,
    /// It rang and nobody answered.
    Missed,
    /// The other party was busy or declined.
    Busy,
    /// It could not be set up, or was lost.
    Failed,
    /// It was handed to somebody else.
    Transferred,
    /// Another device of the operator took it.
    AnsweredElsewhere,
    /// A reason this build does not know, from a newer backend.
    #[serde(other)]
    Unknown,
}

impl CallState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Incoming, Self::Dialing, Self::Talking];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Dialing => "dialing",
            Self::Talking => "talking",
        }
    }
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::In, Self::Out];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

impl EndReason {
    /// Every reason that has a name.
    pub const ALL: [Self; 7] = [
        Self::Hangup,
        Self::Rejected,
        Self::Missed,
        Self::Busy,
        Self::Failed,
        Self::Transferred,
        Self::AnsweredElsewhere,
    ];

    /// The reason of this name.
    pub fn of(name: &str) -> Self {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name).unwrap_or(Self::Unknown)
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hangup => "hangup",
            Self::Rejected => "rejected",
            Self::Missed => "missed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::Transferred => "transferred",
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::Unknown => "unknown",
        }
    }
}

impl Call {
    /// A call that has just begun to ring here.
    pub fn incoming(id: CallId, phone_number: String, display_name: Option<String>) -> Self {
        Self::begun(id, CallState::Incoming, Direction::In, phone_number, display_name)
    }

    /// A call that the operator has just dialled.
    pub fn dialing(id: CallId, phone_number: String) -> Self {
        Self::begun(id, CallState::Dialing, Direction::Out, phone_number, None)
    }

    fn begun(
        id: CallId,
        state: CallState,
        direction: Direction,
        phone_number: String,
        display_name: Option<String>,
    ) -> Self {
        Self { id, state, direction, phone_number, display_name, start_time: None, muted: false, held: false }
    }

    /// Without what only a connected call has, unless it is one.
    pub(crate) fn possible(self) -> Self {
        let talking = self.state == CallState::Talking;
        Self { held: self.held && talking, start_time: self.start_time.filter(|_| talking), ..self }
    }

    /// Connected and not parked: of such calls there is one at most.
    pub fn is_live(&self) -> bool {
        self.state == CallState::Talking && !self.held
    }

    /// Place in the order of attention: what the operator talks in, dials, hears ringing, has parked.
    pub(crate) fn rank(&self) -> u8 {
        match self.state {
            CallState::Talking if !self.held => 0,
            CallState::Dialing => 1,
            CallState::Incoming => 2,
            CallState::Talking => 3,
        }
    }
}

impl Call {
    /// Reads a call whose id, number, name and start have these names; the other fields have the same ones on every wire.
    pub(crate) fn read_as<V: Value>(of: &mut Fields<V>, names: &[&str; 4]) -> Self {
        let [id, number, display_name, start_time] = *names;
        Self {
            id: CallId::new(of.text(id)),
            state: of.one_of("state", &CallState::ALL, CallState::as_str),
            direction: of.one_of("direction", &Direction::ALL, Direction::as_str),
            phone_number: of.text(number),
            display_name: of.maybe_text(display_name),
            start_time: of.maybe_number(start_time),
            muted: of.flag("muted"),
            held: of.flag("held"),
        }
    }
}

impl Read for Call {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self::read_as(of, &["id", "phoneNumber", "displayName", "startTime"]))
    }
}

impl Write for Call {
    fn write(&self, to: &mut Json) {
        to.text("id", self.id.as_str());
        to.text("state", self.state.as_str());
        to.text("direction", self.direction.as_str());
        to.text("phoneNumber", &self.phone_number);
        to.text_or_null("displayName", self.display_name.as_deref());
        match self.start_time {
            Some(start_time) => to.number("startTime", start_time),
            None => to.verbatim("startTime", "null"),
        }
        to.flag("muted", self.muted);
        to.flag("held", self.held);
    }
}
