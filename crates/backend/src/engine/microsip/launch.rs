//! Carries one command to MicroSIP by a process of its own.

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;

use super::command::MicroSipCommand;

/// Ends when the process has; `true` if it ended well.
pub(super) type Running = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Starts what carries a command.
pub(super) trait Launch: Send + 'static {
    /// Starts it, without waiting.
    fn launch(&mut self, command: &MicroSipCommand) -> io::Result<Running>;
}

/// `microsip.exe ARG`.
pub(super) struct Process {
    pub(super) exe: PathBuf,
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
        let mut child = process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        Ok(Box::pin(async move { child.wait().await.is_ok_and(|status| status.success()) }))
    }
}
