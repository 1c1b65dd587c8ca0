//! MicroSIP's ways on Windows: one window by which it is found and told, and hooks by `ShellExecuteEx`.
//!
//! As in its sources, 3.22.3: `microsip.cpp` (`InitInstance`), `mainDlg.cpp` (`onCopyData`), `lib/MSIP.cpp` (`RunCmd`).
#![allow(unsafe_code, reason = "calls of the system, each with arguments that live until it returns")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::fs::OpenOptions;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::process::ExitCode;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use anyhow::{Result, ensure};
use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, TRUE, WAIT_OBJECT_0, WPARAM};
use windows_sys::Win32::System::DataExchange::COPYDATASTRUCT;
use windows_sys::Win32::System::Environment::GetCommandLineW;
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Threading::{
    GetCurrentThreadId, GetExitCodeProcess, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
    WaitForSingleObject,
};
use windows_sys::Win32::UI::Shell::{
    SEE_MASK_FLAG_NO_UI, SEE_MASK_NOASYNC, SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW, ShellExecuteExW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DispatchMessageW, EnumWindows, GetClassNameW, GetMessageW,
    GetWindowThreadProcessId, MSG, PostQuitMessage, PostThreadMessageW, RegisterClassW, SW_HIDE, SendMessageW, WM_APP,
    WM_CLOSE, WM_COPYDATA, WNDCLASSW, WS_OVERLAPPEDWINDOW,
};
use windows_sys::core::BOOL;

use super::instance::{Instance, Job};
use super::{deliver, hooks};

/// The class of the main window.
const CLASS: &str = "MicroSIP";
/// The message was left to others: the SIP stack is not up, or nobody knows such a message.
const NOT_TAKEN: LRESULT = 1;
/// What a later process hands over is obeyed before it ends.
const NOW: usize = 1;
/// What another program hands over is put aside, and obeyed when the main thread comes to it.
const LATER: usize = 2;

/// Whom to wake: the thread of the window.
static MAIN_THREAD: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static INSTANCE: RefCell<Option<Instance>> = const { RefCell::new(None) };
    static PUT_ASIDE: RefCell<VecDeque<String>> = const { RefCell::new(VecDeque::new()) };
}

/// The command line behind the program, as it stands there.
pub(super) fn raw_command_line() -> String {
    // SAFETY: a string that ends with NUL and lives as long as the process.
    let line = unsafe { text_at(GetCommandLineW()) };
    let behind = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(_, behind)| behind),
        None => line.split_once(' ').map(|(_, behind)| behind),
    };
    let raw = behind.unwrap_or_default().trim();
    raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw).to_owned()
}

/// A later process: hands its command line to the instance. `None`: none of this executable runs.
pub(super) fn to_running(exe: &Path, raw: &str) -> Result<Option<ExitCode>> {
    // As 3.22.16: each process has the settings to itself while it lives, or says so in a box and ends.
    let ini = exe.with_extension("ini");
    let held = OpenOptions::new().read(true).share_mode(0).open(&ini);
    if held.is_err() && ini.exists() {
        return deliver::to_door(exe, raw);
    }
    let Some(window) = window_of(exe) else { return Ok(None) };
    if raw == "/exit" {
        // SAFETY: no pointers; a window that is gone is no harm.
        unsafe { SendMessageW(window, WM_CLOSE, 0, 0) };
    } else if raw != "/minimized" && !raw.is_empty() {
        let mut text = wide(raw);
        let bytes = u32::try_from(text.len() * 2)?;
        let data = COPYDATASTRUCT { dwData: NOW, cbData: bytes, lpData: text.as_mut_ptr().cast::<c_void>() };
        // SAFETY: the system copies `data` and what it points to.
        unsafe { SendMessageW(window, WM_COPYDATA, 0, (&raw const data) as isize) };
    }
    Ok(Some(ExitCode::SUCCESS))
}

