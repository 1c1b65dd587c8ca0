//! Scenarios as rows: events in, and after each the calls as one line, the active one first.
//!
//! A call reads `id:state`, with `m` for muted and `h` for held behind it.

use protocol::wire::event::{
    CallConnected, CallDialing, CallEnded, CallIncoming, CallUpdated, Event, PhoneChange, SnapshotCall, StatusChange,
};
use protocol::{Book, Call, CallId, CallState, Capabilities, Direction, EndReason, OperatorStatus, PhoneStatus};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn event(line: &str) -> Event {
    let mut words = line.split(' ');
    let (what, id) = (words.next().unwrap(), words.next().unwrap_or_default());
    let call_id = CallId::new(id);
    let flags = words.next().unwrap_or_default();
    match what {
        "incoming" => Event::CallIncoming(CallIncoming { call_id, number: "100".to_owned(), display_name: None }),
        "dialing" => Event::CallDialing(CallDialing { call_id, number: "200".to_owned() }),
        "connected" => Event::CallConnected(CallConnected { call_id, start_time: 1_700_000_000 }),
        "updated" => Event::CallUpdated(CallUpdated { call_id, muted: flags.contains('m'), held: flags.contains('h') }),
        "ended" => Event::CallEnded(CallEnded { call_id, duration: 0, reason: EndReason::Hangup }),
        "lunch" => Event::StatusChange(StatusChange { status: OperatorStatus::Lunch }),
        "gone" => Event::PhoneChange(PhoneChange { status: PhoneStatus::Unavailable }),
        "heartbeat" => Event::Heartbeat {},
        other => Event::Unknown(other.to_owned()),
    }
}

fn line(call: &Call) -> String {
    let state = match call.state {
        CallState::Incoming => "incoming",
        CallState::Dialing => "dialing",
        CallState::Talking => "talking",
    };
    let (m, h) = (if call.muted { "m" } else { "" }, if call.held { "h" } else { "" });
    format!("{}:{state}{m}{h}", call.id)
}

fn shown(book: &Book) -> String {
    book.calls().iter().map(line).collect::<Vec<_>>().join(" ")
}

fn book() -> Book {
    Book::new(OperatorStatus::Ready, PhoneStatus::Available, Capabilities::default())
}

fn check(name: &str, rows: &[(&str, &str)]) {
    let mut book = book();
    for (step, (input, calls)) in rows.iter().enumerate() {
        book.apply(&event(input));
        assert_eq!(shown(&book), *calls, "{name}, step {step}: {input}");
        // At every step a snapshot tells the whole truth.
        assert_eq!(Book::from_snapshot(&book.to_snapshot("hash")), book, "{name}, step {step}");
    }
}

/// One scenario for each row of the softphone's table of hooks, as the desk tells them.
#[test]
fn the_ways_of_a_call() {
    check("out, answered", &[("dialing a", "a:dialing"), ("connected a", "a:talking"), ("ended a", "")]);
    check("out, busy or declined, no answer, not found, cancelled", &[("dialing a", "a:dialing"), ("ended a", "")]);
    check("in, answered", &[("incoming a", "a:incoming"), ("connected a", "a:talking"), ("ended a", "")]);
    check("in, missed, answered elsewhere, rejected", &[("incoming a", "a:incoming"), ("ended a", "")]);
    check("in, refused before it rang", &[("heartbeat", "")]);
    check(
        "a crash: no end of its own, the desk ends it",
        &[("incoming a", "a:incoming"), ("connected a", "a:talking"), ("ended a", ""), ("gone", "")],
    );
}

#[test]
fn a_second_call_is_answered_and_the_first_taken_back() {
    check(
        "two calls",
        &[
            ("incoming a", "a:incoming"),
            ("connected a", "a:talking"),
            ("incoming b", "a:talking b:incoming"),
            ("updated a h", "b:incoming a:talkingh"),
            ("connected b", "b:talking a:talkingh"),
            ("updated b h", "b:talkingh a:talkingh"),
            ("updated a", "a:talking b:talkingh"),
            ("ended a", "b:talkingh"),
            ("updated b", "b:talking"),
            ("ended b", ""),
        ],
    );
}

#[test]
fn at_most_one_call_is_live_whatever_the_order_of_events() {
    check(
        "the answer comes before the word of the hold",
        &[
            ("incoming a", "a:incoming"),
            ("connected a", "a:talking"),
            ("incoming b", "a:talking b:incoming"),
            ("connected b", "b:talking a:talkingh"),
            ("updated a m", "a:talkingm b:talkingh"),
        ],
    );
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    check(
        "an odd story",
        &[
            ("connected x", ""),
            ("updated x m", ""),
            ("ended x", ""),
            ("incoming a", "a:incoming"),
            ("incoming a", "a:incoming"),
            ("dialing a", "a:incoming"),
            ("updated a h", "a:incoming"),
            ("connected a", "a:talking"),
            ("connected a", "a:talking"),
            ("heartbeat", "a:talking"),
            ("agent_joined", "a:talking"),
            ("lunch", "a:talking"),
            ("ended a", ""),
            ("ended a", ""),
            ("connected a", ""),
        ],
    );
}

#[test]
fn a_second_connect_does_not_restart_the_timer() {
    let mut book = book();
    book.apply(&event("incoming a"));
    book.apply(&event("connected a"));
    book.apply(&Event::CallConnected(CallConnected { call_id: CallId::new("a"), start_time: 1_800_000_000 }));
    assert_eq!(book.active().unwrap().start_time, Some(1_700_000_000));
}

#[test]
fn a_snapshot_of_what_can_not_be_is_put_right() {
    let call = |id: &str, state| SnapshotCall {
        call_id: CallId::new(id),
        state,
        direction: Direction::In,
        number: "100".to_owned(),
        display_name: None,
        start_time: Some(1_700_000_000),
        muted: false,
        held: state == CallState::Incoming,
    };
    let mut snapshot = book().to_snapshot("hash");
    snapshot.other_calls = vec![
        call("a", CallState::Incoming),
        call("b", CallState::Talking),
        call("c", CallState::Talking),
        call("b", CallState::Dialing),
    ];
    let book = Book::from_snapshot(&snapshot);
    assert_eq!(shown(&book), "b:talking a:incoming c:talkingh");
    let ringing = book.call(&CallId::new("a")).unwrap();
    assert_eq!((ringing.start_time, ringing.held), (None, false));
}

#[test]
fn statuses_follow_their_events() {
    let mut book = book();
    book.apply(&event("lunch"));
    book.apply(&event("gone"));
    assert_eq!((book.operator_status, book.phone_status), (OperatorStatus::Lunch, PhoneStatus::Unavailable));
}

#[test]
fn the_first_that_rings_stays_first() {
    check(
        "three ring",
        &[
            ("incoming a", "a:incoming"),
            ("incoming b", "a:incoming b:incoming"),
            ("incoming c", "a:incoming b:incoming c:incoming"),
            ("ended a", "b:incoming c:incoming"),
            ("connected c", "c:talking b:incoming"),
        ],
    );
}
