//! The simulator, with the other party played by its routes.

use protocol::{CallState, EndReason};
use serde_json::json;

use crate::support::{Backend, FakeEngine, calls};

async fn ended_as(phone: &Backend, reason: EndReason) {
    phone.until_idle().await;
    let history = phone.get("/api/sip/calls?limit=1").await.1;
    assert_eq!(history["calls"][0]["reason"], json!(reason));
}

#[tokio::test(start_paused = true)]
async fn numbers_have_a_fate() {
    let phone = Backend::simulator();
    for (number, reason) in [
        ("486", EndReason::Busy),
        ("+7495486", EndReason::Busy),
        ("sip:a486@host", EndReason::Busy),
        ("100404", EndReason::Failed),
    ] {
        phone.ok("/api/sip/call/dial", json!({ "phone": number })).await;
        phone.until(|state| state.active_call.is_some()).await;
        ended_as(&phone, reason).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_other_party_answers_declines_hangs_up_and_gives_up() {
    let phone = Backend::simulator();
    let empty = || json!({});
    phone.fails("/api/sim/answer", empty(), 409, "invalid_state").await;
    phone.fails("/api/sim/hangup", empty(), 409, "invalid_state").await;

    phone.ok("/api/sip/call/dial", json!({ "phone": "486" })).await;
    phone.ok("/api/sim/answer", empty()).await;
    phone.until(|state| calls(state).iter().any(|call| call.state == CallState::Talking)).await;
    phone.ok("/api/sim/hangup", empty()).await;
    ended_as(&phone, EndReason::Hangup).await;

    phone.ok("/api/sip/call/dial", json!({ "phone": "1" })).await;
    phone.ok("/api/sim/hangup", empty()).await;
    ended_as(&phone, EndReason::Busy).await;

    phone.ring().await;
    phone.fails("/api/sim/answer", empty(), 409, "invalid_state").await;
    phone.ok("/api/sim/hangup", empty()).await;
    ended_as(&phone, EndReason::Missed).await;

    let id = phone.ring().await;
    phone.ok("/api/sip/call/hangup", json!({ "call_id": id })).await;
    ended_as(&phone, EndReason::Rejected).await;
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_is_given_up_does_not_answer_later() {
    let phone = Backend::simulator();
    let call = phone.ok("/api/sip/call/dial", json!({ "phone": "1" })).await;
    phone.until(|state| state.active_call.is_some()).await;
    phone.ok("/api/sip/call/hangup", call).await;
    ended_as(&phone, EndReason::Hangup).await;
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    assert_eq!(phone.desk.snapshot().active_call, None);
}

#[tokio::test(start_paused = true)]
async fn answering_a_second_call_holds_the_first_and_swapping_keeps_one_live() {
    let phone = Backend::simulator();
    let first = phone.talk().await;
    let second = phone.ring().await;
    let live = |name: &str| {
        let name = name.to_owned();
        move |state: &protocol::wire::event::Snapshot| {
            let live: Vec<_> =
                calls(state).into_iter().filter(|call| call.start_time.is_some() && !call.held).collect();
            live.len() == 1 && live[0].call_id.as_str() == name
        }
    };
    phone.ok("/api/sip/call/answer", json!({ "call_id": second })).await;
    phone.until(live(&second)).await;
    for id in [&first, &second, &first] {
        phone.ok("/api/sip/call/hold", json!({ "call_id": id, "on": false })).await;
        phone.until(live(id)).await;
    }
    // The live one goes; the other stays on hold until the operator takes it back.
    phone.ok("/api/sim/hangup", json!({})).await;
    let state = phone.until(|state| calls(state).len() == 1).await;
    assert!(calls(&state)[0].held && calls(&state)[0].call_id.as_str() == second);
}

#[tokio::test(start_paused = true)]
async fn transfers_end_what_they_hand_over() {
    let phone = Backend::simulator();
    let call = phone.talk().await;
    phone.ok("/api/sip/call/transfer", json!({ "call_id": call, "phone": "200" })).await;
    ended_as(&phone, EndReason::Transferred).await;

    let first = phone.talk().await;
    let second = phone.ring().await;
    phone
        .fails("/api/sip/call/transfer", json!({ "call_id": first, "to_call_id": second }), 409, "invalid_state")
        .await;
    phone.ok("/api/sip/call/answer", json!({ "call_id": second })).await;
    phone.until(|state| calls(state).iter().all(|call| call.start_time.is_some())).await;
    phone.ok("/api/sip/call/transfer", json!({ "call_id": first, "to_call_id": second })).await;
    ended_as(&phone, EndReason::Transferred).await;
    assert!(phone.metrics().await.contains("reason=\"transferred\"} 3"));
}

#[tokio::test(start_paused = true)]
async fn there_is_an_end_to_the_lines() {
    let phone = Backend::simulator();
    for _ in 0..16 {
        phone.ring().await;
    }
    phone.fails("/api/sim/incoming", json!({ "number": "1" }), 409, "invalid_state").await;
}

#[tokio::test]
async fn other_engines_have_no_other_party_to_play() {
    let phone = Backend::fake(FakeEngine::new([]));
    for path in ["incoming", "answer", "hangup"] {
        phone.fails(&format!("/api/sim/{path}"), json!({ "number": "1" }), 404, "not_found").await;
    }
}
