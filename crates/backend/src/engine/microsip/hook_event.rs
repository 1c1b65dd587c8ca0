//! The hooks' names, as `backend hook EVENT` and `POST /api/hook/EVENT` take them.

use std::fmt;
use std::str::FromStr;

/// What MicroSIP tells by a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookEvent {
    /// `cmdIncomingCall`: somebody calls; it may never ring.
    Incoming,
    /// `cmdCallRing`: a call rings.
    Ring,
    /// `cmdOutgoingCall`: a call is being dialled.
    Outgoing,
    /// `cmdCallAnswer`: an incoming call is connected.
    Answer,
    /// `cmdCallStart`: any call is connected.
    Start,
    /// `cmdCallBusy`: a call ended as busy or declined.
    Busy,
    /// `cmdCallEnd`: a call ended.
    End,
}

/// No such hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hook's event is incoming, ring, outgoing, answer, start, busy or end")]
pub struct UnknownHookEvent;

impl HookEvent {
    /// Every event.
    pub const ALL: [Self; 7] =
        [Self::Incoming, Self::Ring, Self::Outgoing, Self::Answer, Self::Start, Self::Busy, Self::End];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Ring => "ring",
            Self::Outgoing => "outgoing",
            Self::Answer => "answer",
            Self::Start => "start",
            Self::Busy => "busy",
            Self::End => "end",
        }
    }
}

impl fmt::Display for HookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for HookEvent {
    type Err = UnknownHookEvent;

    fn from_str(name: &str) -> Result<Self, UnknownHookEvent> {
        Self::ALL.into_iter().find(|event| event.as_str() == name).ok_or(UnknownHookEvent)
    }
}
