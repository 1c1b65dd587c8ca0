//! The connection: opening, losing, retrying, falling silent, resuming, resyncing.

use protocol::ConnectionStatus::{Connected, Disconnected, Reconnecting};
use protocol::wire::event::Event;
use protocol::wire::port::{Init, RawEvent, TabMessage, TabReport, WorkerMessage};
use protocol::{EventId, OperatorStatus};
use worker::backoff::Backoff;
use worker::connection::{StreamId, StreamOrder};
use worker::hub::{Effect, HubInput};

use crate::backend::{Backend, connected, incoming, status};
use crate::bench::Bench;

fn heartbeat(bench: &mut Bench, stream: StreamId) {
    bench.event(stream, None, Event::Heartbeat {});
}

#[test]
fn starts_by_opening_one_stream_for_a_snapshot() {
    let bench = Bench::new();
    assert_eq!(bench.opened_stream(), (StreamId(1), None));
    assert_eq!(bench.hub.state().connection_status, Disconnected);
}

#[test]
fn is_connected_by_the_snapshot_not_by_the_open() {
    let mut bench = Bench::new();
    bench.init(1);
    bench.input(HubInput::StreamOpened(StreamId(1)));
    heartbeat(&mut bench, StreamId(1));
    assert_eq!(bench.shown(1).connection_status, Disconnected, "there is no state to show yet");
    let (id, snapshot) = Backend::new().snapshot();
    bench.event(StreamId(1), Some(id), snapshot);
    assert_eq!(bench.shown(1).connection_status, Connected);
    assert_eq!(bench.shown(1).operator_status, OperatorStatus::Ready);
}

#[test]
fn never_connected_stays_disconnected_while_it_retries() {
    let mut bench = Bench::new();
    for _ in 0..5 {
        let (stream, _) = bench.opened_stream();
        bench.input(HubInput::StreamLost(stream));
        assert_eq!(bench.hub.state().connection_status, Disconnected);
        bench.next_tick();
    }
    assert_eq!(bench.opened_stream().0, StreamId(6));
}

#[test]
fn delays_double_with_jitter_between_a_quarter_second_and_five() {
    let mut differ = false;
    for seed in 0..50 {
        let mut backoff = Backoff::new(seed);
        let delays: Vec<_> = (0..12).map(|_| backoff.next_delay_ms()).collect();
        for (n, delay) in delays.iter().enumerate() {
            let ceiling = (500 << n.min(10)).min(5_000);
            assert!((ceiling / 2..=ceiling).contains(delay), "delay {n} of seed {seed} is {delay}");
        }
        differ |= delays != (0..12).map(|_| Backoff::new(seed ^ 0xff).next_delay_ms()).collect::<Vec<_>>();
        backoff.reset();
        assert!((250..=500).contains(&backoff.next_delay_ms()));
    }
    assert!(differ);
}

#[test]
fn a_lost_stream_is_resumed_after_the_last_event_with_nothing_lost() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1, 2]);
    bench.input(HubInput::StreamLost(StreamId(1)));
    assert_eq!(bench.shown(1).connection_status, Reconnecting);
    assert_eq!(bench.shown(2).connection_status, Reconnecting);
    let last = backend.last_id();
    backend.tell(incoming(1));
    backend.tell(connected(1));
    bench.next_tick();
    let (stream, after) = bench.opened_stream();
    assert_eq!(after, Some(last));
    for (id, event) in backend.backlog(after.as_ref()) {
        bench.event(stream, Some(id), event);
    }
    assert_eq!(bench.shown(2), backend.book.to_state(Connected, 2));
}

#[test]
fn a_resumed_stream_that_has_nothing_to_say_is_connected_soon() {
    for heard in [true, false] {
        let mut bench = Bench::connected(&Backend::new(), &[1]);
        bench.input(HubInput::StreamLost(StreamId(1)));
        bench.next_tick();
        bench.input(HubInput::StreamOpened(StreamId(2)));
        assert_eq!(bench.shown(1).connection_status, Reconnecting);
        if heard {
            heartbeat(&mut bench, StreamId(2));
        } else {
            bench.next_tick();
        }
        assert_eq!(bench.shown(1).connection_status, Connected);
    }
}

#[test]
fn silence_of_two_heartbeats_is_a_loss_and_a_heartbeat_is_not_silence() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.now += 29_000;
    heartbeat(&mut bench, StreamId(1));
    bench.now += 29_999;
    bench.input(HubInput::Tick);
    assert_eq!(bench.hub.state().connection_status, Connected);
    bench.now += 1;
    bench.input(HubInput::Tick);
    assert_eq!(bench.shown(1).connection_status, Reconnecting);
    assert!(bench.effects.contains(&Effect::Stream(StreamOrder::Close(StreamId(1)))));
}

