//! The lines that MicroSIP's hooks are set to, and how they are known again.

use std::path::{Path, PathBuf};

use crate::engine::microsip::HookEvent;
use crate::hook;

/// MicroSIP reads no more of a value, in UTF-16 units, the outer quotes among them to be on the safe side.
const MAX_UNITS: usize = 255;

/// What is to be run at each event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    program: String,
    data_dir: Option<String>,
}

/// The hooks can't be written down.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HooksError {
    /// A path has what a command line can't carry.
    #[error("the path {} has a quote, a line end or something that is no text: move it to a plain one, such as C:\\SipPhone", .0.display())]
    Path(PathBuf),
    /// MicroSIP takes the line to pieces at its spaces and forgets the quotes.
    #[error("the data directory {} has two spaces in a row, or the word hook: choose a plain one with --data-dir, such as C:\\SipPhone\\data", .0.display())]
    Pieces(PathBuf),
    /// More than MicroSIP reads.
    #[error(
        "MicroSIP reads 255 characters of a hook, and with these paths it would have {0}: move the backend, or its data directory, to a shorter one, such as C:\\SipPhone"
    )]
    TooLong(usize),
}

impl Hooks {
    /// `program [--data-dir DIR] hook EVENT`.
    ///
    /// # Errors
    /// The paths are too long for MicroSIP, or can't stand in a command line.
    pub fn new(program: &Path, data_dir: Option<&Path>) -> Result<Self, HooksError> {
        let program = plain(program)?.to_owned();
        let data_dir = data_dir.map(|dir| Ok(before_quote(in_pieces(dir, plain(dir)?)?))).transpose()?;
        let hooks = Self { program, data_dir };
        let longest = HookEvent::ALL.map(|event| hooks.value(event).encode_utf16().count()).into_iter().max();
        match longest {
            Some(units) if units > MAX_UNITS => Err(HooksError::TooLong(units)),
            _ => Ok(hooks),
        }
    }

    /// What stands behind the key of this event. The outer pair of quotes is lost on reading.
    pub fn value(&self, event: HookEvent) -> String {
        format!("\"{}\"", self.command(event))
    }

    fn command(&self, event: HookEvent) -> String {
        let dir = self.data_dir.as_ref().map_or_else(String::new, |dir| format!(" --data-dir \"{dir}\""));
        format!("\"{}\"{dir} hook {event}", self.program)
    }

    /// Whether this value, as Windows reads it, is what is wanted.
    pub(super) fn is(&self, event: HookEvent, value: &str) -> bool {
        let wanted = self.command(event);
        // The same file, however its path was typed when the backend was started.
        if cfg!(windows) { value.to_lowercase() == wanted.to_lowercase() } else { value == wanted }
    }
}

/// A value as Windows reads it: without the spaces around it and one enclosing pair of quotes.
pub(super) fn as_read(value: &str) -> &str {
    let value = value.trim();
    let enclosed = |quote| value.strip_prefix(quote).and_then(|value: &str| value.strip_suffix(quote));
    enclosed('"').or_else(|| enclosed('\'')).unwrap_or(value)
}

/// The backend's program, if this value (as Windows reads it) is a line of whatever backend for this event.
pub(super) fn program_of(event: HookEvent, value: &str) -> Option<String> {
    let mut words = words(value).into_iter();
    let program = words.next()?;
    let call = hook::from_args(words.map(Into::into))?;
    let named = call.event.as_ref().and_then(|name| name.to_str())?;
    (named.parse() == Ok(event) && call.number.is_empty()).then_some(program)
}

/// By spaces, but not within quotes. Backslashes are those of paths.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        if !quoted && matches!(c, ' ' | '\t') {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        if c == '"' { quoted = !quoted } else { word.push(c) }
    }
    words.extend(word);
    words
}

fn plain(path: &Path) -> Result<&str, HooksError> {
    let text = path.to_str().filter(|text| !text.contains(['"', '\r', '\n', '\0']));
    text.ok_or_else(|| HooksError::Path(path.to_owned()))
}

