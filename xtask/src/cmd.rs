//! Running other programs: shown on screen before they start, bounded where they may hang, and errors that name them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a bounded program is left alone between two looks at it.
const POLL: Duration = Duration::from_millis(50);

/// The cargo that runs xtask, so that nested builds use the same toolchain.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The workspace's directory. As `cargo run` says it, since a checkout may have moved after xtask was built.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Runs to the end with the output on screen; a failure is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("    $ {}", line(command));
    let status = command.status().with_context(|| cannot_start(command))?;
    ok(command, status)
}

/// As [`run`], but ends the program when it takes longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    println!("    $ {}    (at most {} s)", line(command), limit.as_secs());
    let started = Instant::now();
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return ok(command, status);
        }
        if started.elapsed() > limit {
            // It may have ended in between; then there is nothing to kill.
            let _ = child.kill();
            child.wait()?;
            bail!("`{}` was not done in {} s", line(command), limit.as_secs());
        }
        sleep(POLL);
    }
}

/// Ends as the other program ends. Where the system can, this process turns into it: then signals reach it, and only it.
pub(crate) fn become_it(command: &mut Command) -> Result<()> {
    println!("    $ {}", line(command));
    #[cfg(unix)]
    return Err(std::os::unix::process::CommandExt::exec(command)).with_context(|| cannot_start(command));
    #[cfg(not(unix))]
    {
        let status = command.status().with_context(|| cannot_start(command))?;
        std::process::exit(status.code().unwrap_or(1));
    }
}

/// Runs to the end, shows what it writes, and gives back all lines of its standard output.
pub(crate) fn run_heard(command: &mut Command) -> Result<Vec<String>> {
    println!("    $ {}", line(command));
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| cannot_start(command))?;
    let mut lines = Vec::new();
    let output = child.stdout.take().context("standard output is piped")?;
    // By bytes: a test may write what is not UTF-8.
    for bytes in BufReader::new(output).split(b'\n') {
        let text = String::from_utf8_lossy(&bytes?).into_owned();
        println!("{text}");
        lines.push(text);
    }
    let status = child.wait()?;
    ok(command, status).map(|()| lines)
}

/// Runs unseen and gives back what it wrote to standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::piped()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", line(command), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_stem().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// `3.4 s`, or `2 min 5 s` for what takes longer.
pub(crate) fn took(since: Instant) -> String {
    let time = since.elapsed();
    match time.as_secs() {
        0..=99 => format!("{:.1} s", time.as_secs_f32()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn ok(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { bail!("`{}` failed ({status})", line(command)) }
}

fn cannot_start(command: &Command) -> String {
    format!("`{}` cannot be started", command.get_program().to_string_lossy())
}
