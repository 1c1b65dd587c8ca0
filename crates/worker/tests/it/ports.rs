//! Tabs: joining, commanding, being refused, going.

use protocol::ConnectionStatus::Disconnected;
use protocol::wire::command::{Command, MaybeCall, Switch};
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::port::{Accepted, CommandError, Init, RequestTag, TabMessage, WorkerMessage};
use protocol::wire::rest::{self, Body, Dial, OfCall, Request};
use worker::connection::StreamId;
use worker::hub::{Effect, HubInput, Malformed, PortId, PostId};

use crate::backend::{Backend, call, incoming};
use crate::bench::Bench;

fn tag(id: &str, ack: bool) -> RequestTag {
    RequestTag { request_id: Some(id.to_owned()), ack, ..RequestTag::default() }
}

fn dial() -> Command {
    Command::Dial(Dial { phone: "123".parse().unwrap() })
}

fn error_of(bench: &Bench, tab: u32) -> (String, Option<String>) {
    match bench.told(tab).last() {
        Some(WorkerMessage::Error(CommandError { error, request_id, .. })) => (error.clone(), request_id.clone()),
        other => panic!("the tab was told {other:?}"),
    }
}

#[test]
fn a_new_tab_is_answered_from_memory_at_once() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    bench.effects.clear();
    bench.init(2);
    assert_eq!(bench.effects.len(), 1, "one answer, and no request to the backend");
    assert_eq!(bench.shown(2).active_call.unwrap().id, call(1));
    assert!(bench.told(1).is_empty(), "the other tabs have it already");
}

#[test]
fn a_port_that_rides_along_is_the_tab() {
    let mut bench = Bench::new();
    let message = Ok(TabMessage::Init(Init::plain()));
    bench.input(HubInput::PortMessage { port: PortId(1), message, transferred: Some(PortId(2)) });
    assert!(bench.told(1).is_empty());
    assert_eq!(bench.shown(2).connection_status, Disconnected);
}

#[test]
fn a_bridge_that_leaves_takes_its_tab_along() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[]);
    let message = Ok(TabMessage::Init(Init::plain()));
    bench.input(HubInput::PortMessage { port: PortId(1), message, transferred: Some(PortId(2)) });
    bench.input(HubInput::PortMessage { port: PortId(1), message: Ok(TabMessage::Gone), transferred: None });
    assert!([1, 2].iter().all(|port| bench.effects.contains(&Effect::ClosePort(PortId(*port)))));
    bench.effects.clear();
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    assert!(bench.told(2).is_empty());
}

#[test]
fn a_bridge_that_was_a_tab_too_leaves_nothing_behind() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    let message = Ok(TabMessage::Init(Init::plain()));
    bench.input(HubInput::PortMessage { port: PortId(1), message, transferred: Some(PortId(2)) });
    bench.command(1, dial(), tag("a", true));
    bench.input(HubInput::PortMessage { port: PortId(1), message: Ok(TabMessage::Gone), transferred: None });
    bench.effects.clear();
    bench.settle(PostId(1), Ok(Some(call(1))));
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    assert!(bench.told(1).is_empty() && bench.told(2).is_empty());
}

#[test]
fn a_port_that_rides_along_with_anything_else_is_closed() {
    let mut bench = Bench::new();
    for message in [Ok(TabMessage::Gone), Err(Malformed { message: "odd".to_owned(), request_id: None })] {
        bench.effects.clear();
        bench.input(HubInput::PortMessage { port: PortId(1), message, transferred: Some(PortId(2)) });
        assert!(bench.effects.contains(&Effect::ClosePort(PortId(2))));
    }
}

#[test]
fn another_protocol_is_refused_with_words_and_not_served() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    let message = Ok(TabMessage::Init(Init { protocol: 9, lock: None, tab: None }));
    bench.input(HubInput::PortMessage { port: PortId(2), message, transferred: None });
    assert_eq!(error_of(&bench, 2).0, "unsupported_protocol");
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    assert_eq!(bench.told(2).len(), 1);
}

#[test]
fn a_command_becomes_one_request() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.command(1, dial(), RequestTag::default());
    let body = Body::Dial(Dial { phone: "123".parse().unwrap() });
    assert_eq!(bench.posts(), [(PostId(1), Request { path: rest::DIAL, body })]);
    bench.settle(PostId(1), Ok(Some(call(1))));
    assert!(bench.told(1).is_empty(), "that the phone took it is told by its event alone");
}

