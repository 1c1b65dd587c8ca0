//! What only MicroSIP's own list of calls knows reaches the history.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::standin::{Op, Setup, StandIn};

use super::BACKEND;
use super::program::Program;

async fn last_call(program: &Program) -> Value {
    program.until(|state| state["active_call"].is_null()).await;
    program.request("GET", "/api/sip/calls?limit=1", json!({})).await.1["calls"][0].clone()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn reasons_and_durations() {
    let data_dir = tempfile::tempdir().unwrap();
    // The hooks of a connection are lost.
    let setup = Setup::with_backend(Path::new(BACKEND), data_dir.path());
    let setup = setup.setting("cmdCallAnswer", "").setting("cmdCallStart", "");
    let standin = StandIn::start(&setup).await.unwrap();
    let program = Program::start(standin.exe(), data_dir.path());
    program.until(|state| state["phone_status"] == "available").await;
    let rings = |state: &Value| state["active_call"]["state"] == "incoming";

    for (op, reason) in [
        (Op::GiveUp { call: None }, "missed"),
        (Op::TakenElsewhere { call: None }, "answered_elsewhere"),
        (Op::WindowReject { call: None }, "rejected"),
    ] {
        standin.ring("100").await.unwrap();
        program.until(rings).await;
        standin.play(op).await.unwrap();
        let call = last_call(&program).await;
        assert_eq!((call["reason"].as_str(), call["duration"].as_u64()), (Some(reason), Some(0)));
    }

    standin.ring("100").await.unwrap();
    program.until(rings).await;
    standin.play(Op::WindowAnswer { call: None }).await.unwrap();
    let connected = standin.state().await.unwrap().calls[0].connected_at.unwrap();
    while now() < connected + 2 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    standin.play(Op::Hangup { call: None }).await.unwrap();
    let call = last_call(&program).await;
    assert_eq!(call["reason"], "hangup");
    assert!((2..10).contains(&call["duration"].as_u64().unwrap()), "{call}");

    // A list that can't be read costs its knowledge, and not the hook.
    standin.ring("200").await.unwrap();
    program.until(rings).await;
    fs::remove_file(standin.ini_path()).unwrap();
    fs::create_dir(standin.ini_path()).unwrap();
    standin.play(Op::TakenElsewhere { call: None }).await.unwrap();
    assert_eq!(last_call(&program).await["reason"], "missed");
    let state = standin.until(|state| state.history.len() == 5 && state.hooks.len() == 15).await.unwrap();
    assert!(state.hooks.iter().all(|hook| hook.code == Some(0)), "{:?}", state.hooks);
}
