//! Commands whose answers are lost: repeated under one key, given up in words, never carried out twice.

use protocol::wire::command::{Command, Switch};
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::Event;
use protocol::wire::port::{Accepted, CommandError, RequestTag, WorkerMessage};
use protocol::wire::rest::{COMMAND_MS, Dial};
use worker::connection::StreamId;
use worker::hub::{Attempt, Effect, HubInput, PortId, PostId};

use crate::backend::{Backend, call};
use crate::bench::Bench;

fn dial() -> Command {
    Command::Dial(Dial { phone: "123".parse().unwrap() })
}

fn mute(on: bool) -> Command {
    Command::Mute(Switch { call_id: call(1), on })
}

fn tag(id: &str) -> RequestTag {
    let (request_id, key) = (Some(id.to_owned()), Some(format!("key-{id}")));
    RequestTag { request_id, ack: true, key, again: None }
}

fn again(id: &str, ago: u64) -> RequestTag {
    RequestTag { again: Some(ago), ..tag(id) }
}

/// What this tab was told of its commands: their names, and the error or none.
fn answers(bench: &Bench, tab: u32) -> Vec<(String, Option<String>)> {
    let told = bench.told(tab).into_iter().filter_map(|message| match message {
        WorkerMessage::Accepted(Accepted { request_id, .. }) => Some((request_id, None)),
        WorkerMessage::Error(CommandError { error, request_id, .. }) => Some((request_id.unwrap(), Some(error))),
        _ => None,
    });
    told.collect()
}

fn ok(id: &str) -> (String, Option<String>) {
    (id.to_owned(), None)
}

fn failed(id: &str, error: ErrorType) -> (String, Option<String>) {
    (id.to_owned(), Some(error.as_str().to_owned()))
}

fn attempt(key: &str, number: u32) -> Attempt {
    Attempt { key: key.to_owned(), number }
}

#[test]
fn a_lost_answer_is_asked_for_again_under_the_same_key() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.command(1, dial(), tag("a"));
    bench.lose(PostId(1));
    bench.next_tick();
    let expected = [(PostId(1), attempt("key-a", 1)), (PostId(2), attempt("key-a", 2))];
    assert_eq!(bench.attempts(), expected);
    bench.settle(PostId(2), Ok(Some(call(1))));
    assert_eq!(answers(&bench, 1), [ok("a")]);
}

#[test]
fn an_attempt_that_hangs_is_given_up_and_its_late_answer_is_no_second_one() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.command(1, dial(), tag("a"));
    while bench.attempts().len() < 2 {
        bench.next_tick();
    }
    assert!(bench.effects.contains(&Effect::Abort(PostId(1))));
    bench.settle(PostId(2), Err(ErrorBody::new(ErrorType::CallAlreadyActive, "busy")));
    bench.settle(PostId(1), Ok(None));
    assert_eq!(answers(&bench, 1), [failed("a", ErrorType::CallAlreadyActive)]);
}

#[test]
fn without_any_answer_the_tab_is_told_in_the_end() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.command(1, dial(), tag("a"));
    let given = bench.now;
    while answers(&bench, 1).is_empty() {
        bench.event(StreamId(1), None, Event::Heartbeat {});
        bench.next_tick();
    }
    assert_eq!(answers(&bench, 1), [failed("a", ErrorType::OutcomeUnknown)]);
    assert_eq!(bench.now - given, COMMAND_MS);
    let attempts = bench.attempts().len();
    bench.next_tick();
    assert_eq!(bench.attempts().len(), attempts, "what was given up is not tried again");
}

#[test]
fn while_there_is_no_connection_a_lost_one_waits() {
    let backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    bench.command(1, dial(), tag("a"));
    bench.input(HubInput::StreamLost(StreamId(1)));
    bench.lose(PostId(1));
    bench.next_tick();
    assert_eq!(bench.attempts().len(), 1);
    let (id, snapshot) = backend.snapshot();
    bench.event(bench.opened_stream().0, Some(id), snapshot);
    assert_eq!(bench.attempts().last(), Some(&(PostId(2), attempt("key-a", 2))));
}

#[test]
fn what_a_dead_worker_was_given_waits_for_the_connection_of_the_next() {
    let backend = Backend::new();
    let mut bench = Bench::new();
    bench.init(1);
    bench.command(1, dial(), again("a", 300));
    bench.command(1, dial(), tag("fresh"));
    assert_eq!(answers(&bench, 1), [failed("fresh", ErrorType::NotConnected)]);
    let (id, snapshot) = backend.snapshot();
    bench.event(StreamId(1), Some(id), snapshot);
    assert_eq!(bench.attempts(), [(PostId(1), attempt("key-a", 2))], "the dead one may have sent it");
}

