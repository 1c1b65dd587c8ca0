//! The desk with an engine that fails, hesitates or speaks out of turn.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use backend::desk::HANGUP_CONFIRM;
use backend::engine::{Action, EngineError, EngineEvent};
use protocol::wire::event::Snapshot;
use protocol::{CallId, Capability, EndReason, PhoneStatus};
use serde_json::{Value, json};

use crate::support::{Backend, FakeEngine, START, calls};

fn id(name: &str) -> CallId {
    CallId::new(name)
}

fn incoming(name: &str) -> EngineEvent {
    EngineEvent::Incoming { call: id(name), number: "100".to_owned(), display_name: None }
}

fn ended(name: &str) -> EngineEvent {
    EngineEvent::Ended { call: id(name), reason: EndReason::Missed }
}

/// Tells the desk this, and waits until it has taken it in.
async fn tell(phone: &Backend, events: impl IntoIterator<Item = EngineEvent>) -> Snapshot {
    for event in events {
        phone.tell.send(event).unwrap();
    }
    // A call of its own marks the end of what was told.
    let mark = backend::ids::new_call_id();
    let is_mark = |state: &Snapshot| calls(state).iter().any(|call| call.call_id == mark);
    phone.tell.send(incoming(mark.as_str())).unwrap();
    phone.until(&is_mark).await;
    phone.tell.send(ended(mark.as_str())).unwrap();
    phone.until(|state| !is_mark(state)).await
}

async fn last_reason(phone: &Backend) -> Value {
    phone.get("/api/sip/calls?limit=1").await.1["calls"][0]["reason"].clone()
}

#[tokio::test(start_paused = true)]
async fn failures_of_the_softphone_have_the_error_of_their_command() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    engine.answers(Err(EngineError::Refused));
    phone.fails("/api/sip/call/dial", json!({ "phone": "1" }), 503, "call_initiation_failed").await;
    phone.fails("/api/sip/call/dial", json!({ "phone": "1" }), 503, "call_initiation_failed").await;
    tell(&phone, [incoming("a")]).await;
    phone.fails("/api/sip/call/answer", json!({ "call_id": "a" }), 503, "call_initiation_failed").await;
    phone.fails("/api/sip/call/answer", json!({ "call_id": "a" }), 503, "call_initiation_failed").await;
    tell(&phone, [EngineEvent::Connected(id("a"))]).await;
    for (path, body) in [
        ("hold", json!({ "call_id": "a", "on": true })),
        ("mute", json!({ "call_id": "a", "on": true })),
        ("dtmf", json!({ "call_id": "a", "digits": "1" })),
        ("transfer", json!({ "call_id": "a", "phone": "1" })),
    ] {
        phone.fails(&format!("/api/sip/call/{path}"), body, 503, "call_termination_failed").await;
    }
    engine.answers(Err(EngineError::PhoneUnavailable));
    phone.fails("/api/sip/call/mute", json!({ "call_id": "a", "on": true }), 503, "phone_unavailable").await;
}

#[tokio::test(start_paused = true)]
async fn a_hang_up_that_fails_ends_the_call_all_the_same() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    tell(&phone, [incoming("a"), EngineEvent::Connected(id("a"))]).await;
    engine.answers(Err(EngineError::Refused));
    phone.fails("/api/sip/call/hangup", json!({ "call_id": "a" }), 503, "call_termination_failed").await;
    assert_eq!(phone.desk.snapshot().active_call, None);
    assert_eq!(last_reason(&phone).await, "hangup");
    assert_eq!(engine.forgotten(), [id("a")], "it must not stand in the next call's way");
    // What the softphone says of it later brings nothing back.
    let state = tell(&phone, [incoming("a"), EngineEvent::Connected(id("a")), ended("a")]).await;
    assert_eq!(state.active_call, None);
}

#[tokio::test(start_paused = true)]
async fn a_hang_up_that_the_engine_can_t_do_now_leaves_the_call_up() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    let before = tell(&phone, [incoming("a"), EngineEvent::Connected(id("a"))]).await;
    engine.answers(Err(EngineError::NotSupported));
    phone.fails("/api/sip/call/hangup", json!({ "call_id": "a" }), 501, "not_supported").await;
    tokio::time::sleep(HANGUP_CONFIRM * 2).await;
    assert_eq!(phone.desk.snapshot().active_call, before.active_call);
    assert_eq!(engine.forgotten(), []);
    // It can be tried again.
    engine.answers(Ok(()));
    phone.ok("/api/sip/call/hangup", json!({ "call_id": "a" })).await;
    assert_eq!(engine.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_hang_up_that_is_never_confirmed_ends_the_call_in_time() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    tell(&phone, [incoming("a")]).await;
    let before = tokio::time::Instant::now();
    phone.ok("/api/sip/call/hangup", json!({ "call_id": "a" })).await;
    // A second tab's hang-up is no error, and starts nothing again.
    phone.ok("/api/sip/call/hangup", json!({ "call_id": "a" })).await;
    phone.until_idle().await;
    assert_eq!(before.elapsed().as_secs(), HANGUP_CONFIRM.as_secs());
    assert_eq!(last_reason(&phone).await, "rejected");
    assert_eq!(engine.forgotten(), [id("a")]);
}

