//! `backend autostart on | off` where desktops read files for it.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::backend;

fn autostart(dir: &TempDir, options: &[&str], switch: &str) -> (Option<i32>, String) {
    let mut command = backend(dir);
    command.env("XDG_CONFIG_HOME", dir.path().join("config"));
    let output = command.args(options).args(["autostart", switch]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

/// What the desktop would run.
fn exec(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
    assert!(text.starts_with("[Desktop Entry]\nType=Application\n"), "{text}");
    // Without backslashes in it the line means the same to a shell.
    assert!(!line.contains('\\'), "{line}");
    let script = format!("for word in {line}; do echo \"$word\"; done");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn on_and_off_and_on_again() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("config/autostart/sip-phone.desktop");
    let (code, text) = autostart(&dir, &[], "off");
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = autostart(&dir, &["--listen", "127.0.0.1:0", "--allow-origin", "http://a b.example"], "on");
    assert_eq!((code, text.contains("--allow-origin")), (Some(2), true), "{text}");
    assert!(!file.exists());

    fs::write(dir.path().join("sip-phone.toml"), "engine = 'simulator'").unwrap();
    let options = ["--allow-origin", "http://a.example", "--allow-origin", "http://b.example"];
    let (code, text) = autostart(&dir, &options, "on");
    assert_eq!(code, Some(0), "{text}");
    let config = dir.path().join("sip-phone.toml");
    let data_dir = dir.path().join("data");
    let expected = [
        env!("CARGO_BIN_EXE_backend"),
        "--background",
        "--config",
        config.to_str().unwrap(),
        "--data-dir",
        data_dir.to_str().unwrap(),
    ];
    assert_eq!(exec(&file), [&expected[..], &options].concat());

    let (code, text) = autostart(&dir, &["--listen", "127.0.0.1:0"], "on");
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(exec(&file)[6..], ["--listen", "127.0.0.1:0"]);
    let (code, text) = autostart(&dir, &[], "off");
    assert_eq!((code, file.exists()), (Some(0), false), "{text}");
}
