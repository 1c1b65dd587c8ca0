//! The user's own key `Run`.

use windows_registry::CURRENT_USER;

use super::{AutostartError, NAME};

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
/// Where the task manager notes that the user has switched one of them off.
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";
/// Longest value that Windows starts.
const MAX_UNITS: usize = 260;

pub(super) fn add(words: &[String]) -> Result<String, AutostartError> {
    let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let units = line.encode_utf16().count();
    if units > MAX_UNITS {
        return Err(AutostartError::TooLong(units));
    }
    CURRENT_USER.create(RUN).and_then(|key| key.set_string(NAME, &line)).map_err(refused)?;
    // Not there, most of the time.
    let _ = CURRENT_USER.create(APPROVED).and_then(|key| key.remove_value(NAME));
    Ok(line)
}

pub(super) fn remove() -> Result<(), AutostartError> {
    let key = CURRENT_USER.create(RUN).map_err(refused)?;
    match key.get_string(NAME) {
        Ok(_) => key.remove_value(NAME).map_err(refused),
        Err(_) => Ok(()),
    }
}

/// A word without quotes, as Windows' programs read it. Backslashes before the closing quote are doubled.
fn quoted(word: &str) -> String {
    let slashes = word.len() - word.trim_end_matches('\\').len();
    format!("\"{word}{}\"", "\\".repeat(slashes))
}

fn refused(error: impl ToString) -> AutostartError {
    AutostartError::System(error.to_string())
}
