//! What is said to be kept is found by the next life, whichever of the files takes nothing.

use std::fs;

use protocol::{CallId, Direction, EndReason};

use super::*;
use crate::clock::Clock;

fn past(id: &str) -> PastCall {
    PastCall {
        call_id: CallId::new(id),
        direction: Direction::In,
        number: "100".to_owned(),
        display_name: None,
        begin_time: 1,
        start_time: None,
        end_time: 2,
        duration: 0,
        reason: EndReason::Missed,
    }
}

/// A life of the store; its thread ends with it.
fn open(dir: &Path) -> (Store, Vec<String>) {
    let (store, found) = Store::open(dir, Clock::system(), Arc::default());
    (store, found.history.iter().map(|call| call.call_id.as_str().to_owned()).collect())
}

/// Whether all so far is said to be kept.
async fn is_kept(store: &Store) -> bool {
    let (receipt, received) = Receipt::new();
    store.acknowledge(receipt);
    received.is_kept().await
}

fn end(store: &Store, id: &str) {
    store.keep(vec![Change::Ended(past(id)), Change::Open(OpenCalls::default())]);
}

#[tokio::test]
async fn what_is_not_written_is_not_said_to_be_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path());
    end(&store, "a");
    assert!(is_kept(&store).await);
    // Neither file takes anything more.
    let (history, open_calls) = (dir.path().join("calls.jsonl"), dir.path().join("open-calls.json"));
    fs::rename(&history, dir.path().join("moved")).unwrap();
    fs::create_dir(&history).unwrap();
    testkit::block(&open_calls).unwrap();
    end(&store, "b");
    assert!(!is_kept(&store).await);
    assert!(open_calls.exists(), "it may be the last trace of a call");
    fs::remove_dir(&history).unwrap();
    testkit::unblock(&open_calls).unwrap();
    assert!(is_kept(&store).await);
    assert_eq!(open(dir.path()).1, ["b"]);
}

#[tokio::test]
async fn a_call_that_the_history_does_not_take_is_kept_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let history = dir.path().join("calls.jsonl");
    let (store, _) = open(dir.path());
    fs::create_dir(&history).unwrap();
    end(&store, "a");
    end(&store, "b");
    assert!(is_kept(&store).await);
    drop(store);
    // Also over several lives, and until the history has it, once.
    assert_eq!(open(dir.path()).1, ["a", "b"]);
    fs::remove_dir(&history).unwrap();
    for _ in 0..2 {
        assert_eq!(open(dir.path()).1, ["a", "b"]);
    }
    assert_eq!(fs::read_to_string(&history).unwrap().lines().count(), 2);
}
