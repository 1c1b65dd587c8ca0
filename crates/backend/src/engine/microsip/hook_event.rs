//! The hooks' names, as `backend hook EVENT` and `POST /api/hook/EVENT` take them: ours, or the keys of MicroSIP's ini.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What MicroSIP tells by a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

    /// Its key in MicroSIP's ini.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Incoming => "cmdIncomingCall",
            Self::Ring => "cmdCallRing",
            Self::Outgoing => "cmdOutgoingCall",
            Self::Answer => "cmdCallAnswer",
            Self::Start => "cmdCallStart",
            Self::Busy => "cmdCallBusy",
            Self::End => "cmdCallEnd",
        }
    }

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

    /// Its name, or its key with or without `cmd`; in whatever case.
    fn from_str(name: &str) -> Result<Self, UnknownHookEvent> {
        let is = |event: &Self| {
            [event.as_str(), event.key(), &event.key()["cmd".len()..]].iter().any(|of| of.eq_ignore_ascii_case(name))
        };
        Self::ALL.into_iter().find(is).ok_or(UnknownHookEvent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys() {
        for event in HookEvent::ALL {
            let key = event.key();
            for name in [event.as_str(), key, &key[3..], &key.to_lowercase(), &event.as_str().to_uppercase()] {
                assert_eq!(name.parse(), Ok(event), "{name}");
            }
        }
        assert_eq!("cmdCallRing".parse(), Ok(HookEvent::Ring));
        assert_eq!("incomingcall".parse(), Ok(HookEvent::Incoming));
        for name in ["", "cmd", "call", "cmdring", "rang", "ring ", "\u{212a}"] {
            assert_eq!(name.parse::<HookEvent>(), Err(UnknownHookEvent), "{name}");
        }
    }
}