/// The main window of the instance that runs from this path.
fn window_of(exe: &Path) -> Option<HWND> {
    let mut windows: Vec<HWND> = Vec::new();
    // SAFETY: `windows` outlives the call, which is all that `note` is given.
    unsafe { EnumWindows(Some(note), (&raw mut windows) as isize) };
    let is_here = |path: String| path.eq_ignore_ascii_case(&exe.to_string_lossy());
    windows.into_iter().find(|window| path_of(*window).is_some_and(is_here))
}

/// Takes a window of our class into the list that `list` points to.
unsafe extern "system" fn note(window: HWND, list: LPARAM) -> BOOL {
    let mut name = [0; 64];
    // SAFETY: the length is the buffer's; the list is what `window_of` gave, and nobody else has it meanwhile.
    let (length, list) = unsafe { (GetClassNameW(window, name.as_mut_ptr(), 64), &mut *(list as *mut Vec<HWND>)) };
    if String::from_utf16_lossy(&name[..length as usize]) == CLASS {
        list.push(window);
    }
    TRUE // on to the next
}

fn path_of(window: HWND) -> Option<String> {
    let mut path = vec![0; 32_768];
    let mut length = 32_768;
    // SAFETY: `length` is the buffer's, and becomes the path's; the handle is closed by its owner.
    unsafe {
        let mut pid = 0;
        GetWindowThreadProcessId(window, &raw mut pid);
        let process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
        let process = (!process.is_null()).then(|| OwnedHandle::from_raw_handle(process))?;
        let told = QueryFullProcessImageNameW(process.as_raw_handle(), 0, path.as_mut_ptr(), &raw mut length);
        (told != 0).then(|| String::from_utf16_lossy(&path[..length as usize]))
    }
}

/// Makes the window; from now on other programs find it. It is of the thread that calls this, and that is to [`work`].
pub(super) fn open_window() -> Result<()> {
    let class = wide(CLASS);
    // SAFETY: `class` ends with NUL and outlives both calls; null for a module means this program.
    let window = unsafe {
        let module = GetModuleHandleW(null());
        let wanted = WNDCLASSW {
            lpfnWndProc: Some(heard),
            hInstance: module,
            lpszClassName: class.as_ptr(),
            ..std::mem::zeroed()
        };
        ensure!(RegisterClassW(&raw const wanted) != 0, std::io::Error::last_os_error());
        let (class, style) = (class.as_ptr(), WS_OVERLAPPEDWINDOW);
        CreateWindowExW(0, class, class, style, 0, 0, 300, 400, null_mut(), null_mut(), module, null())
    };
    ensure!(!window.is_null(), std::io::Error::last_os_error());
    // SAFETY: no arguments.
    MAIN_THREAD.store(unsafe { GetCurrentThreadId() }, Ordering::SeqCst);
    Ok(())
}

/// There is something for the main thread to look at.
pub(super) fn wake() {
    // SAFETY: no pointers; a thread that is gone is no harm.
    unsafe { PostThreadMessageW(MAIN_THREAD.load(Ordering::SeqCst), WM_APP, 0, 0) };
}

/// Obeys lines and messages until one says to exit, and gives the instance back.
pub(super) fn work(instance: Instance, inbox: &Receiver<Job>) -> Option<Instance> {
    INSTANCE.set(Some(instance));
    // SAFETY: a message without content.
    let mut message: MSG = unsafe { std::mem::zeroed() };
    loop {
        while let Ok(job) = inbox.try_recv() {
            if with(|instance| instance.take(job)) == Some(true) {
                return INSTANCE.take();
            }
        }
        while let Some(raw) = PUT_ASIDE.with_borrow_mut(VecDeque::pop_front) {
            if with(|instance| instance.obey(&raw, true)) == Some(true) {
                return INSTANCE.take();
            }
        }
        // The instance is free meanwhile: whoever starts a program by the shell may be called by the system.
        if let Some(due) = with(Instance::next_hook).flatten() {
            let record = due.and_then(|(ini, fired, wait)| hooks::run(&ini, &fired, wait));
            with(|instance| instance.note(record));
            continue;
        }
        // SAFETY: null for a window means any of this thread's, and its thread messages.
        if unsafe { GetMessageW(&raw mut message, null_mut(), 0, 0) } <= 0 {
            return INSTANCE.take();
        }
        // SAFETY: the message has just come.
        unsafe { DispatchMessageW(&raw const message) };
    }
}

