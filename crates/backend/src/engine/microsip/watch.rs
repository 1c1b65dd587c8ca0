//! Is MicroSIP running? By the path of its executable, so that two copies are two phones.

use std::path::{Path, PathBuf};

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

use super::launch::Carriers;

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
        process.exe().is_some_and(|exe| exe == self.exe || canonical(exe) == self.exe)
            && !matches!(process.status(), ProcessStatus::Zombie | ProcessStatus::Dead)
            && !self.carriers.has(process.pid().as_u32())
    }
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
        assert!(watch.is_running());
        assert!(watch.is_running(), "also when only the one process is looked at");
        assert!(!Watch::new(&here.with_extension("gone"), Carriers::default()).is_running());
        carriers.start(|| Ok((Some(std::process::id()), ()))).expect("nothing was started");
        assert!(!watch.is_running());
    }
}
