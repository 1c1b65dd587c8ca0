//! The program killed at random instants, with the simulator: what it told is true in its next life.

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use protocol::wire::event::Event;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Running, backend};

/// What a tab has heard and was answered in all lives of the backend.
#[derive(Default)]
struct Seen {
    /// The last event of each call.
    calls: HashMap<String, String>,
    /// Reasons of the calls that have ended.
    ended: HashMap<String, Value>,
    /// The status that was answered last, the one that was asked for last, and the one that was told last.
    status: [String; 3],
    epochs: Vec<String>,
}

impl Seen {
    fn event(&mut self, name: &str, data: &Value) {
        if let Some(id) = data["call_id"].as_str() {
            self.calls.insert(id.to_owned(), name.to_owned());
            if name == "call_ended" {
                assert_eq!(self.ended.insert(id.to_owned(), data["reason"].clone()), None, "{id} ended twice");
            }
        }
        if name == "status_change" {
            self.status[2] = data["status"].as_str().unwrap().to_owned();
        }
    }

    /// All that a stream says, until it breaks.
    fn listen(&mut self, lines: &mpsc::Receiver<String>) {
        let mut name = String::new();
        for line in lines.iter() {
            match line.split_once(": ") {
                Some(("id", id)) => {
                    let epoch = id.split('-').next().unwrap().to_owned();
                    if self.epochs.last() != Some(&epoch) {
                        assert!(!self.epochs.contains(&epoch), "an epoch came again");
                        self.epochs.push(epoch);
                    }
                }
                Some(("event", event)) => event.clone_into(&mut name),
                Some(("data", data)) => {
                    let data: Value = serde_json::from_str(data).unwrap();
                    assert!(Event::from_wire(&name, data.clone()).is_ok());
                    self.event(&name, &data);
                }
                _ => {}
            }
        }
    }
}

/// Numbers that look random, from a seed that is printed when a test fails.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// On memory where there is a file system of it: not the disk's speed is under test.
fn directory() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

#[test]
fn killed_at_any_instant_it_goes_on_where_it_was() {
    let dir = directory();
    let mut dice = Dice(0x5eed);
    let mut seen = Seen { status: ["ready"; 3].map(str::to_owned), ..Seen::default() };
    for life in 0..25 {
        let running = Running::start(backend(&dir));
        let state: Value = serde_json::from_str(&running.body("GET /api/sip/state", "")).unwrap();
        let status = state["operator_status"].as_str().unwrap();
        let [answered, asked, told] = &seen.status;
        // The one in flight may have come to be or not, unless that was told.
        assert!(status == asked || (status == answered && told != asked), "life {life}: {status}, {:?}", seen.status);
        seen.status = [status; 3].map(str::to_owned);
        assert_eq!((&state["active_call"], &state["other_calls"]), (&Value::Null, &json!([])), "life {life}: phantoms");
        check_history(&dir, &seen);

        let lines = running.stream();
        let until = Instant::now() + Duration::from_millis(dice.roll(300));
        let mut asked = 0;
        // A stream of calls and changes; one request is in flight when the end comes.
        std::thread::scope(|scope| {
            let (running, dice, seen) = (&running, &mut dice, &mut seen);
            let killer = scope.spawn(move || {
                std::thread::sleep(until.saturating_duration_since(Instant::now()));
                running.kill();
            });
            // Until one is not answered.
            loop {
                asked += 1;
                let number = format!("{{\"number\":\"{asked}\"}}");
                let status = ["ready", "lunch", "dnd", "offline"][dice.roll(4) as usize];
                let roll = dice.roll(5);
                let answer = match roll {
                    0 | 1 => running.try_answer("POST /api/sim/incoming", &number),
                    2 => running.try_answer("POST /api/sim/hangup", "{}"),
                    3 => running.try_answer("POST /api/sip/call/dial", "{\"phone\":\"100\"}"),
                    _ => {
                        status.clone_into(&mut seen.status[1]);
                        running.try_answer("POST /api/sip/operator/status", &format!("{{\"status\":\"{status}\"}}"))
                    }
                };
                let Some(answer) = answer else { break };
                // Asked faster than the limit lets through: nothing was done.
                if answer.starts_with("HTTP/1.1 429") {
                    seen.status[1] = seen.status[0].clone();
                    continue;
                }
                if roll == 4 {
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                    status.clone_into(&mut seen.status[0]);
                }
            }
            killer.join().unwrap();
        });
        seen.listen(&lines);
    }
    let running = Running::start(backend(&dir));
    check_history(&dir, &seen);
    assert_eq!(seen.epochs.len(), 25);
    assert!(running.body("GET /healthz", "").contains("\"ok\""));
    assert!(seen.calls.len() > 25, "too few calls to prove anything: {}", seen.calls.len());
    let left = std::fs::read_dir(dir.path().join("data")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("unreadable")).collect();
    assert!(left.is_empty(), "half a file was left: {left:?}");
}

/// Each call that a tab ever heard of is in the history once, with the reason that it was told, or as failed.
fn check_history(dir: &TempDir, seen: &Seen) {
    let text = std::fs::read_to_string(dir.path().join("data/calls.jsonl")).unwrap_or_default();
    let mut found: HashMap<String, Value> = HashMap::new();
    for call in text.lines() {
        let call: Value = serde_json::from_str(call).expect("whole lines only");
        let id = call["call_id"].as_str().unwrap().to_owned();
        assert!(call["end_time"].as_u64() >= call["begin_time"].as_u64(), "{call}");
        assert_eq!(found.insert(id, call["reason"].clone()), None, "twice: {call}");
    }
    for (id, last) in &seen.calls {
        let reason = found.get(id).unwrap_or_else(|| panic!("{id} is not in the history; last heard: {last}"));
        // One that was up has failed; or its end was written and could not be told any more.
        assert!(seen.ended.get(id).is_none_or(|told| told == reason), "{id}: {reason}");
    }
}

#[test]
fn of_a_call_that_a_kill_cut_off_it_is_known_how_long_it_lasted() {
    let dir = directory();
    let running = Running::start(backend(&dir));
    let call: Value = serde_json::from_str(&running.body("POST /api/sim/incoming", "{\"number\":\"100\"}")).unwrap();
    let state = |word: &str| running.body("GET /api/sip/state", "").contains(word);
    while !state("\"incoming\"") {}
    running.body("POST /api/sip/call/answer", &call.to_string());
    while !state("\"talking\"") {}
    // The sign of life is renewed while the call is up.
    let file = dir.path().join("data/open-calls.json");
    let alive_at = || {
        let kept: Value =
            serde_json::from_str(std::fs::read_to_string(&file).unwrap().lines().last().unwrap()).unwrap();
        kept["alive_at"].as_u64().unwrap()
    };
    let first = alive_at();
    while alive_at() < first + 2 {
        std::thread::yield_now();
    }
    let last = alive_at();
    running.kill();
    for _ in 0..2 {
        let running = Running::start(backend(&dir));
        let page: Value = serde_json::from_str(&running.body("GET /api/sip/calls", "")).unwrap();
        let calls = page["calls"].as_array().unwrap();
        assert_eq!((calls.len(), &calls[0]["call_id"], &calls[0]["reason"]), (1, &call["call_id"], &json!("failed")));
        let at = |name: &str| calls[0][name].as_u64().unwrap();
        assert!(at("end_time") >= last && at("duration") >= 2, "{page}");
        assert_eq!(at("duration"), at("end_time") - at("start_time"));
    }
}
