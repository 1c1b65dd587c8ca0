//! Is MicroSIP running? By the path of its executable, so that two copies are two phones.
//!
//! On Unix that may be a script, such as one that starts the real thing: its process is the interpreter's, which has
//! the script's path at the beginning of its arguments.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

use super::launch::Carriers;

/// Names one run of MicroSIP: the process, and when it began (seconds since 1970), for process ids are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) began: u64,
    pub(super) pid: u32,
}

impl Run {
    /// Whether this is the run that another process saw: some systems reckon the beginning anew each time, to a second.
    pub(super) fn is(self, other: Self) -> bool {
        self.pid == other.pid && self.began.abs_diff(other.began) <= 2
    }
}

/// Looks for the process of one executable. A look over all processes takes milliseconds: not for the event path.
pub(super) struct Watch {
    exe: PathBuf,
    carriers: Carriers,
    system: System,
    found: Option<Pid>,
}

impl Watch {
    pub(super) fn new(exe: &Path, carriers: Carriers) -> Self {
        Self { exe: canonical(exe), carriers, system: System::new(), found: None }
    }

    /// What runs now. While it does, only that one process is looked at.
    pub(super) fn look(&mut self) -> Option<Run> {
        if let Some(pid) = self.found {
            self.refresh(ProcessesToUpdate::Some(&[pid]));
            if let Some(process) = self.system.process(pid).filter(|process| self.is_phone(process)) {
                return Some(run(process));
            }
        }
        self.refresh(ProcessesToUpdate::All);
        // The oldest: others may be carriers of somebody else's commands.
        let phones = self.system.processes().values().filter(|process| self.is_phone(process));
        let found = phones.map(run).min();
        self.found = found.map(|run| Pid::from_u32(run.pid));
        found
    }

    fn refresh(&mut self, which: ProcessesToUpdate<'_>) {
        let what = ProcessRefreshKind::nothing().without_tasks();
        // On Unix a process may be seen before it has become what it will be.
        let what = if cfg!(unix) {
            what.with_exe(UpdateKind::Always).with_cmd(UpdateKind::Always).with_cwd(UpdateKind::Always)
        } else {
            what.with_exe(UpdateKind::OnlyIfNotSet)
        };
        self.system.refresh_processes_specifics(which, true, what);
    }

    fn is_phone(&self, process: &Process) -> bool {
        let is_exe = process.exe().is_some_and(|exe| exe == self.exe || canonical(exe) == self.exe);
        (is_exe || (cfg!(unix) && self.is_script(process)))
            && !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
            && !self.carriers.has(process.pid().as_u32())
    }

    /// The interpreter's arguments begin with the script's path; an argument without a directory names no file.
    fn is_script(&self, process: &Process) -> bool {
        let mut paths = process.cmd().iter().take(2).map(Path::new).filter(|path| path.components().count() > 1);
        let dir = process.cwd().unwrap_or(Path::new("/"));
        paths.any(|path| path == self.exe || canonical(&dir.join(path)) == self.exe)
    }
}

/// Until the next look is due: at the end of the run that was found, where the system tells of it, and no later than this.
#[cfg(windows)]
pub(super) async fn pause(found: Option<Run>, no_longer_than: Duration) {
    match found {
        Some(Run { pid, .. }) => {
            let waited = tokio::task::spawn_blocking(move || super::windows::ends_within(pid, no_longer_than));
            // Only when the runtime ends it is not waited for.
            let _ = waited.await;
        }
        None => tokio::time::sleep(no_longer_than).await,
    }
}

/// As above.
#[cfg(not(windows))]
pub(super) async fn pause(_found: Option<Run>, no_longer_than: Duration) {
    tokio::time::sleep(no_longer_than).await;
}

fn run(process: &Process) -> Run {
    Run { began: process.start_time(), pid: process.pid().as_u32() }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    //! The test's own process stands for the phone.
    use super::*;

    #[test]
    fn by_the_path_of_the_executable_and_not_while_it_carries_a_command() {
        let here = std::env::current_exe().expect("a test has an executable");
        let carriers = Carriers::default();
        let mut watch = Watch::new(&here, carriers.clone());
        let run = watch.look().expect("it runs");
        assert_eq!(run.pid, std::process::id());
        assert_eq!(watch.look(), Some(run), "also when only the one process is looked at");
        assert!(Watch::new(&here.with_extension("gone"), Carriers::default()).look().is_none());
        carriers.start(|| Ok((Some(std::process::id()), ()))).expect("nothing was started");
        // A process that another test is about to start has this one's executable, for a moment.
        assert_ne!(watch.look().map(|run| run.pid), Some(std::process::id()));
    }

    #[cfg(unix)]
    #[test]
    fn a_script_is_known_by_the_arguments_of_its_interpreter() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("microsip.exe");
        std::fs::write(&script, "read -r _ # waits for its end\n").unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&script, &link).unwrap();
        for (arguments, expected) in [
            (&[script.as_os_str()][..], true),
            (&["./microsip.exe".as_ref()], true),
            (&[link.as_os_str(), "/answer".as_ref()], true),
            (&["-c".as_ref(), "read -r _".as_ref(), script.as_os_str()], false),
        ] {
            // As the kernel starts a file that begins with `#!/bin/sh`.
            let mut shell = std::process::Command::new("/bin/sh");
            let shell = shell.args(arguments).current_dir(dir.path()).stdin(std::process::Stdio::piped());
            let mut child = shell.spawn().unwrap();
            let carriers = Carriers::default();
            let mut watch = Watch::new(&script, carriers.clone());
            if expected {
                let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
                while watch.look().is_none() {
                    assert!(std::time::Instant::now() < until, "{arguments:?}");
                }
                assert!(watch.look().is_some(), "also when only the one process is looked at");
            } else {
                assert!(watch.look().is_none(), "{arguments:?}");
            }
            carriers.start(|| Ok((Some(child.id()), ()))).unwrap();
            assert!(watch.look().is_none(), "it carries a command: {arguments:?}");
            drop(child.stdin.take());
            child.wait().unwrap();
            assert!(Watch::new(&script, Carriers::default()).look().is_none());
        }
    }
}
