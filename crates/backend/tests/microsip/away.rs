//! Do not disturb: what rings while the operator is away is rejected at MicroSIP, where the setting wants it.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::standin::{CallStage, Setup, StandIn};

use super::BACKEND;
use super::program::Program;

async fn start(options: &[&str]) -> (StandIn, Program, TempDir) {
    let data_dir = tempfile::tempdir().unwrap();
    let standin = StandIn::start(&Setup::with_backend(Path::new(BACKEND), data_dir.path())).await.unwrap();
    let program = Program::start_with(standin.exe(), data_dir.path(), options);
    program.until(|state| state["phone_status"] == "available").await;
    (standin, program, data_dir)
}

async fn set_status(program: &Program, status: &str) {
    assert_eq!(program.post("/api/sip/operator/status", json!({ "status": status })).await.0, 200);
}

fn rings(state: &Value) -> bool {
    state["active_call"]["state"] == "incoming"
}

#[tokio::test]
async fn it_is_off_unless_it_is_wanted() {
    let (standin, program, _data_dir) = start(&[]).await;
    for status in ["lunch", "dnd", "offline"] {
        set_status(&program, status).await;
        standin.ring("100").await.unwrap();
        let state = program.until(rings).await;
        let of_call = json!({ "call_id": state["active_call"]["call_id"] });
        assert_eq!(program.post("/api/sip/call/answer", of_call.clone()).await.0, 200, "{status}");
        program.until(|state| state["active_call"]["state"] == "talking").await;
        assert_eq!(program.post("/api/sip/call/hangup", of_call).await.0, 200);
        program.until(|state| state["active_call"].is_null()).await;
    }
    let state = standin.state().await.unwrap();
    assert_eq!(state.raw_commands(), ["/answer", "/hangupall"].repeat(3));
}

#[tokio::test]
async fn nobody_disturbs_an_operator_who_is_away() {
    let (standin, program, _data_dir) = start(&["--reject-when-away", "on"]).await;
    // Who is ready hears it; going away ends the ringing.
    standin.ring("100").await.unwrap();
    program.until(rings).await;
    set_status(&program, "lunch").await;
    program.until(|state| state["active_call"].is_null()).await;
    for (place, (status, number)) in [("lunch", "200"), ("dnd", "300"), ("offline", "400")].into_iter().enumerate() {
        set_status(&program, status).await;
        standin.ring(number).await.unwrap();
        standin.until(|state| state.calls.is_empty() && state.commands.len() == place + 2).await.unwrap();
        program.until(|state| state["active_call"].is_null()).await;
        let (_, calls) = program.request("GET", "/api/sip/calls?limit=1", json!({})).await;
        let last = &calls["calls"][0];
        assert_eq!((last["number"].as_str(), last["reason"].as_str()), (Some(number), Some("rejected")), "{status}");
    }
    assert_eq!(standin.state().await.unwrap().raw_commands(), ["/hangupincoming"; 4]);

    // A call that is up goes on.
    set_status(&program, "ready").await;
    standin.ring("500").await.unwrap();
    let state = program.until(rings).await;
    let of_call = json!({ "call_id": state["active_call"]["call_id"] });
    assert_eq!(program.post("/api/sip/call/answer", of_call).await.0, 200);
    program.until(|state| state["active_call"]["state"] == "talking").await;
    set_status(&program, "dnd").await;
    standin.ring("600").await.unwrap();
    let state = standin.until(|state| state.commands.len() == 6).await.unwrap();
    assert_eq!(state.raw_commands()[4..], ["/answer", "/hangupincoming"]);
    let state = standin.until(|state| state.calls.len() == 1).await.unwrap();
    assert_eq!((state.calls[0].user.as_str(), state.calls[0].stage), ("500", CallStage::Connected));
}

#[tokio::test]
async fn what_rang_before_the_backend_started_is_rejected_too() {
    let (standin, mut program, data_dir) = start(&[]).await;
    set_status(&program, "dnd").await;
    standin.ring("100").await.unwrap();
    program.until(rings).await;
    program.kill();
    let program = Program::start_with(standin.exe(), data_dir.path(), &["--reject-when-away", "on"]);
    standin.until(|state| state.calls.is_empty()).await.unwrap();
    program.until(|state| state["active_call"].is_null()).await;
}
