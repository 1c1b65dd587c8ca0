//! `backend hook EVENT [NUMBER]`: what MicroSIP's hooks run, and the ticket by which it finds the running backend.
//!
//! MicroSIP waits for a hook on its main thread, so this hands over and exits: it reads one small file, sends one
//! request and is done within about a second, whatever the backend does; three at most, where many hooks fail at once.
//! Where no backend answers, the hook waits in the spool for the next one. It exits with 0 even then, for MicroSIP could
//! do nothing about it; what went wrong is in `hook.log`, or on standard error where there is no data directory to hold
//! that: for who tries the line by hand.

mod ask;
mod client;
mod log;
mod ticket;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::engine::microsip::{HookEvent, HookId, Spool, SpooledHook};

pub(crate) use ask::{calls_up, is_backend, running_at};
pub use ticket::{HookSecret, Ticket, ticket_path};

/// The header that carries the hook's secret; not `Authorization`, which is for the API's token.
pub const SECRET_HEADER: &str = "x-sip-phone-hook";
/// Longest number that is sent on, in characters: the same cut for every hook, so that they still match.
const MAX_CHARS: usize = 1024;

/// One run of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCall {
    /// `--data-dir`, where it was given before the word `hook`.
    pub data_dir: Option<PathBuf>,
    /// What stood where the event's name belongs; untrusted until it is read.
    pub event: Option<OsString>,
    /// Everything behind that: the number that the caller chose, in as many pieces as its spaces made of it.
    pub number: Vec<OsString>,
}

/// Is this command line (without the program) a hook's? Look before any other parser does: what stands behind the
/// event was chosen by a caller, and must not be read as options, not even as `--help`.
///
/// MicroSIP drops the quotes of what its settings say, so a data directory with spaces comes in pieces: those up to the
/// word `hook`.
pub fn from_args(arguments: impl IntoIterator<Item = OsString>) -> Option<HookCall> {
    let mut arguments = arguments.into_iter();
    let mut data_dir: Option<OsString> = None;
    loop {
        let argument = arguments.next()?;
        if argument == "hook" {
            let data_dir = data_dir.map(PathBuf::from);
            return Some(HookCall { data_dir, event: arguments.next(), number: arguments.collect() });
        } else if argument == "--data-dir" {
            data_dir = Some(arguments.next()?);
        } else if let Some(dir) = argument.to_str().and_then(|argument| argument.strip_prefix("--data-dir=")) {
            data_dir = Some(dir.into());
        } else {
            let piece = Some(&argument).filter(|argument| !argument.to_string_lossy().starts_with("--"))?;
            let dir = data_dir.as_mut()?;
            dir.push(" ");
            dir.push(piece);
        }
    }
}

/// Tells the running backend, or leaves it to the next one and writes down why.
pub fn run(call: &HookCall) -> ExitCode {
    let event = call.event.as_ref().and_then(|event| event.to_str()).unwrap_or_default().parse::<HookEvent>();
    let event = match event {
        Ok(event) => event,
        // Only for a person who tries it: the hooks in MicroSIP's settings have fixed events. `--help` is such a try.
        Err(error) => {
            eprintln!("usage: backend [--data-dir DIR] hook EVENT [NUMBER]: {error}");
            return ExitCode::from(2);
        }
    };
    let Some(data_dir) = call.data_dir.clone().or_else(usual_data_dir) else {
        eprintln!("backend hook: this user has no data directory: name the backend's with --data-dir before hook");
        return ExitCode::SUCCESS;
    };
    let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    let hook = SpooledHook { at, id: HookId::new(), event, number: number(&call.number) };
    let Err(error) = client::tell(&data_dir, &hook) else { return ExitCode::SUCCESS };
    // Also where it may have arrived without an answer: told twice, it counts once.
    let spooled = Spool::new(&data_dir).add(&hook);
    if let Err(unlogged) = log::write(&data_dir, event, &error, spooled.err().as_ref()) {
        let dir = data_dir.display();
        eprintln!(
            "backend hook: {error}; hook.log in {dir} can't be written either: {unlogged}. Is that the backend's data directory? Name it with --data-dir before hook"
        );
    }
    ExitCode::SUCCESS
}

/// The pieces as they stood on the command line, as one number that is sent on.
#[doc(hidden)]
pub fn number(pieces: &[OsString]) -> String {
    let text = pieces.iter().map(|piece| piece.to_string_lossy()).collect::<Vec<_>>().join(" ");
    text.trim().chars().take(MAX_CHARS).collect()
}

/// The data directory, made absolute, where a program that is started without it would not find it by itself.
pub(crate) fn named_data_dir(dir: &Path) -> Option<PathBuf> {
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    // Whoever starts it may have the variable, or not.
    let is_plain = std::env::var_os("SIP_PHONE_DATA_DIR").is_none();
    let is_usual = dirs::data_local_dir().is_some_and(|own| own.join("sip-phone").components().eq(dir.components()));
    (!(is_plain && is_usual)).then_some(dir)
}

fn usual_data_dir() -> Option<PathBuf> {
    let set = std::env::var_os("SIP_PHONE_DATA_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    set.or_else(|| dirs::data_local_dir().map(|dir| dir.join("sip-phone")))
}

#[cfg(test)]
mod tests {
    //! Command lines that are a hook's, and those that are not.
    use super::*;

    fn read(line: &[&str]) -> Option<(Option<PathBuf>, String, String)> {
        let call = from_args(line.iter().map(OsString::from))?;
        let event = call.event.map(|event| event.to_string_lossy().into_owned()).unwrap_or_default();
        Some((call.data_dir, event, number(&call.number)))
    }

    #[test]
    fn command_lines() {
        let found = |dir: Option<&str>, event: &str, number: &str| {
            Some((dir.map(PathBuf::from), event.to_owned(), number.to_owned()))
        };
        for (line, expected) in [
            (&["hook", "end", "100"][..], found(None, "end", "100")),
            (&["--data-dir", "C:\\a b", "hook", "ring", "100"], found(Some("C:\\a b"), "ring", "100")),
            (&["--data-dir=/x", "hook", "ring"], found(Some("/x"), "ring", "")),
            (&["--data-dir", "C:\\a", "b", "-", "c", "hook", "ring", "1"], found(Some("C:\\a b - c"), "ring", "1")),
            (&["--data-dir=/x", "y", "hook", "ring"], found(Some("/x y"), "ring", "")),
            (&["--data-dir", "/x", "--listen", "y", "hook", "ring"], None),
            (&["--data-dir", "/x", "microsip", "status"], None),
            (&["hook", "ring", "--data-dir", "/evil"], found(None, "ring", "--data-dir /evil")),
            (&["hook", "ring", "--data-dir=/evil"], found(None, "ring", "--data-dir=/evil")),
            (&["hook", "ring", "--help"], found(None, "ring", "--help")),
            (&["hook", "ring", "-h", "--", "-V"], found(None, "ring", "-h -- -V")),
            (&["hook", "ring", "hook", "end"], found(None, "ring", "hook end")),
            (&["hook", "ring", "a", "", "b\"c\n"], found(None, "ring", "a  b\"c")),
            (&["hook", "--help"], found(None, "--help", "")),
            (&["hook"], found(None, "", "")),
            (&["--listen", "x", "hook", "end"], None),
            (&["--data-dir"], None),
            (&["microsip", "hook"], None),
            (&[], None),
        ] {
            assert_eq!(read(line), expected, "{line:?}");
        }
    }

    #[test]
    fn an_endless_number_is_cut() {
        let long = "й".repeat(10_000);
        assert_eq!(number(&[long.into()]).chars().count(), MAX_CHARS);
    }
}
