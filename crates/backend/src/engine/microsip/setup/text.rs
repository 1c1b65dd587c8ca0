//! MicroSIP's ini as bytes in, bytes out: where the hooks' lines are, and an edit that leaves every other byte alone.

use std::ops::Range;

use super::hooks::as_read;
use crate::engine::microsip::HookEvent;

/// Many times what a thousand calls of history weigh.
pub(super) const MAX_BYTES: u64 = 16 * 1024 * 1024;
const MARK: [u8; 2] = [0xff, 0xfe];
const CR: u16 = b'\r' as u16;
const LF: u16 = b'\n' as u16;

/// The file is not as MicroSIP keeps it; what to do is said, and nothing is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IniError {
    /// No bytes.
    #[error("is empty: start MicroSIP, exit it by its menu, and try again")]
    Empty,
    /// More than it ever is.
    #[error(
        "is larger than 16 MB, which MicroSIP's settings never are: is it the right file? If so, clear its list of calls"
    )]
    TooLarge,
    /// Half a character at the end.
    #[error(
        "ends in the middle of a character, so a part of it is lost: start MicroSIP, look through its settings, exit it by its menu, and try again; or bring the file back from a backup"
    )]
    Cut,
    /// UTF-16, but nothing says so.
    #[error(
        "has no byte order mark, so MicroSIP reads it as garbled: open it in Notepad, save it with the encoding UTF-16 LE, and try again"
    )]
    NoMark,
    /// Something else.
    #[error(
        "is {0} and not UTF-16 LE: start MicroSIP (3.20 or newer converts it), exit it by its menu, and try again; or save it in Notepad with the encoding UTF-16 LE"
    )]
    Encoding(&'static str),
    /// The section is missing.
    #[error("has no section [Settings]: is it MicroSIP's? Start MicroSIP, exit it by its menu, and try again")]
    NoSettings,
    /// Windows reads the first one only.
    #[error(
        "has two sections [Settings], of which MicroSIP reads the first: make one of them in a text editor, and try again"
    )]
    TwoSettings,
    /// Likewise.
    #[error("has the key {0} twice in [Settings]: remove one of the lines in a text editor, and try again")]
    Twice(&'static str),
}

/// A file that can be edited.
#[derive(Clone, Debug)]
pub struct Ini {
    /// Without the mark.
    units: Vec<u16>,
    /// Behind the line `[Settings]`, where new lines go.
    top: usize,
    /// Whether that line has an end.
    top_is_new_line: bool,
    lines: Vec<(HookEvent, Line)>,
}

#[derive(Clone, Debug)]
struct Line {
    text: Range<usize>,
    /// Its end too.
    whole: Range<usize>,
}

impl Ini {
    /// Finds the hooks' lines in the file's bytes.
    ///
    /// # Errors
    /// The file is not as MicroSIP keeps it.
    pub fn read(bytes: &[u8]) -> Result<Self, IniError> {
        let units = units(bytes)?;
        let (mut settings, mut within) = (None, false);
        let mut lines: Vec<(HookEvent, Line)> = Vec::new();
        for line in lines_of(&units) {
            let text = String::from_utf16_lossy(&units[line.text.clone()]);
            let text = text.trim();
            if let Some(rest) = text.strip_prefix('[') {
                within = rest.split(']').next().is_some_and(|name| name.eq_ignore_ascii_case("Settings"));
                if within && settings.replace(line).is_some() {
                    return Err(IniError::TwoSettings);
                }
            } else if let Some(event) = key(text).filter(|_| within) {
                if lines.iter().any(|(other, _)| *other == event) {
                    return Err(IniError::Twice(event.key()));
                }
                lines.push((event, line));
            }
        }
        let settings = settings.ok_or(IniError::NoSettings)?;
        let top_is_new_line = settings.whole.end > settings.text.end;
        Ok(Self { top: settings.whole.end, units, top_is_new_line, lines })
    }

