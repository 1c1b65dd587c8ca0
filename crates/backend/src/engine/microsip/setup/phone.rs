//! MicroSIP itself, ended and started again so that it reads its ini anew.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::super::launch::Carriers;
use super::super::watch::Watch;

use crate::handles;

/// How long it may take to say good-bye to its server, or to come up.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// MicroSIP did not do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// The program can't be started.
    #[error("MicroSIP's program {0} can't be started: {1}")]
    Start(String, io::Error),
    /// It goes on.
    #[error("MicroSIP did not exit within {} s: exit it by its menu, and try again", PATIENCE.as_secs())]
    Stays,
    /// It did not come up.
    #[error("MicroSIP did not start within {} s: start it by hand", PATIENCE.as_secs())]
    StaysAway,
}

/// Whether it runs.
pub(super) fn is_running(exe: &Path) -> bool {
    Watch::new(exe, Carriers::default()).look().is_some()
}

/// Asks it to exit, as its menu does, and waits until it is gone: only then its ini is written.
pub(super) fn exit(exe: &Path) -> Result<(), PhoneError> {
    let carriers = Carriers::default();
    let mut carrier = start_process(exe, "/exit", &carriers)?;
    let mut watch = Watch::new(exe, carriers);
    let gone = until(|| {
        let carried = !matches!(carrier.try_wait(), Ok(None));
        carried && watch.look().is_none()
    });
    if gone { Ok(()) } else { Err(PhoneError::Stays) }
}

/// Starts it, in the background.
pub(super) fn start(exe: &Path) -> Result<(), PhoneError> {
    handles::keep();
    let mut phone = start_process(exe, "/minimized", &Carriers::default())?;
    let mut watch = Watch::new(exe, Carriers::default());
    let up = until(|| {
        // Reaped, if it has ended: else it would look like one that runs.
        let _ = phone.try_wait();
        watch.look().is_some()
    });
    if up { Ok(()) } else { Err(PhoneError::StaysAway) }
}

fn start_process(exe: &Path, argument: &str, carriers: &Carriers) -> Result<Child, PhoneError> {
    let mut command = Command::new(exe);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // It outlives us: a Ctrl-C for us is none for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    if let Some(dir) = exe.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        command.current_dir(dir);
    }
    let started = carriers.start(|| command.spawn().map(|child| (Some(child.id()), child)));
    started.map_err(|error| PhoneError::Start(exe.display().to_string(), error))
}

fn until(mut is_so: impl FnMut() -> bool) -> bool {
    let give_up = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() > give_up {
            return false;
        }
        sleep(LOOK_EVERY);
    }
    true
}
