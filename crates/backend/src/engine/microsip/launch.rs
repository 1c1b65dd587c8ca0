//! Carries one command to MicroSIP by a process of its own.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::command::MicroSipCommand;

/// A process that has stayed this long carries no command: MicroSIP was not there, and it has become the phone itself.
const COMMAND_ENDS_WITHIN: Duration = Duration::from_secs(15);

/// Ends when the process has; `true` if it ended well.
pub(super) type Running = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Starts what carries a command.
pub(super) trait Launch: Send + 'static {
    /// Starts it, without waiting.
    fn launch(&mut self, command: &MicroSipCommand) -> io::Result<Running>;
}

/// The processes that carry commands just now: they look like MicroSIP, but are not it.
#[derive(Clone, Debug, Default)]
pub(super) struct Carriers(Arc<Mutex<Vec<(u32, Instant)>>>);

impl Carriers {
    pub(super) fn has(&self, pid: u32) -> bool {
        self.edit(|list| list.iter().any(|(other, since)| *other == pid && since.elapsed() < COMMAND_ENDS_WITHIN))
    }

    /// Counts a process in before anybody can see it: it is started under the lock that [`Self::has`] takes.
    pub(super) fn start<T>(&self, start: impl FnOnce() -> io::Result<(Option<u32>, T)>) -> io::Result<T> {
        self.edit(|list| {
            let (pid, process) = start()?;
            list.extend(pid.map(|pid| (pid, Instant::now())));
            Ok(process)
        })
    }

    fn edit<T>(&self, edit: impl FnOnce(&mut Vec<(u32, Instant)>) -> T) -> T {
        edit(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `microsip.exe ARG`.
pub(super) struct Process {
    pub(super) exe: PathBuf,
    pub(super) carriers: Carriers,
}

impl Launch for Process {
    fn launch(&mut self, command: &MicroSipCommand) -> io::Result<Running> {
        let mut process = tokio::process::Command::new(&self.exe);
        // MicroSIP reads its raw command line, quotes and all: on Windows the argument must stand there as it is.
        #[cfg(windows)]
        process.raw_arg(command.to_string());
        #[cfg(not(windows))]
        process.arg(command.to_string());
        // Not killed on drop: if MicroSIP has just ended, this process has become the phone itself.
        process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let carriers = self.carriers.clone();
        let mut child = carriers.start(|| process.spawn().map(|child| (child.id(), child)))?;
        let pid = child.id();
        Ok(Box::pin(async move {
            let status = child.wait().await;
            carriers.edit(|list| list.retain(|(other, _)| Some(*other) != pid));
            status.is_ok_and(|status| status.success())
        }))
    }
}
