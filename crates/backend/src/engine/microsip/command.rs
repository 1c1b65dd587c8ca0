//! Everything that MicroSIP is ever told: a closed set, so that no text from outside can become another command.

use std::fmt;

use protocol::{DtmfDigits, PhoneNumber};

/// One command. Its `Display` is the one and only argument of the process that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MicroSipCommand {
    /// Calls a number. A [`PhoneNumber`] begins with a digit, `+`, `*`, `#` or `sip:`, has no space and so is neither a
    /// command nor a message to MicroSIP.
    Dial(PhoneNumber),
    /// The same for a MicroSIP that does not run: it starts, and calls once it is registered.
    Start(PhoneNumber),
    /// Answers the first ringing call.
    Answer,
    /// Ends all calls except those that ring unanswered.
    HangupAll,
    /// Rejects all ringing calls.
    HangupIncoming,
    /// Ends outgoing calls not yet answered.
    HangupCalling,
    /// Sends digits in the selected call.
    Dtmf(DtmfDigits),
    /// Hands the selected call over.
    Transfer(PhoneNumber),
    /// Parks the selected call, or takes it back: which of the two is for the sender to know.
    ToggleHold,
    /// Microphone off, for this and all later calls.
    MicMute,
    /// Microphone on.
    MicUnmute,
}

impl fmt::Display for MicroSipCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dial(number) | Self::Start(number) => write!(f, "{number}"),
            Self::Answer => f.write_str("/answer"),
            Self::HangupAll => f.write_str("/hangupall"),
            Self::HangupIncoming => f.write_str("/hangupincoming"),
            Self::HangupCalling => f.write_str("/hangupcalling"),
            Self::Dtmf(digits) => write!(f, "/dtmf:{digits}"),
            Self::Transfer(number) => write!(f, "/transfer:{number}"),
            Self::ToggleHold => f.write_str("msip:hold"),
            Self::MicMute => f.write_str("msip:micmute"),
            Self::MicUnmute => f.write_str("msip:micunmute"),
        }
    }
}

impl MicroSipCommand {
    /// What a log may say of it: no number, no digits.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dial(_) => "dial",
            Self::Start(_) => "start",
            Self::Answer => "answer",
            Self::HangupAll => "hangupall",
            Self::HangupIncoming => "hangupincoming",
            Self::HangupCalling => "hangupcalling",
            Self::Dtmf(_) => "dtmf",
            Self::Transfer(_) => "transfer",
            Self::ToggleHold => "hold",
            Self::MicMute => "micmute",
            Self::MicUnmute => "micunmute",
        }
    }
}

/// A version of MicroSIP, such as 3.22.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16, pub u16);

impl Version {
    /// `/hangupincoming`, `msip:micmute` and `msip:micunmute` as commands that are not toggles.
    pub(super) fn can_reject_and_mute(version: Option<Self>) -> bool {
        version.is_none_or(|version| version >= Self(3, 22, 3))
    }

    /// `/hangupcalling`.
    pub(super) fn can_cancel(version: Option<Self>) -> bool {
        version.is_none_or(|version| version >= Self(3, 20, 5))
    }
}

#[cfg(test)]
mod tests {
    //! Every command's argument, and that no number becomes a command.
    use super::*;

    #[test]
    fn arguments() -> Result<(), Box<dyn std::error::Error>> {
        let number: PhoneNumber = "+7 (495) 123".parse()?;
        let table = [
            (MicroSipCommand::Dial(number.clone()), "+7495123"),
            (MicroSipCommand::Start(number.clone()), "+7495123"),
            (MicroSipCommand::Dial("sip:a@b.test:5070".parse()?), "sip:a@b.test:5070"),
            (MicroSipCommand::Answer, "/answer"),
            (MicroSipCommand::HangupAll, "/hangupall"),
            (MicroSipCommand::HangupIncoming, "/hangupincoming"),
            (MicroSipCommand::HangupCalling, "/hangupcalling"),
            (MicroSipCommand::Dtmf("12#a".parse()?), "/dtmf:12#A"),
            (MicroSipCommand::Transfer(number), "/transfer:+7495123"),
            (MicroSipCommand::ToggleHold, "msip:hold"),
            (MicroSipCommand::MicMute, "msip:micmute"),
            (MicroSipCommand::MicUnmute, "msip:micunmute"),
        ];
        for (command, argument) in table {
            assert_eq!(command.to_string(), argument);
            assert!(!argument.contains([' ', '"', '\'', '\\', '\n', ',']), "{argument}");
            assert!(!argument.starts_with("/reset") && argument != "/exit");
        }
        Ok(())
    }

    #[test]
    fn hostile_texts_are_no_numbers() {
        for text in [
            "/resetnoask",
            "/reset",
            "/exit",
            "msip:hold",
            "tel:/exit",
            "callto:1",
            "1 /exit\n",
            "\"/exit\"",
            "1,2",
            "1&calc",
            "-1\0",
            "",
            "sip:/exit",
            "sip:a b@c",
            "sip:\"/exit\"@x",
        ] {
            assert!(text.parse::<PhoneNumber>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn versions() {
        assert!(!Version::can_cancel(Some(Version(3, 19, 27))));
        assert!(Version::can_cancel(Some(Version(3, 20, 5))) && Version::can_cancel(None));
        assert!(!Version::can_reject_and_mute(Some(Version(3, 20, 5))));
        assert!(Version::can_reject_and_mute(Some(Version(3, 22, 16))));
    }
}
