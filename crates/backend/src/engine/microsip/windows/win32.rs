//! The few calls of Windows that no safe crate has: windows of another program, a message to one, the end of a process.
#![allow(unsafe_code, reason = "calls of the system, each with arguments that live until it returns")]

use std::ffi::{OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::PathBuf;
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, HWND, LPARAM, TRUE, WAIT_OBJECT_0};
use windows_sys::Win32::System::DataExchange::COPYDATASTRUCT;
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_ACCESS_RIGHTS, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    QueryFullProcessImageNameW, WaitForSingleObject,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    EnumWindows, GetClassNameW, GetWindowThreadProcessId, SMTO_NORMAL, SendMessageTimeoutW, WM_COPYDATA,
};
use windows_sys::core::BOOL;

/// Longest name of a class and the end behind it, in UTF-16 units.
const LONGEST_CLASS: usize = 257;
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
///
/// All windows at one moment: who goes from one to the next stops where one has just been closed.
pub(super) fn windows_of_class(class: &str) -> Vec<Window> {
    let mut search = Search { class: class.encode_utf16().collect(), found: Vec::new() };
    // SAFETY: `search` outlives the call, which is all that `note` is given.
    unsafe { EnumWindows(Some(note), (&raw mut search) as isize) };
    search.found
}

struct Search {
    class: Vec<u16>,
    found: Vec<Window>,
}

/// Takes a window into the [`Search`] that `search` points to, if it is of that class.
unsafe extern "system" fn note(window: HWND, search: LPARAM) -> BOOL {
    // SAFETY: what `windows_of_class` gave, and nobody else has it meanwhile.
    let search = unsafe { &mut *(search as *mut Search) };
    let mut name = [0; LONGEST_CLASS];
    // SAFETY: the length is the buffer's; a window that is gone has no class.
    let length = unsafe { GetClassNameW(window, name.as_mut_ptr(), LONGEST_CLASS as i32) };
    if name.get(..length as usize) == Some(&search.class) {
        let mut pid = 0;
        // SAFETY: a handle that is no longer a window's leaves `pid` alone.
        unsafe { GetWindowThreadProcessId(window, &raw mut pid) };
        search.found.push(Window { handle: window as usize, pid });
    }
    TRUE // on to the next
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
