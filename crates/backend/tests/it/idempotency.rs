//! Commands that are given again: one key is one command, whatever is lost on the way.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use backend::engine::{Action, EngineError};
use backend::idempotency::REPEATABLE;
use protocol::{Capability, OperatorStatus};
use serde_json::{Value, json};

use crate::support::{Backend, FakeEngine, calls, post, read};

const DIAL: &str = "/api/sip/call/dial";
const STATUS: &str = "/api/sip/operator/status";

fn keyed(path: &str, key: &str, attempt: u32, body: &Value) -> Request<Body> {
    let mut request = post(path, &body.to_string());
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request.headers_mut().insert("sip-phone-attempt", attempt.into());
    request
}

/// Status, `Content-Type` and body, as they came.
async fn raw(phone: &Backend, request: Request<Body>) -> (u16, String, Vec<u8>) {
    let response = phone.send(request).await;
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let status = response.status().as_u16();
    (status, kind, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
}

fn dials(engine: &FakeEngine) -> usize {
    engine.asked().iter().filter(|action| matches!(action, Action::Dial { .. })).count()
}

#[tokio::test(start_paused = true)]
async fn a_dial_whose_answer_was_lost_is_given_again_and_dials_once() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    let body = json!({ "phone": "100" });
    let first = raw(&phone, keyed(DIAL, "k1", 1, &body)).await;
    assert_eq!(first.0, 200);
    for attempt in 2..5 {
        tokio::time::advance(Duration::from_secs(15)).await;
        assert_eq!(raw(&phone, keyed(DIAL, "k1", attempt, &body)).await, first);
    }
    assert_eq!((dials(&engine), calls(&phone.desk.snapshot()).len()), (1, 1));
    let line = "sip_phone_commands_total{command=\"dial\",outcome=\"ok\"} 1\n";
    assert!(phone.metrics().await.contains(line), "it was one command");
    // Another key is another command.
    assert_eq!(read(phone.send(keyed(DIAL, "k2", 1, &body)).await).await.0, 409);
}

#[tokio::test(start_paused = true)]
async fn who_comes_while_the_command_is_under_way_waits_for_its_answer() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    engine.hesitate();
    let body = json!({ "phone": "100" });
    let (first, second, ()) =
        tokio::join!(raw(&phone, keyed(DIAL, "k", 1, &body)), raw(&phone, keyed(DIAL, "k", 2, &body)), async {
            engine.arrival().await;
            engine.go_on();
        });
    assert_eq!(first, second);
    assert_eq!((first.0, dials(&engine)), (200, 1));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_gets_the_answer_with_its_next_attempt() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    engine.hesitate();
    let body = json!({ "phone": "100" });
    tokio::select! {
        _ = raw(&phone, keyed(DIAL, "k", 1, &body)) => panic!("the softphone has not answered yet"),
        () = engine.arrival() => {}
    }
    engine.go_on();
    let (status, _, answer) = raw(&phone, keyed(DIAL, "k", 2, &body)).await;
    assert_eq!((status, dials(&engine)), (200, 1));
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["call_id"].as_str().unwrap(), calls(&phone.desk.snapshot())[0].call_id.as_str());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_answered_alike_too() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    engine.answers(Err(EngineError::Refused));
    let body = json!({ "phone": "100" });
    let first = raw(&phone, keyed(DIAL, "k", 1, &body)).await;
    engine.answers(Ok(()));
    assert_eq!(raw(&phone, keyed(DIAL, "k", 2, &body)).await, first);
    assert_eq!((first.0, dials(&engine)), (503, 1));
    let wrong = raw(&phone, keyed(DIAL, "w", 1, &json!({ "phone": "no number" }))).await;
    assert_eq!((wrong.0, &wrong), (400, &raw(&phone, keyed(DIAL, "w", 2, &json!({ "phone": "no number" }))).await));
}

#[tokio::test]
async fn a_key_of_another_command_and_impossible_keys_are_refused() {
    let phone = Backend::simulator();
    assert_eq!(read(phone.send(keyed(STATUS, "k", 1, &json!({ "status": "lunch" }))).await).await.0, 200);
    let refused = async |request| {
        let (status, answer) = read(phone.send(request).await).await;
        assert_eq!((status.as_u16(), &answer["error"]), (400, &json!("validation_error")), "{answer}");
    };
    refused(keyed(STATUS, "k", 2, &json!({ "status": "dnd" }))).await;
    refused(keyed(DIAL, "k", 2, &json!({ "status": "lunch" }))).await;
    for key in ["", "a b", &"x".repeat(65)] {
        refused(keyed(STATUS, key, 1, &json!({ "status": "dnd" }))).await;
    }
    let mut twice = keyed(STATUS, "a", 1, &json!({ "status": "dnd" }));
    twice.headers_mut().append("idempotency-key", "b".parse().unwrap());
    refused(twice).await;
    refused(keyed(STATUS, "c", 0, &json!({ "status": "dnd" }))).await;
    assert_eq!(phone.desk.snapshot().operator_status, OperatorStatus::Lunch, "nothing was done");
    let longest = keyed(STATUS, &"x".repeat(64), 1, &json!({ "status": "dnd" }));
    assert_eq!(read(phone.send(longest).await).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_life_may_have_carried_out_is_not_done_again() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    let body = json!({ "phone": "100" });
    for attempt in [2, 3, 1] {
        let (status, answer) = read(phone.send(keyed(DIAL, "old", attempt, &body)).await).await;
        assert_eq!((status.as_u16(), &answer["error"]), (503, &json!("outcome_unknown")), "attempt {attempt}");
    }
    assert_eq!(dials(&engine), 0);
    tokio::time::advance(REPEATABLE).await;
    assert_eq!(read(phone.send(keyed(DIAL, "new", 2, &body)).await).await.0, 200, "the first attempt never came");
    assert_eq!(dials(&engine), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_to_an_earlier_life_is_not_done_by_this_one() {
    let engine = FakeEngine::new(Capability::ALL);
    let phone = Backend::fake(engine.clone());
    let of_epoch = |key: &str, epoch: &str| {
        let mut request = keyed(DIAL, key, 1, &json!({ "phone": "100" }));
        request.headers_mut().insert("sip-phone-epoch", epoch.parse().unwrap());
        request
    };
    let (status, answer) = read(phone.send(of_epoch("old", "an earlier one")).await).await;
    assert_eq!((status.as_u16(), &answer["error"]), (503, &json!("outcome_unknown")));
    assert_eq!(dials(&engine), 0);
    assert_eq!(read(phone.send(of_epoch("new", &phone.desk.epoch())).await).await.0, 200);
    assert_eq!(dials(&engine), 1);
}

#[tokio::test]
async fn what_could_not_be_read_may_be_sent_again_under_its_key() {
    let phone = Backend::simulator();
    let mut request = keyed(STATUS, "k", 1, &json!({ "status": "dnd" }));
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(read(phone.send(request).await).await.0, 415);
    let large = json!({ "status": "x".repeat(20_000) });
    assert_eq!(read(phone.send(keyed(STATUS, "k", 1, &large)).await).await.0, 413);
    assert_eq!(read(phone.send(keyed(STATUS, "k", 1, &json!({ "status": "dnd" }))).await).await.0, 200);
}
