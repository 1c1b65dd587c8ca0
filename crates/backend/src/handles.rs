//! What a program that we start must not hold on to: our own output. Whoever reads that would wait for the other's end.

/// Keeps standard input and output from programs that are started from now on, and that outlive us.
#[cfg(windows)]
#[allow(
    unsafe_code,
    reason = "std starts programs with all handles that can be inherited, and has no safe way to change that"
)]
pub(crate) fn keep() {
    use std::io;
    use std::os::windows::io::AsRawHandle;

    use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

    for handle in [io::stdin().as_raw_handle(), io::stdout().as_raw_handle(), io::stderr().as_raw_handle()] {
        // SAFETY: it is this process's own handle, or none, for which the call fails and changes nothing.
        unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0) };
    }
}

/// Elsewhere a program gets what it is given.
#[cfg(not(windows))]
pub(crate) fn keep() {}