/// The hook puts the pieces together again up to the word `hook`.
fn in_pieces<'a>(dir: &Path, text: &'a str) -> Result<&'a str, HooksError> {
    let is_lost = |word: &str| word.is_empty() || word == "hook" || word.starts_with("--");
    if text.split(' ').skip(1).any(is_lost) { Err(HooksError::Pieces(dir.to_owned())) } else { Ok(text) }
}

/// A backslash before a quote would be read as one that escapes it.
fn before_quote(dir: &str) -> String {
    let bare = dir.trim_end_matches('\\');
    let is_root = bare.is_empty() || bare.ends_with(':');
    if bare.len() == dir.len() || !is_root { bare.to_owned() } else { format!("{bare}\\\\") }
}

#[cfg(test)]
mod tests {
    //! Lines, and what Windows makes of them.
    use testkit::standin::split_command_line;

    use super::*;

    fn arguments(program: &str, data_dir: Option<&str>) -> Vec<String> {
        let hooks = Hooks::new(Path::new(program), data_dir.map(Path::new)).unwrap();
        let value = hooks.value(HookEvent::End);
        let command = as_read(&value);
        assert!(hooks.is(HookEvent::End, command) && !hooks.is(HookEvent::Busy, command));
        assert_eq!(program_of(HookEvent::End, command).as_deref(), Some(program), "{command}");
        assert_eq!(program_of(HookEvent::Ring, command), None);
        split_command_line(&format!("{command} 100"))
    }

    #[test]
    fn lines_are_split_into_what_was_meant() {
        assert_eq!(arguments(r"C:\SipPhone\backend.exe", None), [r"C:\SipPhone\backend.exe", "hook", "end", "100"]);
        for (dir, read) in [
            (r"D:\Sip Phone", r"D:\Sip Phone"),
            (r"D:\Данные\", r"D:\Данные"),
            (r"D:\", r"D:\"),
            ("/var/lib/sip phone", "/var/lib/sip phone"),
        ] {
            let program = r"C:\Program Files\Телефон (x86)\back end.exe";
            assert_eq!(arguments(program, Some(dir)), [program, "--data-dir", read, "hook", "end", "100"], "{dir}");
        }
    }

    #[test]
    fn what_can_not_be_written_is_said() {
        let long = PathBuf::from(format!("C:\\{}\\backend.exe", "a".repeat(230)));
        let error = Hooks::new(&long, None).unwrap_err();
        assert!(error.to_string().contains("255") && error.to_string().contains("shorter"), "{error}");
        assert!(Hooks::new(Path::new("C:\\a"), Some(&long)).is_err());
        for path in ["a\"b", "a\nb"] {
            assert!(matches!(Hooks::new(Path::new(path), None), Err(HooksError::Path(_))));
        }
        for dir in ["C:\\a  b", "C:\\a ", "C:\\my hook data", "C:\\a --b"] {
            let made = Hooks::new(Path::new("C:\\b.exe"), Some(Path::new(dir)));
            assert!(matches!(made, Err(HooksError::Pieces(_))), "{dir}");
        }
    }

    #[test]
    fn lines_of_others_are_not_ours() {
        for value in [
            "",
            "hook end",
            r#""C:\a b\tool.exe" end"#,
            r#"tool.exe hook ring"#,
            r#"tool.exe hook end now"#,
            r#"tool.exe --verbose hook end"#,
            r#"cmd /c hook end"#,
        ] {
            assert_eq!(program_of(HookEvent::End, as_read(value)), None, "{value}");
        }
        // By hand, as README once had it; by the key's name; without the pair of quotes that MicroSIP drops.
        for value in [
            r#""C:\b\backend.exe" hook end"#,
            r#"C:\b\backend.exe hook cmdCallEnd"#,
            r#"""C:\b\backend.exe" hook end""#,
        ] {
            assert_eq!(program_of(HookEvent::End, as_read(value)).as_deref(), Some(r"C:\b\backend.exe"), "{value}");
        }
    }
}
