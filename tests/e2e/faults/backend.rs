//! The backend goes: killed at any instant and started again.

use anyhow::Result;
use e2e::{Desk, Row, here, now, row, settled};
use serde_json::json;

const MADE: &str = "SIGKILL; then it starts again at the same address with the same data";
const PROMISED: &str = "No phantom call; the operator's status and the history are as before";

/// Kills the backend while a call is in this state; measured from its being ready again.
async fn killed_in(desk: &mut Desk, state: &str) -> Result<std::time::Duration> {
    desk.ring().await?;
    desk.all_show("incoming").await?;
    desk.leave().await?;
    desk.all_show("idle").await?;
    desk.tabs[0].choose_status("lunch").await?;
    e2e::all_show(&desk.tabs, "data-operator", Some("lunch")).await?;
    let history = desk.backend.fetch("/api/sip/calls").await?["calls"].clone();
    match state {
        "incoming" => drop(desk.ring().await?),
        _ => drop(desk.talk().await?),
    }
    desk.all_show(state).await?;
    desk.backend.kill().await?;
    e2e::all_show(&desk.tabs, "data-connection", Some("reconnecting")).await?;
    desk.backend.restart().await?;
    let since = now();
    let took = settled(&desk.tabs, since, "idle").await?;
    e2e::all_show(&desk.tabs, "data-operator", Some("lunch")).await?;
    let known = desk.backend.fetch("/api/sip/calls").await?["calls"].clone();
    let old = history.as_array().cloned().unwrap_or_default();
    for call in &old {
        let times = known.as_array().into_iter().flatten().filter(|it| it["call_id"] == call["call_id"]).count();
        assert_eq!(times, 1, "{call} in {known}");
    }
    let state = desk.backend.state().await?;
    assert_eq!((&state["active_call"], &state["other_calls"]), (&json!(null), &json!([])));
    desk.streams(1).await?;
    Ok(took)
}

#[tokio::test]
async fn killed_in_ringing() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The backend is killed while a call rings";
    row(Row { test: here!(), fault, made: MADE, promised: PROMISED }, async || killed_in(&mut desk, "incoming").await)
        .await
}

#[tokio::test]
async fn killed_in_talking() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The backend is killed in mid-call";
    row(Row { test: here!(), fault, made: MADE, promised: PROMISED }, async || killed_in(&mut desk, "talking").await)
        .await
}

#[tokio::test]
async fn restarted_unseen() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The backend is killed and started so fast that a call of its new life comes before the tabs are back";
    let made = "SIGKILL, start, and at once a call";
    let promised = "The old call goes, the new one rings";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.talk().await?;
        desk.backend.restart().await?;
        let since = now();
        desk.ring().await?;
        let took = settled(&desk.tabs, since, "incoming").await?;
        desk.end_call().await?;
        Ok(took)
    })
    .await
}
