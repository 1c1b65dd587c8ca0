//! Carries one command to MicroSIP: on Windows by a message to its window, else by a process of its own.

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

/// How commands get to the MicroSIP of this executable.
#[derive(Clone)]
pub(super) struct Courier {
    pub(super) exe: PathBuf,
    pub(super) carriers: Carriers,
}

impl Launch for Courier {
    #[cfg(windows)]
    fn launch(&mut self, command: &MicroSipCommand) -> io::Result<Running> {
        use super::windows::{Message, send};

        if let MicroSipCommand::Start(_) = command {
            return self.start(command);
        }
        let (courier, command) = (self.clone(), command.clone());
        let (exe, text) = (self.exe.clone(), command.to_string());
        Ok(Box::pin(async move {
            match tokio::task::spawn_blocking(move || send(&exe, &text)).await {
                Ok(Message::Taken) => true,
                // It does not run, is older than such messages, or not ready: for a process the same as ever.
                Ok(Message::Refused) => match courier.by_process(&command) {
                    Ok(process) => process.await,
                    Err(error) => {
                        tracing::warn!(command = command.kind(), %error, "MicroSIP's executable can't be started");
                        false
                    }
                },
                Ok(Message::Unanswered) | Err(_) => false,
            }
        }))
    }

    #[cfg(not(windows))]
    fn launch(&mut self, command: &MicroSipCommand) -> io::Result<Running> {
        if let MicroSipCommand::Start(_) = command { self.start(command) } else { self.by_process(command) }
    }
}

impl Courier {
    /// `microsip.exe ARG`, where that is to become the phone itself.
    fn start(&self, command: &MicroSipCommand) -> io::Result<Running> {
        let mut child = self.process(command).spawn()?;
        tokio::spawn(async move { child.wait().await }); // reaped whenever it ends
        Ok(Box::pin(std::future::ready(true)))
    }

    /// `microsip.exe ARG`.
    fn by_process(&self, command: &MicroSipCommand) -> io::Result<Running> {
        let mut process = self.process(command);
        let carriers = self.carriers.clone();
        let mut child = carriers.start(|| process.spawn().map(|child| (child.id(), child)))?;
        let pid = child.id();
        Ok(Box::pin(async move {
            let status = child.wait().await;
            carriers.edit(|list| list.retain(|(other, _)| Some(*other) != pid));
            status.is_ok_and(|status| status.success())
        }))
    }

    fn process(&self, command: &MicroSipCommand) -> tokio::process::Command {
        let mut process = tokio::process::Command::new(&self.exe);
        // MicroSIP reads its raw command line, quotes and all: on Windows the argument must stand there as it is.
        #[cfg(windows)]
        process.raw_arg(command.to_string());
        #[cfg(not(windows))]
        process.arg(command.to_string());
        // Not killed on drop: if MicroSIP has just ended, this process has become the phone itself.
        process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        process
    }
}
