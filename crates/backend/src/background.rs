//! `backend --background`: the same program once more, without a window and without us; for who starts with the system.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use crate::handles;

/// What asks for it.
pub const OPTION: &str = "--background";

/// Starts the program with these arguments, and waits until it listens.
///
/// # Errors
/// It can't be started, or ends at once; in words for who sits at the terminal.
pub fn start(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write) -> Result<(), String> {
    let failed = |error: io::Error| format!("it can't be started in the background: {error}");
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(arguments.into_iter().filter(|argument| argument != OPTION));
    // A log that nobody reads would end up in a pipe that nobody holds.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    detach(&mut command);
    handles::keep();
    let mut child = command.spawn().map_err(failed)?;
    match first_line(&mut child) {
        Some(line) => {
            // A terminal that is gone needs no news.
            let _ = writeln!(out, "{line}\nin the background, as process {}", child.id());
            Ok(())
        }
        None => Err(format!("it did not start: leave {OPTION} out to see why")),
    }
}

fn first_line(child: &mut Child) -> Option<String> {
    let mut line = String::new();
    let read = BufReader::new(child.stdout.take()?).read_line(&mut line);
    read.ok().filter(|length| *length > 0).map(|_| line.trim_end().to_owned())
}

/// No console, so no window; and what is pressed in ours does not reach it.
#[cfg(windows)]
fn detach(command: &mut Command) {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NO_WINDOW);
}

/// As above.
#[cfg(unix)]
fn detach(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}
