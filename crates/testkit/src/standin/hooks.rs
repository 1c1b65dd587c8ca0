//! Runs hooks as MicroSIP does: one at a time, and the phone waits.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::argv;
use super::ini::Ini;
use super::phone::Fired;
use super::state::HookRecord;

/// Runs one hook and waits for it, but not longer than `wait`. `None`: the ini has none for this key.
pub(super) fn run(ini: &Ini, fired: &Fired, wait: Duration) -> Option<HookRecord> {
    let command = ini.value("Settings", fired.key).filter(|command| !command.is_empty())?;
    let argument = fired.argument.as_str();
    let line = if argument.is_empty() { command } else { format!("{command} {argument}") };
    // A C string ends at the first NUL.
    let line = line.split('\0').next().unwrap_or_default();
    let code = exit_code(&argv::split(line), wait);
    Some(HookRecord { key: fired.key.to_owned(), argument: argument.to_owned(), failed: code.is_none(), code })
}

fn exit_code(arguments: &[String], wait: Duration) -> Option<i32> {
    let (program, arguments) = arguments.split_first()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let (done, exited) = mpsc::channel();
    // Not killed when it takes too long, only no longer waited for.
    thread::spawn(move || done.send(child.wait()));
    exited.recv_timeout(wait).ok()?.ok()?.code()
}