#[tokio::test(start_paused = true)]
async fn a_confirmed_hang_up_ends_once_with_the_softphones_reason() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    tell(&phone, [incoming("a")]).await;
    phone.ok("/api/sip/call/hangup", json!({ "call_id": "a" })).await;
    let reason = EndReason::AnsweredElsewhere;
    phone.tell.send(EngineEvent::Ended { call: id("a"), reason }).unwrap();
    phone.until_idle().await;
    tokio::time::sleep(HANGUP_CONFIRM * 2).await;
    assert!(phone.metrics().await.contains("sip_phone_calls_total{direction=\"in\",reason=\"answered_elsewhere\"} 1"));
    assert_eq!(engine.asked(), [Action::Reject(id("a"))]);
    assert_eq!(engine.forgotten(), []);
}

#[tokio::test(start_paused = true)]
async fn of_two_dials_at_once_exactly_one_wins() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Arc::new(Backend::fake(engine.clone()));
    engine.hesitate();
    let first = tokio::spawn({
        let phone = phone.clone();
        async move { phone.ok("/api/sip/call/dial", json!({ "phone": "1" })).await }
    });
    engine.arrival().await;
    phone.fails("/api/sip/call/dial", json!({ "phone": "2" }), 409, "call_already_active").await;
    engine.go_on();
    let call = first.await.unwrap();
    // The engine has not yet said that it dials; its word is as good as the event.
    let state = phone.until(|state| state.active_call.is_some()).await;
    assert_eq!(state.active_call.map(|call| json!(call.call_id)), Some(call["call_id"].clone()));
    assert_eq!(engine.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_is_over_at_once_has_been_a_call() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Arc::new(Backend::fake(engine.clone()));
    engine.hesitate();
    let dial = tokio::spawn({
        let phone = phone.clone();
        async move { phone.ok("/api/sip/call/dial", json!({ "phone": "1" })).await }
    });
    engine.arrival().await;
    let asked = engine.asked();
    let [Action::Dial { call, .. }] = &asked[..] else { panic!("{asked:?}") };
    phone.tell.send(EngineEvent::Ended { call: call.clone(), reason: EndReason::Busy }).unwrap();
    engine.go_on();
    assert_eq!(dial.await.unwrap()["call_id"], json!(call));
    phone.until_idle().await;
    assert_eq!(last_reason(&phone).await, "busy");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_leaves_nothing_half_done() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Arc::new(Backend::fake(engine.clone()));
    engine.hesitate();
    engine.answers(Err(EngineError::Refused));
    let client = tokio::spawn({
        let phone = phone.clone();
        async move { phone.post("/api/sip/call/dial", json!({ "phone": "1" })).await }
    });
    engine.arrival().await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    phone.fails("/api/sip/call/dial", json!({ "phone": "1" }), 409, "call_already_active").await;
    engine.go_on();
    // Free again as soon as the engine has given up the first.
    while engine.asked().len() < 2 {
        tokio::task::yield_now().await;
        let second = phone.post("/api/sip/call/dial", json!({ "phone": "1" }));
        tokio::select! { _ = second => {}, () = engine.arrival() => {} }
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_answers_at_once_one_reaches_the_phone() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    tell(&phone, [incoming("a")]).await;
    phone.ok("/api/sip/call/answer", json!({ "call_id": "a" })).await;
    phone.ok("/api/sip/call/answer", json!({ "call_id": "a" })).await;
    assert_eq!(engine.asked(), [Action::Answer(id("a"))]);
    // Where the softphone did nothing, the operator can try again.
    tokio::time::sleep(Duration::from_secs(4)).await;
    phone.ok("/api/sip/call/answer", json!({ "call_id": "a" })).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_engine_can_not_do_is_not_asked_of_it() {
    let engine = FakeEngine::new([Capability::Answer]);
    let phone = Backend::fake(engine.clone());
    phone.fails("/api/sip/call/dial", json!({ "phone": "1" }), 501, "not_supported").await;
    tell(&phone, [incoming("a")]).await;
    phone.fails("/api/sip/call/hangup", json!({ "call_id": "a" }), 501, "not_supported").await;
    tell(&phone, [EngineEvent::Connected(id("a")), incoming("b"), EngineEvent::Connected(id("b"))]).await;
    for (path, body) in [
        ("hangup", json!({ "call_id": "a" })),
        ("hold", json!({ "call_id": "a", "on": true })),
        ("mute", json!({ "call_id": "a", "on": true })),
        ("dtmf", json!({ "call_id": "b", "digits": "1" })),
        ("transfer", json!({ "call_id": "a", "phone": "1" })),
        ("transfer", json!({ "call_id": "a", "to_call_id": "b" })),
    ] {
        phone.fails(&format!("/api/sip/call/{path}"), body, 501, "not_supported").await;
    }
    assert_eq!(engine.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_goes_takes_its_calls_along() {
    let without_start = Capability::ALL.into_iter().filter(|capability| *capability != Capability::Start);
    let phone = Backend::fake(FakeEngine::new(without_start));
    tell(&phone, [incoming("a"), EngineEvent::Connected(id("a")), incoming("b")]).await;
    phone.tell.send(EngineEvent::Phone(PhoneStatus::Unavailable)).unwrap();
    let state = phone.until(|state| state.phone_status == PhoneStatus::Unavailable).await;
    assert!(calls(&state).is_empty());
    let history = phone.get("/api/sip/calls").await.1;
    let reasons: Vec<_> = history["calls"].as_array().unwrap().iter().take(2).map(|call| &call["reason"]).collect();
    assert_eq!(reasons, ["failed", "failed"]);
    phone.fails("/api/sip/call/dial", json!({ "phone": "1" }), 503, "phone_unavailable").await;
    phone.fails("/api/sip/call/hangup", json!({ "call_id": "a" }), 404, "call_not_found").await;
}

#[tokio::test(start_paused = true)]
async fn a_phone_that_a_dial_starts_need_not_be_there() {
    let phone = Backend::fake(FakeEngine::new(Capability::ALL));
    phone.tell.send(EngineEvent::Phone(PhoneStatus::Unavailable)).unwrap();
    phone.until(|state| state.phone_status == PhoneStatus::Unavailable).await;
    let dialled = phone.post("/api/sip/call/dial", json!({ "phone": "1" })).await;
    assert_eq!(dialled.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_call_of_a_phone_that_was_never_there_goes_when_the_engine_says_so_again() {
    let phone = Backend::fake(FakeEngine::new(Capability::ALL));
    phone.tell.send(EngineEvent::Phone(PhoneStatus::Unavailable)).unwrap();
    phone.tell.send(incoming("a")).unwrap();
    phone.until(|state| state.active_call.is_some()).await;
    phone.tell.send(EngineEvent::Phone(PhoneStatus::Unavailable)).unwrap();
    phone.until_idle().await;
    assert_eq!(last_reason(&phone).await, "failed");
}

#[tokio::test(start_paused = true)]
async fn durations_and_start_times_are_the_clocks() {
    let phone = Backend::fake(FakeEngine::new(Capability::ALL));
    tell(&phone, [incoming("a")]).await;
    phone.now.store(START + 5, Ordering::Relaxed);
    let state = tell(&phone, [EngineEvent::Connected(id("a"))]).await;
    assert_eq!(state.active_call.unwrap().start_time, Some(START + 5));
    phone.now.store(START + 65, Ordering::Relaxed);
    // A second answer must not restart the timer.
    tell(&phone, [EngineEvent::Connected(id("a"))]).await;
    phone.tell.send(ended("a")).unwrap();
    phone.until_idle().await;
    let call = &phone.get("/api/sip/calls?limit=1").await.1["calls"][0];
    assert_eq!(call["duration"], 60);
    assert_eq!((&call["begin_time"], &call["start_time"]), (&json!(START), &json!(START + 5)));
}

#[tokio::test(start_paused = true)]
async fn an_engine_out_of_turn_changes_nothing() {
    let phone = Backend::fake(FakeEngine::new(Capability::ALL));
    let before = tell(&phone, [incoming("a")]).await;
    let unknown = || id("nobody");
    let odd = [
        EngineEvent::Connected(unknown()),
        EngineEvent::Updated { call: unknown(), muted: Some(true), held: None },
        ended("nobody"),
        incoming("a"),
        EngineEvent::Dialing { call: id("a"), number: "7".to_owned() },
        EngineEvent::Updated { call: id("a"), muted: None, held: Some(true) },
        EngineEvent::Phone(PhoneStatus::Available),
    ];
    let state = tell(&phone, odd).await;
    assert_eq!(state, before);
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_allows_it_dials_beside_a_call() {
    let phone = Backend::fake(FakeEngine::dialling_beside_calls());
    tell(&phone, [incoming("a"), EngineEvent::Connected(id("a"))]).await;
    phone.ok("/api/sip/call/dial", json!({ "phone": "1" })).await;
    phone.fails("/api/sip/call/dial", json!({ "phone": "2" }), 409, "call_already_active").await;
}

#[tokio::test(start_paused = true)]
async fn callers_are_cut_and_cleaned() {
    let phone = Backend::fake(FakeEngine::new(Capability::ALL));
    let event = EngineEvent::Incoming {
        call: id("a"),
        number: format!("1&calc\r\n{}", "9".repeat(500)),
        display_name: Some("\u{7}\n".to_owned()),
    };
    phone.tell.send(event).unwrap();
    let call = phone.until(|state| state.active_call.is_some()).await.active_call.unwrap();
    assert_eq!((call.number.chars().count(), call.display_name), (128, None));
    assert!(call.number.starts_with("1&calc9"));
}
