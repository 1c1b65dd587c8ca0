//! A worker and builds other than its own: which tabs it serves, and when it steps aside.

use protocol::wire::command::Command;
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::{Event, Snapshot};
use protocol::wire::port::{
    CommandError, Init, RequestTag, TabMessage, TabReport, WorkerLock, WorkerMessage, WorkerOutdated,
};
use protocol::wire::rest::Dial;
use protocol::{OLDEST_PROTOCOL, PROTOCOL_VERSION};
use worker::connection::{StreamId, StreamOrder};
use worker::hub::{Effect, Hub, HubInput, PortId, Worker};

use crate::backend::Backend;
use crate::bench::Bench;

fn init(bench: &mut Bench, tab: u32, init: Init) {
    let message = Ok(TabMessage::Init(init));
    bench.input(HubInput::PortMessage { port: PortId(tab), message, transferred: None });
}

fn tab() -> Init {
    Init { tab: Some(TabReport::default()), ..Init::plain() }
}

/// A snapshot of a backend that serves another build.
fn updated(backend: &Backend) -> Event {
    let (_, Event::Snapshot(snapshot)) = backend.snapshot() else { unreachable!() };
    Event::Snapshot(Snapshot { bundle: "newer".to_owned(), ..snapshot })
}

fn outdated() -> WorkerMessage {
    WorkerMessage::WorkerOutdated(WorkerOutdated { bundle: "newer".to_owned() })
}

#[test]
fn a_tab_of_any_version_that_it_understands_is_served() {
    for protocol in OLDEST_PROTOCOL..=PROTOCOL_VERSION {
        let mut bench = Bench::connected(&Backend::new(), &[]);
        init(&mut bench, 1, Init { protocol, ..Init::plain() });
        assert!(matches!(bench.told(1)[..], [WorkerMessage::SyncState(_)]), "version {protocol}");
    }
}

#[test]
fn a_backend_of_another_build_makes_it_step_aside_without_a_second_stream() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[2]);
    init(&mut bench, 1, tab());
    bench.effects.clear();
    backend.restart();
    bench.input(HubInput::StreamLost(StreamId(1)));
    bench.next_tick();
    bench.event(StreamId(2), Some(backend.last_id()), updated(&backend));
    assert_eq!(bench.told(1).last(), Some(&outdated()));
    assert!(matches!(bench.told(2).last(), Some(WorkerMessage::Error(error)) if error.error == "worker_failed"));
    let close = bench.effects.iter().position(|it| *it == Effect::Stream(StreamOrder::Close(StreamId(2)))).unwrap();
    let told = |it: &Effect| matches!(it, Effect::Send { message, .. } if *message == outdated());
    assert!(close < bench.effects.iter().position(told).unwrap(), "first its own stream ends");
    assert_eq!(bench.effects.last(), Some(&Effect::End));

    let tag = RequestTag { request_id: Some("late".to_owned()), ..RequestTag::default() };
    let dial = Command::Dial(Dial { phone: "1".parse().unwrap() });
    bench.command(2, dial, tag);
    assert!(matches!(bench.told(2).last(), Some(WorkerMessage::Error(e)) if e.request_id.as_deref() == Some("late")));

    let opens = bench.opens().count();
    init(&mut bench, 3, tab());
    assert_eq!(bench.told(3), [outdated()], "who still finds it is sent on");
    bench.now += 100_000;
    bench.input(HubInput::Tick);
    bench.input(HubInput::Woke);
    assert_eq!(bench.opens().count(), opens);
}

#[test]
fn the_same_build_again_is_no_reason() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    backend.restart();
    bench.input(HubInput::StreamLost(StreamId(1)));
    bench.next_tick();
    let (id, snapshot) = backend.snapshot();
    bench.event(StreamId(2), Some(id), snapshot);
    assert!(!bench.effects.contains(&Effect::End));
}

#[test]
fn a_tab_that_reports_learns_by_which_lock_the_worker_lives() {
    let lock = WorkerMessage::WorkerLock(WorkerLock { lock: "life".to_owned() });
    let mut bench = Bench {
        hub: Hub::new(7).with(Worker { lock: Some("life".to_owned()), ..Worker::default() }),
        now: 0,
        effects: Vec::new(),
    };
    init(&mut bench, 1, tab());
    assert!(matches!(&bench.told(1)[..2], [WorkerMessage::SyncState(_), told] if *told == lock));
    init(&mut bench, 2, Init::plain());
    assert_eq!(bench.told(2).len(), 1, "others are told the contract's messages alone");
    let message = Ok(TabMessage::Init(tab()));
    bench.input(HubInput::PortMessage { port: PortId(3), message, transferred: Some(PortId(4)) });
    assert_eq!(bench.told(3), [lock], "the bridge, which is of the worker's origin, waits for the page");
}

#[test]
fn that_the_backend_will_not_have_it_is_told_once_and_to_who_comes_later() {
    let mut bench = Bench::new();
    init(&mut bench, 1, tab());
    init(&mut bench, 2, Init::plain());
    let body = ErrorBody::new(ErrorType::Unauthorized, "show the token");
    let told = WorkerMessage::Error(CommandError::new(body.clone(), None));
    for _ in 0..3 {
        bench.input(HubInput::StreamLost(bench.opened_stream().0));
        bench.input(HubInput::Refused(body.clone()));
        bench.next_tick();
    }
    init(&mut bench, 3, tab());
    let times = |tab| bench.told(tab).iter().filter(|message| **message == told).count();
    assert_eq!([1, 2, 3].map(times), [1, 0, 1], "once; nothing to a plain tab, which has asked for nothing");
}

#[test]
fn one_of_an_older_build_out_of_the_browsers_cache_steps_aside_at_its_first_word_from_the_backend() {
    let backend = Backend::new();
    for (own, ends) in [("older", true), ("hash", false)] {
        let mut bench = Bench {
            hub: Hub::new(7).with(Worker { bundle: Some(own.to_owned()), ..Worker::default() }),
            now: 0,
            effects: Vec::new(),
        };
        bench.input(HubInput::Started);
        init(&mut bench, 1, tab());
        let (id, snapshot) = backend.snapshot();
        bench.event(StreamId(1), Some(id), snapshot);
        assert_eq!(bench.effects.contains(&Effect::End), ends, "{own}");
    }
}

#[test]
fn a_worker_beside_the_shared_one_ends_when_its_tabs_have_left() {
    let ends = |bench: &mut Bench| {
        bench.now += 5_000;
        bench.input(HubInput::Tick);
        bench.effects.contains(&Effect::End)
    };
    for (name, spare) in [("sip-phone", false), ("sip-phone-1", true), ("somebody's own", false)] {
        let hub = Hub::new(7).with(Worker { name: name.to_owned(), ..Worker::default() });
        let mut bench = Bench { hub, now: 0, effects: Vec::new() };
        bench.input(HubInput::Started);
        bench.init(1);
        assert!(!ends(&mut bench), "{name} has a tab");
        bench.input(HubInput::PortGone(PortId(1)));
        assert!(!bench.effects.contains(&Effect::End), "a tab may be on its way to {name}");
        assert_eq!(ends(&mut bench), spare, "{name}");
    }
}