#[test]
fn what_is_too_old_is_not_begun() {
    let mut bench = Bench::new();
    bench.init(1);
    bench.command(1, dial(), again("a", COMMAND_MS - 100));
    bench.now += 100;
    bench.input(HubInput::Tick);
    assert_eq!(answers(&bench, 1), [failed("a", ErrorType::OutcomeUnknown)]);
    bench.command(1, dial(), again("b", u64::MAX));
    assert_eq!(answers(&bench, 1).last(), Some(&failed("b", ErrorType::OutcomeUnknown)));
    assert!(bench.attempts().is_empty());
}

#[test]
fn a_switch_is_not_repeated_after_it_was_switched_back() {
    let mut bench = Bench::connected(&Backend::new(), &[1, 2]);
    bench.command(1, mute(true), tag("on"));
    bench.command(2, mute(false), tag("off"));
    bench.settle(PostId(2), Ok(None));
    bench.command(2, mute(false), tag("off-again"));
    bench.lose(PostId(1));
    bench.next_tick();
    assert_eq!(answers(&bench, 1), [failed("on", ErrorType::OutcomeUnknown)]);
    assert_eq!(bench.attempts().iter().filter(|(_, attempt)| attempt.key == "key-on").count(), 1);
}

#[test]
fn a_switch_that_was_switched_back_and_done_with_is_not_repeated_either() {
    let mut bench = Bench::connected(&Backend::new(), &[1, 2]);
    bench.command(1, mute(true), tag("on"));
    bench.command(2, mute(false), tag("off"));
    bench.settle(PostId(2), Ok(None));
    while answers(&bench, 1).is_empty() {
        bench.event(StreamId(1), None, Event::Heartbeat {});
        bench.next_tick();
    }
    assert_eq!(answers(&bench, 1), [failed("on", ErrorType::OutcomeUnknown)]);
    assert_eq!(bench.attempts().len(), 2);
}

#[test]
fn one_that_is_given_again_without_its_call_is_not_guessed_at() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    let (id, event) = backend.tell(crate::backend::incoming(1));
    bench.event(StreamId(1), Some(id), event);
    let hangup = Command::Hangup(protocol::wire::command::MaybeCall { call_id: None });
    bench.command(1, hangup, again("a", 10));
    assert_eq!(answers(&bench, 1), [failed("a", ErrorType::OutcomeUnknown)]);
    assert!(bench.posts().is_empty());
}

#[test]
fn without_a_key_the_worker_makes_one_and_no_two_alike() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    for _ in 0..2 {
        bench.command(1, dial(), RequestTag::default());
    }
    let keys: Vec<String> = bench.attempts().into_iter().map(|(_, attempt)| attempt.key).collect();
    assert!(keys[0] != keys[1] && keys.iter().all(|key| key.len() > 16), "{keys:?}");
}

#[test]
fn an_impossible_key_is_refused() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    for key in ["", " ", "a b", "\n", "ключ", &"k".repeat(65)] {
        bench.command(1, dial(), RequestTag { key: Some(key.to_owned()), ..tag("a") });
        assert_eq!(answers(&bench, 1).last(), Some(&failed("a", ErrorType::ValidationError)), "{key:?}");
    }
    assert!(bench.posts().is_empty());
}

#[test]
fn nothing_is_repeated_for_a_tab_that_is_gone() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.command(1, dial(), tag("a"));
    bench.input(HubInput::PortGone(PortId(1)));
    bench.lose(PostId(1));
    bench.next_tick();
    assert_eq!(bench.attempts().len(), 1);
}

#[test]
fn that_it_was_repeated_too_fast_says_nothing_of_the_first_attempt() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.command(1, dial(), tag("a"));
    bench.lose(PostId(1));
    bench.next_tick();
    bench.settle(PostId(2), Err(ErrorBody::new(ErrorType::TooManyRequests, "slower")));
    assert_eq!(answers(&bench, 1), []);
    bench.next_tick();
    bench.settle(PostId(3), Ok(None));
    assert_eq!(answers(&bench, 1), [ok("a")]);
    bench.command(1, dial(), tag("b"));
    bench.settle(PostId(4), Err(ErrorBody::new(ErrorType::TooManyRequests, "slower")));
    assert_eq!(answers(&bench, 1).last(), Some(&failed("b", ErrorType::TooManyRequests)), "nothing was carried out");
}
