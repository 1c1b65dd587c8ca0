//! The program killed in mid-call, while MicroSIP, its calls and its hooks go on; and started again.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::standin::{Op, Setup, StandIn};

use super::BACKEND;
use super::program::Program;

/// A phone whose backend can be killed.
struct Desk {
    standin: StandIn,
    data_dir: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let setup = Setup::with_backend(Path::new(BACKEND), data_dir.path());
        Self { standin: StandIn::start(&setup).await.unwrap(), data_dir }
    }

    /// A backend that sees MicroSIP.
    async fn backend(&self) -> Program {
        let program = Program::start(self.standin.exe(), self.data_dir.path());
        program.until(|state| state["phone_status"] == "available").await;
        program
    }

    /// A caller rings; gives the call in the tabs' words.
    async fn rings(&self, program: &Program, number: &str) -> Value {
        self.standin.ring(number).await.unwrap();
        let state = program.until(|state| state["active_call"]["number"] == number).await;
        state["active_call"].clone()
    }

    async fn talks(&self, program: &Program, number: &str) -> Value {
        let call = self.rings(program, number).await;
        assert_eq!(program.post("/api/sip/call/answer", json!({ "call_id": call["call_id"] })).await.0, 200);
        let state = program.until(|state| state["active_call"]["state"] == "talking").await;
        // Its last hook too: what MicroSIP waits for when the backend is killed is another test's.
        self.hooks_until("CallStart").await;
        state["active_call"].clone()
    }

    /// Waits until all hooks have run, this one as the last.
    async fn hooks_until(&self, name: &str) {
        self.standin.until(|state| state.hook_names().last() == Some(&name)).await.unwrap();
    }

    /// Makes something happen that runs this hook as the last.
    async fn play(&self, op: Op, hook: &str) {
        let before = self.standin.state().await.unwrap().hooks.len();
        self.standin.play(op).await.unwrap();
        let ran =
            |state: &testkit::standin::State| state.hooks.len() > before && state.hook_names().last() == Some(&hook);
        self.standin.until(ran).await.unwrap();
    }
}

fn ring(number: &str) -> Op {
    let (user, domain, name) = (number.to_owned(), "caller.test".to_owned(), String::new());
    Op::Ring { user, domain, name, refused: false }
}

async fn history(program: &Program) -> Vec<Value> {
    program.request("GET", "/api/sip/calls?limit=200", json!({})).await.1["calls"].as_array().unwrap().clone()
}

/// Number and reason of all calls that have ended, newest first.
async fn ends(program: &Program) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    history(program).await.iter().map(|call| (word(&call["number"]), word(&call["reason"]))).collect()
}

