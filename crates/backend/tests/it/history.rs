//! The call history: pages, the file, and what is wrong in it.

use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;

use axum::http::StatusCode;
use backend::clock::Clock;
use backend::history::{Before, CAPACITY, History, PastCall};
use backend::store::{Change, Health, Store};
use protocol::{CallId, Direction, EndReason};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::Backend;

fn past(n: u64) -> PastCall {
    PastCall {
        call_id: CallId::new(format!("call-{n}")),
        direction: Direction::In,
        number: "100".to_owned(),
        display_name: None,
        begin_time: n,
        start_time: Some(n),
        end_time: n,
        duration: 0,
        reason: EndReason::Hangup,
    }
}

fn names(page: &Value) -> Vec<&str> {
    page["calls"].as_array().unwrap().iter().map(|call| call["call_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_go_back_in_time_without_gaps() {
    let phone = Backend::simulator();
    assert_eq!(phone.get("/api/sip/calls").await.1, json!({ "calls": [], "next": null }));
    for n in 0..5 {
        phone.desk.history().add(past(n));
    }
    let first = phone.get("/api/sip/calls?limit=2").await.1;
    assert_eq!(names(&first), ["call-4", "call-3"]);
    let second = phone.get(&format!("/api/sip/calls?limit=2&before={}", first["next"].as_str().unwrap())).await.1;
    assert_eq!(names(&second), ["call-2", "call-1"]);
    let last = phone.get(&format!("/api/sip/calls?limit=2&before={}", second["next"].as_str().unwrap())).await.1;
    assert_eq!((names(&last), &last["next"]), (vec!["call-0"], &Value::Null));
    assert_eq!(names(&phone.get("/api/sip/calls?before=3").await.1), ["call-2", "call-1", "call-0"]);
    assert_eq!(names(&phone.get("/api/sip/calls?before=0").await.1), Vec::<&str>::new());
}

#[tokio::test]
async fn wrong_questions_are_refused() {
    let phone = Backend::simulator();
    for query in ["limit=0", "limit=201", "limit=x", "limit=-1", "before=nobody", "before="] {
        let (status, answer) = phone.get(&format!("/api/sip/calls?{query}")).await;
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("validation_error")), "{query}");
    }
    assert_eq!(phone.get("/api/sip/calls?limit=200&other=1").await.0, StatusCode::OK);
}

/// A history's file, and what a new life finds in it.
fn open(dir: &TempDir) -> (Store, Arc<Health>, Vec<PastCall>) {
    let health = Arc::new(Health::default());
    let (store, found) = Store::open(dir.path(), Clock::system(), health.clone());
    (store, health, found.history.into())
}

#[tokio::test]
async fn calls_survive_and_wrong_lines_are_passed_over_and_kept() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("calls.jsonl");
    let good = serde_json::to_string(&past(1)).unwrap();
    let before = format!("{good}\nnonsense\n\n{{\"call_id\":7}}\n\u{fffd}\n{{\"half\":");
    fs::write(&file, &before).unwrap();
    let (store, health, _) = open(&dir);
    store.keep(vec![Change::Ended(past(2))]);
    store.flush().await;
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with(&before), "what was there stays");
    assert_eq!(open(&dir).2, [past(1), past(2)]);
    assert_eq!(health.problems(), []);
}

#[tokio::test]
async fn memory_has_an_end() {
    let dir = TempDir::new().unwrap();
    let (store, ..) = open(&dir);
    let history = History::new(VecDeque::new());
    for n in 0..CAPACITY as u64 + 10 {
        history.add(past(n));
        store.keep(vec![Change::Ended(past(n))]);
    }
    store.flush().await;
    for history in [history, History::new(open(&dir).2.into())] {
        let (calls, more) = history.page(2000, None).unwrap();
        assert_eq!((calls.len(), more), (CAPACITY, false));
        assert_eq!(history.page(1, Some(&Before::Call(CallId::new("call-0")))), None);
    }
}