#[test]
fn a_heart_that_beats_faster_is_missed_sooner() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    for _ in 0..4 {
        bench.now += 4_000;
        heartbeat(&mut bench, StreamId(1));
    }
    bench.now += 8_999;
    bench.input(HubInput::Tick);
    assert_eq!(bench.hub.state().connection_status, Connected);
    bench.now += 1;
    bench.input(HubInput::Tick);
    assert_eq!(bench.hub.state().connection_status, Reconnecting);
}

#[test]
fn an_attempt_that_never_opens_is_given_up() {
    let mut bench = Bench::new();
    bench.now += 10_000;
    bench.input(HubInput::Tick);
    bench.next_tick();
    assert_eq!(bench.opened_stream().0, StreamId(2));
}

#[test]
fn a_restarted_backend_is_taken_at_its_word() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    assert!(bench.shown(1).active_call.is_some());
    backend.restart();
    bench.input(HubInput::StreamLost(StreamId(1)));
    bench.next_tick();
    let (stream, after) = bench.opened_stream();
    for (id, event) in backend.backlog(after.as_ref()) {
        bench.event(stream, Some(id), event);
    }
    assert_eq!(bench.shown(1), backend.book.to_state(Connected, 0));
}

#[test]
fn an_event_seen_before_changes_nothing_and_is_not_told_again() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    let (id, event) = backend.tell(status(OperatorStatus::Lunch));
    bench.event(StreamId(1), Some(id.clone()), event.clone());
    let told = bench.told(1).len();
    bench.event(StreamId(1), Some(id), event);
    assert_eq!(bench.told(1).len(), told);
}

#[test]
fn a_gap_asks_for_a_snapshot_at_once_without_a_word_to_the_operator() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    backend.tell(incoming(1));
    let (id, event) = backend.tell(connected(1));
    bench.event(StreamId(1), Some(id), event);
    assert_eq!(bench.opened_stream(), (StreamId(2), None));
    assert!(bench.told(1).is_empty(), "no flicker for what the operator needs not know");
    let (id, snapshot) = backend.snapshot();
    bench.event(StreamId(2), Some(id), snapshot);
    assert_eq!(bench.shown(1), backend.book.to_state(Connected, 2));
}

#[test]
fn what_can_not_be_trusted_asks_for_a_snapshot_but_never_in_a_hot_loop() {
    let other_epoch = EventId { epoch: "e9".to_owned(), seq: 1 };
    let cases: [(&str, Option<EventId>, Option<Event>); 4] = [
        ("another epoch", Some(other_epoch), Some(incoming(1))),
        ("no number", None, Some(incoming(1))),
        ("unreadable data", Some(EventId { epoch: "e1".to_owned(), seq: 1 }), None),
        ("a gap", Some(EventId { epoch: "e1".to_owned(), seq: 5 }), Some(incoming(1))),
    ];
    for (name, id, event) in cases {
        let backend = Backend::new();
        let mut bench = Bench::connected(&backend, &[1]);
        let (mut asked, start) = (0, bench.now);
        while asked < 8 {
            let stream = StreamId(asked + 1);
            let raw = RawEvent { event: "call_incoming".to_owned(), data: "{}".to_owned() };
            bench.input(HubInput::StreamEvent { stream, id: id.clone(), event: event.clone(), raw });
            if !bench.opens().any(|(stream, _)| stream == StreamId(asked + 2)) {
                bench.next_tick();
            }
            assert_eq!(bench.opened_stream(), (StreamId(asked + 2), None), "{name}");
            let (id, snapshot) = backend.snapshot();
            bench.event(StreamId(asked + 2), Some(id), snapshot);
            asked += 1;
        }
        assert!(bench.now - start > 10_000, "{name}: eight attempts took {} ms", bench.now - start);
    }
}

#[test]
fn news_of_a_stream_given_up_is_ignored() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    bench.input(HubInput::StreamLost(StreamId(1)));
    let told = bench.told(1).len();
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    bench.input(HubInput::StreamOpened(StreamId(1)));
    bench.input(HubInput::StreamLost(StreamId(1)));
    assert_eq!(bench.told(1).len(), told);
    assert!(bench.hub.state().active_call.is_none());
}

#[test]
fn an_unknown_event_is_passed_on_and_the_stream_goes_on() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    let (id, event) = backend.tell(Event::Unknown("agent_joined".to_owned()));
    let raw = RawEvent { event: "agent_joined".to_owned(), data: r#"{"x":1}"#.to_owned() };
    bench.input(HubInput::StreamEvent { stream: StreamId(1), id: Some(id), event: Some(event), raw: raw.clone() });
    assert_eq!(bench.told(1).last(), Some(&WorkerMessage::SseEvent(raw)));
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    assert_eq!(bench.shown(1), backend.book.to_state(Connected, 2));
}

#[test]
fn every_change_is_told_as_state_first_then_as_the_event() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1, 2]);
    let (id, event) = backend.tell(incoming(1));
    bench.event(StreamId(1), Some(id), event);
    for tab in [1, 2] {
        let told = bench.told(tab);
        assert!(
            matches!(&told[..], [WorkerMessage::SyncState(state), WorkerMessage::SseEvent(raw)]
                if state.seq == 1 && raw.event == "call_incoming"),
            "{told:?}"
        );
    }
}