#[test]
fn without_an_id_the_active_call_is_meant() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    bench.command(1, Command::Answer(MaybeCall { call_id: None }), tag("a", false));
    assert_eq!(error_of(&bench, 1), ("call_not_found".to_owned(), Some("a".to_owned())));
    assert!(bench.posts().is_empty());
    let (id, event) = backend.tell(incoming(4));
    bench.event(StreamId(1), Some(id), event);
    bench.command(1, Command::Hangup(MaybeCall { call_id: None }), RequestTag::default());
    let body = Body::OfCall(OfCall { call_id: call(4) });
    assert_eq!(bench.posts(), [(PostId(1), Request { path: rest::HANGUP, body })]);
}

#[test]
fn a_failure_goes_to_the_tab_that_asked_and_to_no_other() {
    let mut bench = Bench::connected(&Backend::new(), &[1, 2]);
    bench.command(2, dial(), tag("r7", false));
    bench.settle(PostId(1), Err(ErrorBody::new(ErrorType::CallAlreadyActive, "busy")));
    assert_eq!(error_of(&bench, 2), ("call_already_active".to_owned(), Some("r7".to_owned())));
    assert!(bench.told(1).is_empty());
    bench.settle(PostId(1), Err(ErrorBody::new(ErrorType::InternalError, "again")));
    assert_eq!(bench.told(2).len(), 1, "a command settles once");
}

#[test]
fn who_asks_for_it_is_told_that_the_phone_took_it() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.command(1, dial(), tag("r1", true));
    bench.settle(PostId(1), Ok(Some(call(3))));
    let accepted = Accepted { request_id: "r1".to_owned(), call_id: Some(call(3)) };
    assert_eq!(bench.told(1), [WorkerMessage::Accepted(accepted)]);
}

#[test]
fn without_a_connection_commands_are_refused_and_never_sent_later() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.input(HubInput::StreamLost(StreamId(1)));
    let switch = Switch { call_id: call(1), on: true };
    for (n, command) in [dial(), Command::Hold(switch.clone()), Command::Mute(switch)].into_iter().enumerate() {
        bench.command(1, command, tag(&n.to_string(), true));
        assert_eq!(error_of(&bench, 1), ("not_connected".to_owned(), Some(n.to_string())));
    }
    bench.next_tick();
    assert!(bench.posts().is_empty());
}

#[test]
fn what_can_not_be_read_is_refused_and_changes_nothing() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    let before = bench.hub.state();
    let malformed = Malformed { message: "missing field `phone`".to_owned(), request_id: Some("x".to_owned()) };
    bench.input(HubInput::PortMessage { port: PortId(1), message: Err(malformed), transferred: None });
    assert_eq!(error_of(&bench, 1), ("validation_error".to_owned(), Some("x".to_owned())));
    assert_eq!((bench.hub.state(), bench.posts().len()), (before, 0));
}

#[test]
fn a_tab_that_is_gone_is_told_no_more_and_its_command_still_counts() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1, 2]);
    bench.command(1, dial(), tag("r1", true));
    bench.input(HubInput::PortGone(PortId(1)));
    bench.settle(PostId(1), Ok(Some(call(1))));
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    assert!(bench.told(1).is_empty());
    assert_eq!(bench.shown(2).active_call.unwrap().id, call(1));
}

#[test]
fn a_tab_with_a_lock_is_watched_by_it() {
    let mut bench = Bench::new();
    let message = Ok(TabMessage::Init(Init { lock: Some("tab-9".to_owned()), ..Init::plain() }));
    bench.input(HubInput::PortMessage { port: PortId(9), message, transferred: None });
    assert!(bench.effects.contains(&Effect::WatchLock { port: PortId(9), lock: "tab-9".to_owned() }));
}

#[test]
fn a_lock_that_can_be_none_is_refused() {
    let mut bench = Bench::new();
    for lock in ["", "-x", &"x".repeat(300)] {
        let message = Ok(TabMessage::Init(Init { lock: Some(lock.to_owned()), ..Init::plain() }));
        bench.input(HubInput::PortMessage { port: PortId(9), message, transferred: None });
        assert_eq!(error_of(&bench, 9).0, "validation_error", "{lock:?}");
    }
    assert!(!bench.effects.iter().any(|effect| matches!(effect, Effect::WatchLock { .. })));
}
