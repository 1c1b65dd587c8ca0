//! Disks that are full, directories that can't be had, files that are none of ours: the phone works, and says what is lost.

use std::fs::{self, File};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Running, backend};

fn json_of(running: &Running, head: &str) -> Value {
    serde_json::from_str(&running.body(head, "")).unwrap()
}

/// Health as `(status, parts)`, after a look at each message.
fn health(running: &Running) -> (String, Vec<String>) {
    let health = json_of(running, "GET /healthz");
    let part = |problem: &Value| {
        assert!(problem["message"].as_str().is_some_and(|message| message.len() > 40), "{problem}");
        problem["part"].as_str().unwrap().to_owned()
    };
    let parts = health["problems"].as_array().unwrap().iter().map(part).collect();
    (health["status"].as_str().unwrap().to_owned(), parts)
}

/// Waits until the health is so: what failed is tried again every other second.
fn until_health(running: &Running, status: &str, parts: &[&str]) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while health(running) != (status.to_owned(), parts.iter().map(|part| (*part).to_owned()).collect()) {
        assert!(std::time::Instant::now() < until, "it never came to that: {:?}", health(running));
        std::thread::yield_now();
    }
}

/// A call from begin to end, and all that belongs to a working phone.
fn call(running: &Running, number: &str) {
    let body = format!("{{\"number\":\"{number}\"}}");
    let call = running.body("POST /api/sim/incoming", &body);
    while json_of(running, "GET /api/sip/state")["active_call"].is_null() {}
    running.body("POST /api/sip/call/answer", &call);
    while json_of(running, "GET /api/sip/state")["active_call"]["state"] != "talking" {}
    running.body("POST /api/sip/call/hangup", &call);
    while !json_of(running, "GET /api/sip/state")["active_call"].is_null() {}
}

fn numbers(running: &Running) -> Vec<String> {
    let page = json_of(running, "GET /api/sip/calls?limit=200");
    let calls = page["calls"].as_array().unwrap().iter().rev();
    calls.map(|call| call["number"].as_str().unwrap().to_owned()).collect()
}

#[cfg(unix)]
#[test]
fn a_full_disk_costs_nothing_but_what_is_written_later() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let program = backend(&dir);
    // No file may be longer than 2048 bytes; the program is told so by an error instead of being killed.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""]).arg(program.get_program());
    limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(dir.path());
    limited.stdout(std::process::Stdio::piped());
    let log = dir.path().join("log");
    // The log is no file with a limit, but a pipe into one.
    let running = Running::start_logging(limited, &log);
    until_health(&running, "ok", &[]);
    let expected: Vec<String> = (0..30).map(|n| format!("1000{n}")).collect();
    for number in &expected {
        call(&running, number);
    }
    until_health(&running, "degraded", &["history"]);
    assert_eq!(numbers(&running), expected, "in memory is all of it");
    let lunch = running.answer("POST /api/sip/operator/status", "{\"status\":\"lunch\"}");
    assert!(
        lunch.starts_with("HTTP/1.1 200") && fs::read_to_string(data.join("state.json")).unwrap().contains("lunch")
    );
    let file = data.join("calls.jsonl");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.ends_with('\n') && written.len() <= 2048, "whole lines only");
    // Room is made: what waits is written in order, a file's worth at a time.
    let mut all = String::new();
    for n in 0.. {
        let aside = data.join(format!("moved-{n}"));
        fs::rename(&file, &aside).unwrap();
        while fs::read_to_string(&file).unwrap_or_default().is_empty() {
            std::thread::yield_now();
        }
        all += &fs::read_to_string(aside).unwrap();
        if health(&running).0 == "ok" {
            break;
        }
    }
    until_health(&running, "ok", &[]);
    all += &fs::read_to_string(&file).unwrap();
    let numbers: Vec<String> = all
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["number"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(numbers, expected);
    running.kill();
    let log = fs::read_to_string(log).unwrap();
    let told = log.lines().filter(|line| line.contains("ERROR") && line.contains("calls.jsonl"));
    assert_eq!(told.count(), 1, "told when it changes, not for each call: {log}");
}

