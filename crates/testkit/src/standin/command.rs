//! What a command line means to MicroSIP.

/// A command line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing: only shows the window.
    Show,
    /// Answers the first ringing call.
    Answer,
    /// Ends all calls except those that ring unanswered.
    HangupAll,
    /// Rejects all ringing calls.
    HangupIncoming,
    /// Ends outgoing calls not yet answered.
    HangupCalling,
    /// Sends digits in the selected call.
    Dtmf(String),
    /// Blind transfer of the selected call.
    Transfer(String),
    /// Parks the selected call or takes it back.
    ToggleHold,
    /// Microphone off.
    MicMute,
    /// Microphone on.
    MicUnmute,
    /// Starts small.
    Minimized,
    /// Ends the program.
    Exit,
    /// Deletes the settings. Nothing from outside may ever become this.
    Reset,
    /// Text with a space: an instant message to nobody in particular.
    Message(String),
    /// Everything else is dialled, with DTMF after a comma.
    Dial {
        /// The number as it will be called.
        number: String,
        /// Digits to send once connected.
        dtmf: Option<String>,
    },
}

/// The raw command line of these arguments: one command, without one enclosing pair of quotes.
#[cfg(not(windows))]
pub(crate) fn raw(arguments: impl Iterator<Item = String>) -> String {
    let line = arguments.collect::<Vec<_>>().join(" ");
    line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).map_or(line.clone(), str::to_owned)
}

/// Whether a command ends at once where no instance runs; any other starts one.
pub(crate) fn needs_running(raw: &str) -> bool {
    matches!(raw, "/answer" | "/hangupall" | "/exit")
}

impl Command {
    /// Understands a raw command line: exact, case-sensitive.
    pub fn parse(raw: &str) -> Self {
        match raw {
            "" => Self::Show,
            "/answer" => Self::Answer,
            "/hangupall" => Self::HangupAll,
            "/hangupincoming" => Self::HangupIncoming,
            "/hangupcalling" => Self::HangupCalling,
            "msip:hold" => Self::ToggleHold,
            "msip:micmute" => Self::MicMute,
            "msip:micunmute" => Self::MicUnmute,
            "/minimized" => Self::Minimized,
            "/exit" => Self::Exit,
            "/reset" | "/resetnoask" => Self::Reset,
            _ => Self::parse_text(raw),
        }
    }

    fn parse_text(raw: &str) -> Self {
        if let Some(digits) = raw.strip_prefix("/dtmf:") {
            return Self::Dtmf(digits.to_owned());
        }
        if let Some(number) = raw.strip_prefix("/transfer:") {
            return Self::Transfer(number.to_owned());
        }
        if raw.contains(' ') {
            return Self::Message(raw.to_owned());
        }
        let plain = ["tel:", "callto:"].iter().find_map(|scheme| raw.strip_prefix(scheme)).unwrap_or(raw);
        match plain.split_once(',') {
            Some((number, dtmf)) => Self::Dial { number: number.to_owned(), dtmf: Some(dtmf.to_owned()) },
            None => Self::Dial { number: plain.to_owned(), dtmf: None },
        }
    }
}