fn with<T>(f: impl FnOnce(&mut Instance) -> T) -> Option<T> {
    INSTANCE.with_borrow_mut(|instance| instance.as_mut().map(f))
}

/// What the window hears; the system calls it while the main thread waits for messages.
unsafe extern "system" fn heard(window: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    match message {
        WM_COPYDATA => {
            // SAFETY: with this message the system gives a pointer to such data, for the time of this call.
            let data = unsafe { &*(lparam as *const COPYDATASTRUCT) };
            // SAFETY: as above.
            hand_over(data.dwData, unsafe { text_in(data) })
        }
        WM_CLOSE => {
            // SAFETY: no pointers.
            unsafe { PostQuitMessage(0) };
            0
        }
        // SAFETY: what the system gave to us.
        _ => unsafe { DefWindowProcW(window, message, wparam, lparam) },
    }
}

fn hand_over(kind: usize, raw: String) -> LRESULT {
    let down = with(|instance| instance.is_down()).unwrap_or(true);
    match kind {
        LATER if !with(|instance| instance.knows_posted()).unwrap_or(false) => NOT_TAKEN,
        NOW | LATER if down => {
            with(|instance| instance.obey(&raw, kind == LATER));
            NOT_TAKEN
        }
        NOW => {
            with(|instance| instance.obey(&raw, false));
            wake();
            0
        }
        LATER => {
            PUT_ASIDE.with_borrow_mut(|line| line.push_back(raw));
            wake();
            0
        }
        _ => NOT_TAKEN,
    }
}

/// MicroSIP starts a hook hidden and waits so long for it; gives what it exited with.
pub(super) fn shell_execute(program: &str, parameters: &str, wait: Duration) -> Option<i32> {
    let (program, parameters) = (wide(program), wide(parameters));
    // SAFETY: the texts end with NUL and outlive the call; the process handle is closed by its owner.
    unsafe {
        let mut what = SHELLEXECUTEINFOW {
            cbSize: u32::try_from(size_of::<SHELLEXECUTEINFOW>()).ok()?,
            fMask: SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC | SEE_MASK_FLAG_NO_UI,
            lpFile: program.as_ptr(),
            lpParameters: parameters.as_ptr(),
            nShow: SW_HIDE,
            ..std::mem::zeroed()
        };
        if ShellExecuteExW(&raw mut what) == 0 || what.hProcess.is_null() {
            return None;
        }
        let process = OwnedHandle::from_raw_handle(what.hProcess);
        let millis = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        let mut code = 0;
        let ended = WaitForSingleObject(process.as_raw_handle(), millis) == WAIT_OBJECT_0
            && GetExitCodeProcess(process.as_raw_handle(), &raw mut code) != 0;
        ended.then_some(code.cast_signed())
    }
}

/// # Safety
/// What the data points to must be readable for as many bytes as it says.
unsafe fn text_in(data: &COPYDATASTRUCT) -> String {
    if data.lpData.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises; byte by byte, for nothing says how it is aligned.
    let bytes = unsafe { std::slice::from_raw_parts(data.lpData.cast::<u8>(), data.cbData as usize) };
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    match units.iter().position(|unit| *unit == 0) {
        Some(end) => String::from_utf16_lossy(&units[..end]),
        // The real one would read on, into whatever is behind.
        None => format!("{}\u{fffd}", String::from_utf16_lossy(&units)),
    }
}

/// # Safety
/// It must point to a text that ends with NUL.
unsafe fn text_at(start: *const u16) -> String {
    // SAFETY: as the caller promises.
    let units = unsafe {
        let length = (0..).take_while(|place| *start.add(*place) != 0).count();
        std::slice::from_raw_parts(start, length)
    };
    String::from_utf16_lossy(units)
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
