//! The few calls of Windows that no safe crate has: windows of another program, a message to one, the end of a process.
#![allow(unsafe_code, reason = "calls of the system, each with arguments that live until it returns")]

use std::ffi::{OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, WAIT_OBJECT_0};
use windows_sys::Win32::System::DataExchange::COPYDATASTRUCT;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    QueryFullProcessImageNameW, WaitForSingleObject,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    FindWindowExW, GetWindowThreadProcessId, SMTO_NORMAL, SendMessageTimeoutW, WM_COPYDATA,
};

/// More windows of one class than any desktop has: they may change their order while we look.
const MOST_WINDOWS: usize = 256;
/// Longest path that Windows knows, in UTF-16 units.
const LONGEST_PATH: usize = 32_768;

/// A window of some process; it may be gone by the time it is used, which the call then says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    handle: usize,
    /// The process that it belongs to.
    pub(super) pid: u32,
}

/// The top-level windows of a class, as far as this user's session shows them.
pub(super) fn windows_of_class(class: &str) -> Vec<Window> {
    let class = wide(class);
    let mut found = Vec::new();
    let mut after = null_mut();
    while found.len() < MOST_WINDOWS {
        // SAFETY: `class` ends with NUL; null for a parent means the desktop, for a title any.
        after = unsafe { FindWindowExW(null_mut(), after, class.as_ptr(), null()) };
        if after.is_null() {
            break;
        }
        let mut pid = 0;
        // SAFETY: a handle that is no longer a window's leaves `pid` alone.
        unsafe { GetWindowThreadProcessId(after, &raw mut pid) };
        found.push(Window { handle: after as usize, pid });
    }
    found
}

/// Sends `WM_COPYDATA` with this text and waits for the window's answer.
///
/// # Errors
/// It did not answer in time (`TimedOut`: it may still come to it), or the system did not let the message through.
pub(super) fn send_text(window: Window, kind: usize, text: &str, patience: Duration) -> io::Result<usize> {
    let mut text = wide(text);
    let bytes = u32::try_from(text.len() * 2).map_err(|_| io::ErrorKind::InvalidInput)?;
    let data = COPYDATASTRUCT { dwData: kind, cbData: bytes, lpData: text.as_mut_ptr().cast::<c_void>() };
    let mut answer = 0;
    let millis = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    // SAFETY: the system copies `data` and what it points to before this returns.
    let sent = unsafe {
        let data = (&raw const data) as isize;
        SendMessageTimeoutW(window.handle as *mut c_void, WM_COPYDATA, 0, data, SMTO_NORMAL, millis, &raw mut answer)
    };
    match sent {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(answer),
    }
}

/// The executable of a process, if it still runs and we may know.
pub(super) fn executable_of(pid: u32) -> Option<PathBuf> {
    let process = open(pid, PROCESS_QUERY_LIMITED_INFORMATION)?;
    let mut path = vec![0; LONGEST_PATH];
    let mut length = LONGEST_PATH as u32;
    // SAFETY: `length` is the buffer's, and becomes the path's.
    let told = unsafe { QueryFullProcessImageNameW(process.as_raw_handle(), 0, path.as_mut_ptr(), &raw mut length) };
    (told != 0).then(|| OsString::from_wide(&path[..length as usize]).into())
}

/// Waits until a process has ended; `false` if it has not in this time, or if we may not know. Of one that is not there, it is
/// true at once.
pub(in super::super) fn ends_within(pid: u32, patience: Duration) -> bool {
    let Some(process) = open(pid, PROCESS_SYNCHRONIZE) else {
        let absent = io::Error::last_os_error().raw_os_error() == Some(ERROR_INVALID_PARAMETER as i32);
        if !absent {
            // Of another user's, or an administrator's: whoever waits shall not ask again at once.
            std::thread::sleep(patience);
        }
        return absent;
    };
    let millis = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    // SAFETY: the handle is open until this has returned.
    unsafe { WaitForSingleObject(process.as_raw_handle(), millis) == WAIT_OBJECT_0 }
}

fn open(pid: u32, rights: PROCESS_ACCESS_RIGHTS) -> Option<OwnedHandle> {
    // SAFETY: no pointers; what comes back is ours alone, or null.
    unsafe {
        let handle = OpenProcess(rights, 0, pid);
        (!handle.is_null()).then(|| OwnedHandle::from_raw_handle(handle))
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
