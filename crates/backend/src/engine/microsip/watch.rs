//! Is MicroSIP running? By the path of its executable, so that two copies are two phones.

use std::path::{Path, PathBuf};

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

/// A child of ours from that executable is one of our commands, not the phone, unless it has stayed this many seconds.
const COMMAND_SECONDS: u64 = 15;

/// Looks for the process of one executable. A look over all processes takes milliseconds: not for the event path.
pub(super) struct Watch {
    exe: PathBuf,
    system: System,
    found: Option<Pid>,
}

impl Watch {
    pub(super) fn new(exe: &Path) -> Self {
        Self { exe: canonical(exe), system: System::new(), found: None }
    }

    /// Whether it runs now. While it does, only that one process is looked at.
    pub(super) fn is_running(&mut self) -> bool {
        if let Some(pid) = self.found {
            self.refresh(ProcessesToUpdate::Some(&[pid]));
            if self.system.process(pid).is_some_and(|process| self.is_phone(process)) {
                return true;
            }
        }
        self.refresh(ProcessesToUpdate::All);
        self.found = self.system.processes().values().find(|process| self.is_phone(process)).map(Process::pid);
        self.found.is_some()
    }

    fn refresh(&mut self, which: ProcessesToUpdate<'_>) {
        let what = ProcessRefreshKind::nothing().with_exe(UpdateKind::OnlyIfNotSet).without_tasks();
        self.system.refresh_processes_specifics(which, true, what);
    }

    fn is_phone(&self, process: &Process) -> bool {
        let ours = process.parent().is_some_and(|parent| parent.as_u32() == std::process::id());
        process.exe().is_some_and(|exe| exe == self.exe || canonical(exe) == self.exe)
            && !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
            && !(ours && process.run_time() < COMMAND_SECONDS)
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
