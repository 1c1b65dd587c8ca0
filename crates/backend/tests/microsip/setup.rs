//! `backend microsip connect | disconnect | status` on a real ini, with a real process that reads it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::json;
use tempfile::TempDir;
use testkit::standin::{Setup, StandIn};

use super::BACKEND;
use super::program::Program;

/// Ends the stand-in that the program under test has started.
struct Ended<'a>(&'a Path);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let _ = Command::new(self.0).arg("/exit").status();
    }
}

fn set_up(exe: &Path, data_dir: &Path, task: &str) -> Output {
    let mut command = Command::new(BACKEND);
    command.arg("--microsip").arg(exe).arg("--data-dir").arg(data_dir).args(["microsip", task]);
    command.current_dir(data_dir).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn text(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// Installed, with these settings, not running.
fn installed(setup: &Setup) -> (StandIn, TempDir, Vec<u8>) {
    let standin = StandIn::install(setup).unwrap();
    let before = fs::read(standin.ini_path()).unwrap();
    (standin, tempfile::tempdir().unwrap(), before)
}

#[tokio::test]
async fn one_command_and_a_call_rings_in_the_tabs() {
    let setup = Setup::default().setting("cmdCallEnd", "\"/opt/administrators own\" --end");
    let (mut standin, data_dir, before) = installed(&setup);
    standin.launch().await.unwrap();
    let exe = standin.exe().to_owned();
    let _ended = Ended(&exe);
    let do_it = |task| set_up(&exe, data_dir.path(), task);

    let said = text(&do_it("status"), 1);
    assert!(said.contains("cmdCallRing      not set") && said.contains("backend microsip connect"), "{said}");
    assert!(said.contains("cmdCallEnd       set to something else: \"/opt/administrators own\" --end"), "{said}");
    let said = text(&do_it("connect"), 0);
    assert!(said.contains("Whether a call is up is not known") && said.contains("and runs again"), "{said}");
    let said = text(&do_it("status"), 0);
    assert!(said.contains("Connected") && said.contains("(runs)") && said.contains("Backend:  does not run"), "{said}");

    // What it has started reads the new ini.
    standin.connect().await.unwrap();
    let program = Program::start(&exe, data_dir.path());
    program.until(|state| state["phone_status"] == "available").await;
    standin.ring("100").await.unwrap();
    let state = program.until(|state| state["active_call"]["state"] == "incoming").await;

    // Nobody's call is ended for it.
    let connected = fs::read(standin.ini_path()).unwrap();
    let said = text(&do_it("disconnect"), 1);
    assert!(said.contains("a call is up") && said.lines().count() == 1, "{said}");
    assert_eq!(fs::read(standin.ini_path()).unwrap(), connected);
    let of_call = json!({ "call_id": state["active_call"]["call_id"] });
    assert_eq!(program.post("/api/sip/call/hangup", of_call).await.0 / 100, 2);
    program.until(|state| state["active_call"].is_null()).await;

    let said = text(&do_it("connect"), 0);
    assert!(said.contains("connected already") && said.contains("Backend:  runs"), "{said}");
    let said = text(&do_it("disconnect"), 0);
    assert!(!said.contains("not known") && said.contains("as they were before"), "{said}");
    text(&do_it("status"), 1);
    let said = text(&do_it("disconnect"), 0);
    assert!(said.contains("not connected"), "{said}");
    // But for the call in its history the ini is as it was.
    let now = testkit::standin::Ini::read(&standin.ini_path()).unwrap();
    assert_eq!(now.value("Settings", "cmdCallEnd").as_deref(), Some("\"/opt/administrators own\" --end"));
    assert_eq!(now.value("Settings", "cmdCallRing"), None);
    let copy = format!("{}.before-sip-phone", standin.ini_path().display());
    assert_eq!(fs::read(copy).unwrap(), before);
}

#[test]
fn without_a_process_not_a_byte_is_lost_on_the_way_and_back() {
    let (standin, data_dir, before) = installed(&Setup::default().setting("name", "Ольга ;\"x\""));
    let do_it = |task| text(&set_up(standin.exe(), data_dir.path(), task), 0);
    let said = do_it("connect");
    assert!(said.contains("is connected") && said.contains("does not run: start it"), "{said}");
    let connected = fs::read(standin.ini_path()).unwrap();
    assert!(connected.len() > before.len());
    do_it("connect");
    assert_eq!(fs::read(standin.ini_path()).unwrap(), connected);
    do_it("disconnect");
    assert_eq!(fs::read(standin.ini_path()).unwrap(), before);
}

#[test]
fn an_ini_that_can_not_be_changed_stays_and_it_is_said_what_to_do() {
    let (standin, data_dir, good) = installed(&Setup::default());
    let ini = standin.ini_path();
    let settings = "[Settings]\r\nsingleMode=1\r\n";
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let marked = |text: &str| wide(&format!("\u{feff}{text}"));
    let refused = |words: &str| {
        let bytes = fs::read(&ini).unwrap();
        for task in ["connect", "disconnect", "status"] {
            let output = set_up(standin.exe(), data_dir.path(), task);
            let said = text(&output, 1);
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(error.contains(words) && error.contains(".ini") && error.lines().count() == 1, "{task}: {said}");
        }
        assert_eq!(fs::read(&ini).unwrap(), bytes, "{words}");
        assert_eq!(fs::read_dir(ini.parent().unwrap()).unwrap().count(), 2, "nothing lies beside it");
    };
    for (bytes, words) in [
        (vec![], "is empty: start MicroSIP"),
        (good[..good.len() - 1].to_vec(), "in the middle of a character"),
        (wide(settings), "no byte order mark"),
        (settings.as_bytes().to_vec(), "is ANSI or UTF-8"),
        (format!("\u{feff}{settings}").into_bytes(), "is UTF-8"),
        (marked("[Calls]\r\n"), "no section [Settings]"),
        (marked(&format!("{settings}{settings}")), "two sections"),
        (marked("[Settings]\ncmdCallEnd=1\ncmdCallEnd=2"), "cmdCallEnd twice"),
        (marked(&"x".repeat(9_000_000)), "larger than 16 MB"),
    ] {
        fs::write(&ini, bytes).unwrap();
        refused(words);
    }
    fs::write(&ini, &good).unwrap();
    let lock = fs::File::open(&ini).unwrap();
    lock.lock().unwrap();
    refused("in use by another program");
    drop(lock);
    let writable = fs::metadata(&ini).unwrap().permissions();
    let mut readonly = writable.clone();
    readonly.set_readonly(true);
    fs::set_permissions(&ini, readonly).unwrap();
    refused("is read-only");
    fs::set_permissions(&ini, writable).unwrap();
    fs::remove_file(&ini).unwrap();
    let said = text(&set_up(standin.exe(), data_dir.path(), "connect"), 1);
    assert!(said.contains("is not there: start MicroSIP"), "{said}");
}

#[test]
fn paths_that_are_too_long_are_said_before_anything_is_changed() {
    let (standin, data_dir, before) = installed(&Setup::default());
    let long = data_dir.path().join("a".repeat(200));
    let mut command = Command::new(BACKEND);
    command.arg("--microsip").arg(standin.exe()).arg("--data-dir").arg(&long).args(["microsip", "connect"]);
    let said = text(&command.output().unwrap(), 1);
    assert!(said.contains("255 characters") && said.contains("shorter"), "{said}");
    assert_eq!(fs::read(standin.ini_path()).unwrap(), before);
}

#[test]
fn no_microsip_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let said = text(&set_up(&dir.path().join("gone.exe"), dir.path(), "status"), 2);
    assert!(said.contains("there is no MicroSIP at") && said.contains("--microsip"), "{said}");
}
