//! MicroSIP on Windows: a message to its window instead of a process, and its end at once.

mod registry;
mod win32;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) use win32::ends_within;
use win32::executable_of;

/// The class of MicroSIP's main window, in every version.
const CLASS: &str = "MicroSIP";
/// `WM_COPYDATA` of this kind is a command line that MicroSIP puts aside, answers with [`TAKEN`] and then obeys: since 3.20.5.
const POSTED: usize = 2;
/// Its answer, while its SIP stack is up; else, and from older versions, something else.
const TAKEN: usize = 0;
/// A little more than MicroSIP waits for a hook, during which its window is deaf.
const PATIENCE: Duration = Duration::from_secs(11);

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// MicroSIP has it.
    Taken,
    /// It is for sure that MicroSIP has not: a process may carry it.
    Refused,
    /// MicroSIP may still come to it: a second one could do the same thing twice.
    Unanswered,
}

/// Hands a command line to the window of the MicroSIP that runs from this path; takes as long as MicroSIP is busy.
pub(super) fn send(exe: &Path, command: &str) -> Message {
    let wanted = canonical(exe);
    let mut windows = win32::windows_of_class(CLASS).into_iter();
    let window = windows.find(|window| executable_of(window.pid).is_some_and(|exe| canonical(&exe) == wanted));
    let Some(window) = window else { return Message::Refused };
    match win32::send_text(window, POSTED, command, PATIENCE) {
        Ok(TAKEN) => Message::Taken,
        Ok(_) => Message::Refused,
        Err(error) => unsent(&error),
    }
}

/// The executables of MicroSIP that this computer knows of: one that runs first, then those that were installed.
pub(super) fn known_executables() -> impl Iterator<Item = PathBuf> {
    let windows = win32::windows_of_class(CLASS).into_iter();
    windows.filter_map(|window| executable_of(window.pid)).chain(registry::executables())
}

/// A window that has just gone, or that the system keeps us from, has surely not got the message.
fn unsent(error: &io::Error) -> Message {
    /// `ERROR_INVALID_WINDOW_HANDLE`.
    const NO_WINDOW: i32 = 1400;
    if error.raw_os_error() == Some(NO_WINDOW) || error.kind() == ErrorKind::PermissionDenied {
        return Message::Refused;
    }
    tracing::warn!(%error, "MicroSIP does not answer a message");
    Message::Unanswered
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