#[test]
fn a_directory_that_can_not_be_made_costs_no_call() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    File::create(&file).unwrap();
    let mut command = backend(&dir);
    command.env("SIP_PHONE_DATA_DIR", file.join("data"));
    let running = Running::start(command);
    until_health(&running, "degraded", &["status", "open_calls"]);
    call(&running, "100");
    until_health(&running, "degraded", &["status", "history", "open_calls"]);
    running.body("POST /api/sip/operator/status", "{\"status\":\"dnd\"}");
    assert_eq!(json_of(&running, "GET /api/sip/state")["operator_status"], "dnd");
    assert_eq!(numbers(&running), ["100"]);
    // As soon as it can be had, all is made good.
    fs::remove_file(&file).unwrap();
    until_health(&running, "ok", &[]);
    assert!(fs::read_to_string(file.join("data/calls.jsonl")).unwrap().contains("\"100\""));
    assert!(fs::read_to_string(file.join("data/state.json")).unwrap().contains("dnd"));
}

#[test]
fn a_list_of_calls_that_can_not_be_renewed_makes_no_phantom() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let running = Running::start(backend(&dir));
    running.body("POST /api/sim/incoming", "{\"number\":\"100\"}");
    while json_of(&running, "GET /api/sip/state")["active_call"].is_null() {}
    let open_calls = data.join("open-calls.json");
    assert!(fs::read_to_string(&open_calls).unwrap().contains("\"100\""));
    // Whatever it is that makes writing fail from here on.
    testkit::block(&open_calls).unwrap();
    running.body("POST /api/sim/hangup", "{}");
    until_health(&running, "degraded", &["open_calls"]);
    assert!(!open_calls.exists());
    testkit::unblock(&open_calls).unwrap();
    until_health(&running, "ok", &[]);
    assert!(!fs::read_to_string(&open_calls).unwrap().contains("\"100\""));
}

#[test]
fn files_that_are_none_of_ours_stay_and_stand_in_nobodys_way() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    let nonsense = [("state.json", "{"), ("open-calls.json", "{\"calls\":7}"), ("hooks.jsonl", "\u{0}\n")];
    for (name, text) in nonsense {
        fs::write(data.join(name), text).unwrap();
    }
    fs::create_dir(data.join("calls.jsonl")).unwrap();
    fs::write(data.join("calls.jsonl/precious"), "kept").unwrap();
    let running = Running::start(backend(&dir));
    until_health(&running, "degraded", &["history"]);
    call(&running, "100");
    running.body("POST /api/sip/operator/status", "{\"status\":\"lunch\"}");
    assert_eq!(fs::read_to_string(data.join("calls.jsonl/precious")).unwrap(), "kept");
    for (name, text) in &nonsense[..2] {
        assert_eq!(&fs::read_to_string(data.join(format!("{name}.unreadable"))).unwrap(), text);
    }
    assert_eq!(fs::read_to_string(data.join("hooks.jsonl")).unwrap(), nonsense[2].1, "the simulator has no hooks");
    fs::rename(data.join("calls.jsonl"), data.join("moved")).unwrap();
    until_health(&running, "ok", &[]);
    running.kill();
    let again = Running::start(backend(&dir));
    assert_eq!(numbers(&again), ["100"]);
    assert_eq!(json_of(&again, "GET /api/sip/state")["operator_status"], "lunch");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_in_place_of_a_file_hangs_nothing() {
    for device in ["/dev/full", "/dev/zero"] {
        let dir = TempDir::new().unwrap();
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        for name in ["calls.jsonl", "state.json", "open-calls.json"] {
            std::os::unix::fs::symlink(device, data.join(name)).unwrap();
        }
        let running = Running::start(backend(&dir));
        call(&running, "100");
        until_health(&running, "degraded", &["history"]);
        assert_eq!(numbers(&running), ["100"]);
    }
}

#[test]
fn a_second_backend_leaves_the_directory_to_the_first() {
    let dir = TempDir::new().unwrap();
    let first = Running::start(backend(&dir));
    let before = fs::read_to_string(dir.path().join("data/state.json")).unwrap();
    // A simulator has nothing to lose: it keeps apart what it writes. One with a softphone refuses, see microsip::kill.
    let second = Running::start(backend(&dir));
    second.body("POST /api/sip/operator/status", "{\"status\":\"lunch\"}");
    assert_eq!(fs::read_to_string(dir.path().join("data/state.json")).unwrap(), before);
    assert_eq!(json_of(&second, "GET /api/sip/state")["operator_status"], "lunch");
    assert_eq!(json_of(&first, "GET /api/sip/state")["operator_status"], "ready");
    second.kill();
    // The lock goes with its holder, however that ends.
    first.kill();
    let again = Running::start(backend(&dir));
    assert_eq!(json_of(&again, "GET /healthz"), json!({ "status": "ok", "problems": [] }));
}