#[test]
fn a_tick_that_comes_early_sets_another() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.now += 100;
    bench.input(HubInput::Tick);
    assert!(matches!(bench.effects.last(), Some(Effect::SetTimer(Some(_)))));
}

#[test]
fn somebody_who_waits_for_it_gets_the_next_attempt_at_once() {
    let mut bench = Bench::connected(&Backend::new(), &[]);
    let tab = Init { tab: Some(TabReport::default()), ..Init::plain() };
    bench.say(1, TabMessage::Init(tab));
    bench.input(HubInput::StreamLost(StreamId(1)));
    bench.say(1, TabMessage::Report(TabReport { sound: true, ..TabReport::default() }));
    assert!(bench.opens().next().is_none(), "it was not used");
    bench.say(1, TabMessage::Report(TabReport { used: true, ..TabReport::default() }));
    assert_eq!(bench.opened_stream().0, StreamId(2));
    bench.say(1, TabMessage::Report(TabReport { used: true, ..TabReport::default() }));
    assert_eq!(bench.opens().count(), 1, "one attempt at a time");
    bench.now += 1_500;
    bench.say(1, TabMessage::Report(TabReport { used: true, ..TabReport::default() }));
    assert_eq!(bench.opened_stream().0, StreamId(3), "one that hangs is not waited for");
}

#[test]
fn after_a_sleep_or_on_another_network_a_new_stream_takes_over_unseen() {
    let backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    bench.input(HubInput::Woke);
    assert!(bench.effects.contains(&Effect::Stream(StreamOrder::Close(StreamId(1)))));
    assert_eq!(bench.opened_stream(), (StreamId(2), Some(backend.last_id())));
    bench.input(HubInput::StreamOpened(StreamId(2)));
    heartbeat(&mut bench, StreamId(2));
    assert!(bench.told(1).is_empty());
}

#[test]
fn tabs_that_all_say_that_the_network_is_back_renew_it_once() {
    let mut bench = Bench::connected(&Backend::new(), &[]);
    for tab in [1, 2] {
        bench.say(tab, TabMessage::Init(Init { tab: Some(TabReport::default()), ..Init::plain() }));
    }
    bench.input(HubInput::StreamLost(StreamId(1)));
    let online = || TabMessage::Report(TabReport { online: true, ..TabReport::default() });
    bench.say(1, online());
    assert_eq!(bench.opened_stream().0, StreamId(2), "at once");
    bench.say(2, online());
    assert_eq!(bench.opens().count(), 1);
    bench.now += 1_000;
    bench.say(2, online());
    assert_eq!(bench.opened_stream().0, StreamId(3), "it may be another network");
}

#[test]
fn connections_that_died_in_a_sleep_are_used_up_at_once_and_it_is_told_soon() {
    let mut bench = Bench::connected(&Backend::new(), &[1]);
    bench.input(HubInput::Woke);
    let flush = Effect::Stream(StreamOrder::Flush);
    assert!(bench.effects.contains(&flush));
    bench.now += 1_500;
    bench.input(HubInput::Tick);
    assert_eq!(bench.shown(1).connection_status, Reconnecting);
    bench.effects.retain(|effect| *effect != flush);
    bench.next_tick();
    assert!(bench.effects.contains(&flush), "some may have been in use");
    bench.now += 1_500;
    bench.input(HubInput::Tick);
    bench.effects.retain(|effect| *effect != flush);
    bench.next_tick();
    assert!(!bench.effects.contains(&flush), "what is left now is alive, or the wire is dead");
}

#[test]
fn a_wire_that_passes_on_whole_responses_only_is_asked_for_those() {
    let mut backend = Backend::new();
    let mut bench = Bench::new();
    bench.init(1);
    bench.input(HubInput::StreamOpened(StreamId(1)));
    bench.now += 10_000;
    bench.input(HubInput::Tick);
    bench.next_tick();
    assert!(bench.asked_once());
    for round in 2..6 {
        let (stream, after) = bench.opened_stream();
        assert_eq!(stream, StreamId(round));
        for (id, event) in backend.backlog(after.as_ref()) {
            bench.event(stream, Some(id), event);
        }
        bench.input(HubInput::StreamLost(stream));
        assert_eq!(bench.shown(1), backend.book.to_state(Connected, backend.last_id().seq));
        backend.tell(status(if round % 2 == 0 { OperatorStatus::Lunch } else { OperatorStatus::Dnd }));
        bench.next_tick();
        assert!(bench.asked_once());
    }
    bench.input(HubInput::StreamLost(bench.opened_stream().0));
    assert_eq!(bench.shown(1).connection_status, Reconnecting, "one that brings nothing is a loss");
    bench.input(HubInput::Woke);
    assert!(!bench.asked_once(), "another network may be a better one");
}
