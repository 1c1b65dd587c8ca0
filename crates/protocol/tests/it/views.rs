//! What views derive from the state.

use protocol::wire::event::{CallConnected, CallDialing, CallIncoming, Event};
use protocol::{Book, CallId, Capabilities, Capability, ConnectionStatus, OperatorStatus, PhoneStatus, view};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn timers_read_as_people_expect() {
    let cases = [(0, "00:00"), (9, "00:09"), (65, "01:05"), (3599, "59:59"), (3600, "1:00:00"), (360_000, "100:00:00")];
    for (seconds, text) in cases {
        assert_eq!(view::timer_text(seconds), text);
    }
    assert_eq!(view::elapsed(100, 165), 65);
    assert_eq!(view::elapsed(100, 99), 0, "the clocks of two machines disagree");
}

#[test]
fn a_second_call_rings_beside_the_active_one() {
    let mut book = Book::new(OperatorStatus::Ready, PhoneStatus::Available, Capabilities::default());
    let state = |book: &Book| book.to_state(ConnectionStatus::Connected, 0);
    assert_eq!(view::call_attribute(&state(&book)), "idle");
    for n in ["a", "b"] {
        let call_id = CallId::new(n);
        book.apply(&Event::CallIncoming(CallIncoming { call_id, number: n.to_owned(), display_name: None }));
    }
    assert_eq!(view::call_attribute(&state(&book)), "incoming");
    book.apply(&Event::CallConnected(CallConnected { call_id: CallId::new("b"), start_time: 5 }));
    assert_eq!(view::call_attribute(&state(&book)), "talking");
    assert_eq!(view::ringing(&state(&book)).unwrap().id, CallId::new("a"));
}

#[test]
fn a_dial_shows_by_the_call_that_it_began() {
    let mut book = Book::new(OperatorStatus::Ready, PhoneStatus::Available, Capabilities::default());
    let state = |book: &Book| book.to_state(ConnectionStatus::Connected, 0);
    let before = state(&book);
    let rings = CallIncoming { call_id: CallId::new("in"), number: "7".to_owned(), display_name: None };
    book.apply(&Event::CallIncoming(rings));
    assert_eq!(view::dialled(&before, &state(&book)), None, "somebody else began it");
    book.apply(&Event::CallDialing(CallDialing { call_id: CallId::new("out"), number: "205".to_owned() }));
    let after = state(&book);
    assert_eq!(view::dialled(&before, &after).unwrap().id, CallId::new("out"));
    assert_eq!(view::dialled(&after, &after), None, "it is known already");
}

#[test]
fn capabilities_are_a_set_and_survive_names_from_the_future() {
    let set: Capabilities = serde_json::from_str(r#"["mute","dial","video","dial"]"#).unwrap();
    assert_eq!(set, Capabilities::new([Capability::Dial, Capability::Mute]));
    assert!(set.has(Capability::Mute) && !set.has(Capability::Hold));
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"["dial","mute"]"#);
}