    /// The value of this hook as Windows reads it; `None` where there is no such key.
    pub fn value(&self, event: HookEvent) -> Option<String> {
        let line = String::from_utf16_lossy(self.line(event)?);
        line.split_once('=').map(|(_, value)| as_read(value).to_owned())
    }

    /// The line of this hook, as it stands there.
    pub fn line(&self, event: HookEvent) -> Option<&[u16]> {
        let (_, line) = self.lines.iter().find(|(other, _)| *other == event)?;
        Some(&self.units[line.text.clone()])
    }

    /// The file with these lines: replaced where they were, new ones at the top of the section, those without text gone.
    pub fn with(&self, changes: &[(HookEvent, Option<Vec<u16>>)]) -> Vec<u8> {
        let line_end = self.line_end();
        let mut edits: Vec<(Range<usize>, Vec<u16>)> = Vec::new();
        let mut new = if self.top_is_new_line { Vec::new() } else { line_end.to_vec() };
        let bare = new.len();
        for (event, text) in changes {
            let there = self.lines.iter().find(|(other, _)| other == event).map(|(_, line)| line);
            match (there, text) {
                (Some(line), Some(text)) => edits.push((line.text.clone(), text.clone())),
                (Some(line), None) => edits.push((line.whole.clone(), Vec::new())),
                (None, Some(text)) => new.extend(text.iter().chain(line_end)),
                (None, None) => {}
            }
        }
        if new.len() > bare {
            edits.push((self.top..self.top, new));
        }
        // What is new stands before the line that was first.
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut units = Vec::with_capacity(self.units.len() + 1024);
        let mut from = 0;
        for (range, text) in edits {
            units.extend_from_slice(&self.units[from..range.start]);
            units.extend(text);
            from = range.end;
        }
        units.extend_from_slice(&self.units[from..]);
        MARK.into_iter().chain(units.into_iter().flat_map(u16::to_le_bytes)).collect()
    }

    /// As the file's first line has it; but no bare CR, which might become one with what comes behind it.
    fn line_end(&self) -> &'static [u16] {
        let first = lines_of(&self.units).next().map_or(0..0, |line| line.text.end..line.whole.end);
        match self.units[first] {
            [LF] => &[LF],
            _ => &[CR, LF],
        }
    }
}

fn units(bytes: &[u8]) -> Result<Vec<u16>, IniError> {
    if bytes.is_empty() {
        return Err(IniError::Empty);
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(IniError::TooLarge);
    }
    let Some(text) = bytes.strip_prefix(&MARK) else {
        let wide = bytes.chunks_exact(2).take(64).filter(|pair| pair[0] != 0 && pair[1] == 0);
        let is_wide = wide.count() > 16.min(bytes.len() / 4);
        return Err(match bytes {
            [0xfe, 0xff, ..] => IniError::Encoding("UTF-16 BE"),
            [0xef, 0xbb, 0xbf, ..] => IniError::Encoding("UTF-8"),
            _ if is_wide => IniError::NoMark,
            _ => IniError::Encoding("ANSI or UTF-8"),
        });
    };
    let pairs = text.chunks_exact(2);
    if pairs.remainder().is_empty() {
        Ok(pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
    } else {
        Err(IniError::Cut)
    }
}

fn lines_of(units: &[u16]) -> impl Iterator<Item = Line> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = units.get(from..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|unit| matches!(*unit, CR | LF)).unwrap_or(rest.len());
        let end = match rest[length..] {
            [CR, LF, ..] => 2,
            [] => 0,
            _ => 1,
        };
        let line = Line { text: from..from + length, whole: from..from + length + end };
        from = line.whole.end;
        Some(line)
    })
}

fn key(line: &str) -> Option<HookEvent> {
    let (name, _) = line.split_once('=')?;
    HookEvent::ALL.into_iter().find(|event| event.key().eq_ignore_ascii_case(name.trim()))
}