fn end(number: &str, reason: &str) -> (String, String) {
    (number.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn a_call_goes_on_over_a_kill() {
    let desk = Desk::new().await;
    let program = desk.backend().await;
    let call = desk.talks(&program, "100").await;
    let of_call = json!({ "call_id": call["call_id"] });
    let switch = json!({ "call_id": call["call_id"], "on": true });
    assert_eq!(program.post("/api/sip/call/mute", switch.clone()).await.0, 200);
    assert_eq!(program.post("/api/sip/call/hold", switch).await.0, 200);
    let before = program.until(|state| state["active_call"]["held"] == true).await;
    drop(program);

    let program = desk.backend().await;
    let after = program.until(|state| !state["active_call"].is_null()).await;
    assert_eq!(after["active_call"], before["active_call"], "id, number, start, muted, held");
    assert_eq!(after["other_calls"], json!([]));
    assert!(history(&program).await.is_empty());
    // It obeys as before: a hold that is toggled back, and a hang-up.
    let switch = json!({ "call_id": call["call_id"], "on": false });
    assert_eq!(program.post("/api/sip/call/hold", switch).await.0, 200);
    program.until(|state| state["active_call"]["held"] == false).await;
    assert!(!desk.standin.state().await.unwrap().calls[0].held);
    assert_eq!(program.post("/api/sip/call/hangup", of_call).await.0, 200);
    program.until(|state| state["active_call"].is_null()).await;
    assert_eq!(ends(&program).await, [end("100", "hangup")]);
    // The microphone is MicroSIP's: it stays off for the next call, also when no call was up at the kill.
    drop(program);
    let program = desk.backend().await;
    desk.rings(&program, "200").await;
    program.until(|state| state["active_call"]["muted"] == true).await;
}

#[cfg(unix)]
#[tokio::test]
async fn an_orderly_end_leaves_the_call_up_too() {
    let desk = Desk::new().await;
    let mut program = desk.backend().await;
    let call = desk.talks(&program, "100").await;
    assert_eq!(program.end_orderly(), Some(0));
    let program = desk.backend().await;
    let state = program.until(|state| !state["active_call"].is_null()).await;
    assert_eq!(state["active_call"], call);
    desk.play(Op::Hangup { call: None }, "CallEnd").await;
    program.until(|state| state["active_call"].is_null()).await;
    assert_eq!(ends(&program).await, [end("100", "hangup")]);
}

#[tokio::test]
async fn calls_that_ended_meanwhile_have_ended_once() {
    let desk = Desk::new().await;
    let program = desk.backend().await;
    let call = desk.talks(&program, "100").await;
    drop(program);
    desk.play(Op::Hangup { call: None }, "CallEnd").await;
    let program = desk.backend().await;
    assert!(program.until(|_| true).await["active_call"].is_null());
    let calls = history(&program).await;
    assert_eq!((calls.len(), &calls[0]["call_id"], &calls[0]["reason"]), (1, &call["call_id"], &json!("hangup")));
    assert_eq!(calls[0]["start_time"], call["start_time"]);

    desk.rings(&program, "200").await;
    drop(program);
    desk.play(Op::GiveUp { call: None }, "CallEnd").await;
    let program = desk.backend().await;
    assert_eq!(program.post("/api/sip/call/dial", json!({ "phone": "300" })).await.0, 200);
    drop(program);
    desk.play(Op::Busy { call: None }, "CallBusy").await;
    // Nothing is told twice, however often it starts.
    for _ in 0..2 {
        let program = desk.backend().await;
        assert!(program.until(|_| true).await["active_call"].is_null());
        assert_eq!(ends(&program).await, [end("300", "busy"), end("200", "missed"), end("100", "hangup")]);
    }
}

#[tokio::test]
async fn calls_that_went_on_meanwhile_are_where_they_are() {
    let desk = Desk::new().await;
    let program = desk.backend().await;
    assert_eq!(program.post("/api/sip/call/dial", json!({ "phone": "+7 (495) 123-45-67" })).await.0, 200);
    let dialled = program.until(|state| state["active_call"]["state"] == "dialing").await;
    drop(program);
    desk.play(Op::Answer { call: None }, "CallStart").await;
    let program = desk.backend().await;
    let state = program.until(|state| state["active_call"]["state"] == "talking").await;
    assert_eq!(state["active_call"]["call_id"], dialled["active_call"]["call_id"]);
    drop(program);
    desk.play(Op::Hangup { call: None }, "CallEnd").await;
    // A ringing call is answered in MicroSIP's window; another one rings beside it.
    let program = desk.backend().await;
    let rings = desk.rings(&program, "100").await;
    drop(program);
    desk.play(Op::WindowAnswer { call: None }, "CallStart").await;
    desk.play(ring("200"), "CallRing").await;
    let program = desk.backend().await;
    let state = program.until(|state| state["active_call"]["state"] == "talking").await;
    assert_eq!(state["active_call"]["call_id"], rings["call_id"]);
    assert_eq!(state["other_calls"][0]["number"], "200");
    // Both are the phone's: the second ends the first in single mode.
    let second = json!({ "call_id": state["other_calls"][0]["call_id"] });
    assert_eq!(program.post("/api/sip/call/answer", second).await.0, 200);
    let state = program.until(|state| state["active_call"]["start_time"].is_u64()).await;
    assert_eq!((&state["active_call"]["number"], &state["other_calls"]), (&json!("200"), &json!([])));
    assert_eq!(ends(&program).await, [end("100", "hangup"), end("+74951234567", "hangup")]);
}

#[tokio::test]
async fn calls_that_began_meanwhile() {
    let desk = Desk::new().await;
    drop(desk.backend().await);
    for number in ["1&calc", "200"] {
        desk.play(ring(number), "CallRing").await;
        desk.play(Op::WindowAnswer { call: None }, "CallStart").await;
        desk.play(Op::Hangup { call: None }, "CallEnd").await;
    }
    desk.play(ring("300"), "CallRing").await;
    let spool = desk.data_dir.path().join("hooks.jsonl");
    assert!(spool.metadata().unwrap().len() > 0);
    let program = desk.backend().await;
    let state = program.until(|state| state["active_call"]["state"] == "incoming").await;
    assert_eq!((&state["active_call"]["number"], &state["other_calls"]), (&json!("300"), &json!([])));
    assert_eq!(ends(&program).await, [end("200", "hangup"), end("1&calc", "hangup")]);
    while spool.metadata().unwrap().len() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        program.post("/api/sip/call/hangup", json!({ "call_id": state["active_call"]["call_id"] })).await.0,
        200
    );
    program.until(|state| state["active_call"].is_null()).await;
    assert_eq!(ends(&program).await[0], end("300", "rejected"));
}

#[tokio::test]
async fn with_another_run_of_microsip_no_call_is_up() {
    let mut desk = Desk::new().await;
    for back in [true, false] {
        let program = desk.backend().await;
        let call = desk.talks(&program, "100").await;
        drop(program);
        desk.play(ring("200"), "CallRing").await;
        desk.standin.kill();
        if back {
            desk.standin.launch().await.unwrap();
        }
        let program = Program::start(desk.standin.exe(), desk.data_dir.path());
        let state = program.until(|state| (state["phone_status"] == "available") == back).await;
        assert!(state["active_call"].is_null(), "{state}");
        let calls = history(&program).await;
        let of_this: Vec<_> = calls.iter().filter(|past| past["call_id"] == call["call_id"]).collect();
        assert_eq!((of_this.len(), &of_this[0]["reason"]), (1, &json!("failed")));
        let at = |name: &str| of_this[0][name].as_u64().unwrap();
        assert_eq!(at("duration"), at("end_time") - at("start_time"));
        drop(program);
        if !back {
            desk.standin.launch().await.unwrap();
        }
    }
    let program = desk.backend().await;
    assert_eq!(history(&program).await.len(), 4);
}

#[tokio::test]
async fn killed_again_and_again_each_call_is_in_the_history_once() {
    let desk = Desk::new().await;
    // Backends that live for a random while, as a loop of their own.
    let lives = async {
        for life in 0_u64.. {
            let mut program = Program::start(desk.standin.exe(), desk.data_dir.path());
            let moment = life.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54; // 0 to 1023 ms
            tokio::time::sleep(std::time::Duration::from_millis(moment)).await;
            program.kill();
        }
    };
    let calls = async {
        for n in 0..20 {
            let number = (1000 + n).to_string();
            if n % 4 == 3 {
                desk.play(Op::Command { raw: number }, "OutgoingCall").await;
                desk.play(Op::Busy { call: None }, "CallBusy").await;
                continue;
            }
            desk.play(ring(&number), "CallRing").await;
            if n % 4 == 0 {
                desk.play(Op::GiveUp { call: None }, "CallEnd").await;
            } else {
                desk.play(Op::WindowAnswer { call: None }, "CallStart").await;
                desk.play(Op::Hangup { call: None }, "CallEnd").await;
            }
        }
    };
    tokio::select! { () = lives => {}, () = calls => {} }

    let program = desk.backend().await;
    assert!(program.until(|_| true).await["active_call"].is_null());
    let mut seen = ends(&program).await;
    seen.reverse();
    let reasons = ["missed", "hangup", "hangup", "busy"];
    let expected: Vec<_> = (0..20).map(|n| end(&(1000 + n).to_string(), reasons[n % 4])).collect();
    assert_eq!(seen, expected);
    let calls = history(&program).await;
    let outgoing = calls.iter().filter(|call| call["direction"] == "out").count();
    assert_eq!(outgoing, 5, "no call's beginning was lost: {calls:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn hooks_that_a_frozen_backend_can_not_answer_count_once() {
    let desk = Desk::new().await;
    let program = desk.backend().await;
    let call = desk.talks(&program, "100").await;
    program.signal("STOP");
    desk.play(Op::Hangup { call: None }, "CallEnd").await;
    desk.play(ring("200"), "CallRing").await;
    let fired = std::fs::read_to_string(desk.data_dir.path().join("hooks.jsonl")).unwrap();
    let ended = fired.lines().find(|line| line.contains("\"end\"")).unwrap();
    let ended: Value = serde_json::from_str(ended).unwrap();
    program.signal("CONT");
    let state = program.until(|state| state["active_call"]["number"] == "200").await;
    assert_eq!((&state["active_call"]["state"], &state["other_calls"]), (&json!("incoming"), &json!([])));
    let spool = desk.data_dir.path().join("hooks.jsonl");
    while spool.metadata().is_ok_and(|meta| meta.len() > 0) {
        tokio::task::yield_now().await;
    }
    desk.play(Op::GiveUp { call: None }, "CallEnd").await;
    program.until(|state| state["active_call"].is_null()).await;
    let calls = history(&program).await;
    assert_eq!(ends(&program).await, [end("200", "missed"), end("100", "hangup")]);
    assert_eq!(calls[1]["call_id"], call["call_id"]);
    let end_time = ended["at"].as_u64().unwrap() / 1000;
    assert_eq!(calls[1]["end_time"], end_time, "when its hook fired, not when the backend could listen again");
    assert_eq!(calls[1]["duration"], end_time - call["start_time"].as_u64().unwrap());
}

#[tokio::test]
async fn a_hook_stays_in_the_spool_until_what_came_of_it_can_be_written() {
    let desk = Desk::new().await;
    let program = desk.backend().await;
    let open_calls = desk.data_dir.path().join("open-calls.json");
    let spool = desk.data_dir.path().join("hooks.jsonl");
    testkit::block(&open_calls).unwrap();
    let call = desk.rings(&program, "100").await;
    desk.hooks_until("CallRing").await;
    assert_eq!(std::fs::read_to_string(&spool).unwrap().matches("\"ring\"").count(), 1);
    // The spool is all that is left of it.
    drop(program);
    let program = desk.backend().await;
    let state = program.until(|state| state["active_call"]["number"] == "100").await;
    assert_eq!(state["active_call"]["call_id"], call["call_id"]);
    testkit::unblock(&open_calls).unwrap();
    while spool.metadata().unwrap().len() > 0 {
        tokio::task::yield_now().await;
    }
    drop(program);
    let program = desk.backend().await;
    let state = program.until(|state| state["active_call"]["number"] == "100").await;
    assert_eq!((&state["active_call"]["call_id"], &state["other_calls"]), (&call["call_id"], &json!([])));
    // Ended, and only the history has it: no second line is made of the same hooks.
    testkit::block(&open_calls).unwrap();
    desk.play(Op::GiveUp { call: None }, "CallEnd").await;
    desk.play(ring("200"), "CallRing").await;
    desk.play(Op::GiveUp { call: None }, "CallEnd").await;
    drop(program);
    let program = desk.backend().await;
    assert!(program.until(|_| true).await["active_call"].is_null());
    assert_eq!(ends(&program).await, [end("200", "missed"), end("100", "missed")]);
}

#[tokio::test]
async fn a_second_backend_does_not_take_the_hooks_away() {
    let desk = Desk::new().await;
    let program = desk.backend().await;
    let ticket = std::fs::read(desk.data_dir.path().join("hook.json")).unwrap();
    let mut second = std::process::Command::new(BACKEND);
    second.args(["--listen", "127.0.0.1:0", "--engine", "microsip", "--microsip"]).arg(desk.standin.exe());
    let output = second.arg("--data-dir").arg(desk.data_dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read(desk.data_dir.path().join("hook.json")).unwrap(), ticket);
    desk.rings(&program, "100").await;
}

#[tokio::test]
async fn without_a_data_directory_the_phone_dials_and_says_that_it_hears_of_no_call() {
    let desk = Desk::new().await;
    let file = desk.data_dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let program = Program::start(desk.standin.exe(), &file);
    program.until(|state| state["phone_status"] == "available").await;
    let health = program.request("GET", "/healthz", json!({})).await.1;
    let parts: Vec<_> = health["problems"].as_array().unwrap().iter().map(|problem| &problem["part"]).collect();
    assert_eq!(parts, ["status", "open_calls", "hooks"], "{health}");
    assert!(health["problems"][2]["message"].as_str().unwrap().contains("hears of no call"), "{health}");
    // What can be had again is used again: hooks find the backend, and it hears of the next call.
    std::fs::remove_file(&file).unwrap();
    while program.request("GET", "/healthz", json!({})).await.1["status"] != "ok" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(file.join("hook.json").is_file());
}
