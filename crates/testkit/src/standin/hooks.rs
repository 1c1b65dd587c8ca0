//! Runs hooks as MicroSIP does: one at a time, and the phone waits.

use std::time::Duration;

use super::argv;
use super::ini::Ini;
use super::phone::Fired;
use super::state::HookRecord;

/// Runs one hook and waits for it, but not longer than `wait`. `None`: the ini has none for this key.
pub(super) fn run(ini: &Ini, fired: &Fired, wait: Duration) -> Option<HookRecord> {
    let command = ini.value("Settings", fired.key).filter(|command| !command.is_empty())?;
    let argument = fired.argument.as_str();
    // A C string ends at the first NUL.
    let argument = argument.split('\0').next().unwrap_or_default();
    let (program, parameters) = program_and_parameters(&command, argument);
    let code = exit_code(&program, &parameters, wait);
    Some(HookRecord { key: fired.key.to_owned(), argument: fired.argument.clone(), failed: code.is_none(), code })
}

/// Taken to pieces and joined by spaces, as MicroSIP does: the quotes around a piece with spaces are gone.
fn program_and_parameters(command: &str, argument: &str) -> (String, String) {
    let mut pieces = argv::split(command.trim()).into_iter();
    let program = pieces.next().unwrap_or_default();
    let fixed = pieces.collect::<Vec<_>>().join(" ");
    (program, format!("{} {argument}", fixed.trim_end()).trim_start().to_owned())
}

#[cfg(windows)]
use super::windows::shell_execute as exit_code;

/// The program is started without a shell, with the arguments that Windows' programs make of their command line.
#[cfg(not(windows))]
fn exit_code(program: &str, parameters: &str, wait: Duration) -> Option<i32> {
    use std::process::{Command, Stdio};
    use std::sync::mpsc;
    use std::thread;

    let mut command = Command::new(program);
    command.args(argv::split(&format!("program {parameters}")).into_iter().skip(1));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let (done, exited) = mpsc::channel();
    // Not killed when it takes too long, only no longer waited for.
    thread::spawn(move || done.send(child.wait()));
    exited.recv_timeout(wait).ok()?.ok()?.code()
}

#[cfg(test)]
mod tests {
    use super::program_and_parameters;

    #[test]
    fn quotes_of_the_settings_are_lost() {
        let (program, parameters) = program_and_parameters(r#""C:\a b\hook.exe" --data-dir "C:\c d" ring"#, "1 \"2\"");
        assert_eq!(program, r"C:\a b\hook.exe");
        assert_eq!(parameters, "--data-dir C:\\c d ring 1 \"2\"");
        assert_eq!(program_and_parameters("hook.exe", "").1, "");
    }
}
