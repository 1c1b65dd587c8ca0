//! Which parts are shown in which state.

use protocol::{Call, CallState, Capabilities, Capability, ConnectionStatus, GlobalState, PhoneStatus};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, call, idle, with};

const ALWAYS: [&str; 4] = ["panel", "status-bar", "connection", "status"];
const OFTEN: [&str; 16] = [
    "number", "keypad", "key", "dial", "incoming", "caller", "answer", "reject", "call", "timer", "hangup", "mute",
    "hold", "dtmf", "transfer", "calls",
];

/// Exactly these parts of [`OFTEN`] are shown.
async fn shows(state: &GlobalState, parts: &[&str]) {
    let page = Page::showing(state).await;
    for part in ALWAYS {
        assert!(page.part(part).is_some(), "{part} is missing");
    }
    for part in OFTEN {
        assert_eq!(page.part(part).is_some(), parts.contains(&part), "{part} in {state:?}");
    }
}

const IDLE: [&str; 4] = ["number", "keypad", "key", "dial"];
const RINGING: [&str; 4] = ["incoming", "caller", "answer", "reject"];
const TALKING: [&str; 8] = ["caller", "call", "timer", "hangup", "mute", "hold", "dtmf", "transfer"];

#[wasm_bindgen_test]
async fn idle_shows_the_keypad() {
    shows(&idle(), &IDLE).await;
}

#[wasm_bindgen_test]
async fn a_ringing_call_shows_the_overlay() {
    shows(&with(call("a", CallState::Incoming)), &RINGING).await;
}

#[wasm_bindgen_test]
async fn a_dialled_call_can_be_hung_up() {
    shows(&with(call("a", CallState::Dialing)), &["caller", "call", "hangup"]).await;
}

#[wasm_bindgen_test]
async fn a_connected_call_shows_its_controls() {
    shows(&with(call("a", CallState::Talking)), &TALKING).await;
}

#[wasm_bindgen_test]
async fn a_second_call_rings_over_the_first() {
    let state =
        GlobalState { other_calls: vec![call("b", CallState::Incoming)], ..with(call("a", CallState::Talking)) };
    shows(&state, &[&TALKING[..], &RINGING[..]].concat()).await;
}

#[wasm_bindgen_test]
async fn a_parked_call_has_a_row() {
    let parked = Call { held: true, ..call("b", CallState::Talking) };
    let state = GlobalState { other_calls: vec![parked], ..with(call("a", CallState::Talking)) };
    shows(&state, &[&TALKING[..], &["calls"]].concat()).await;
}

#[wasm_bindgen_test]
async fn nothing_is_offered_that_the_engine_lacks() {
    let none = Capabilities::new([]);
    shows(&GlobalState { capabilities: none.clone(), ..idle() }, &[]).await;
    let talking = with(call("a", CallState::Talking));
    shows(&GlobalState { capabilities: none.clone(), ..talking.clone() }, &["caller", "call", "timer"]).await;
    let some = Capabilities::new([Capability::Hangup, Capability::Mute]);
    shows(&GlobalState { capabilities: some, ..talking }, &["caller", "call", "timer", "hangup", "mute"]).await;
    let ringing = with(call("a", CallState::Incoming));
    shows(&GlobalState { capabilities: none, ..ringing }, &["incoming", "caller"]).await;
}

#[wasm_bindgen_test]
async fn without_a_connection_call_buttons_are_disabled() {
    let lost = |state| GlobalState { connection_status: ConnectionStatus::Reconnecting, ..state };
    let page = Page::showing(&lost(with(call("a", CallState::Talking)))).await;
    for part in ["hangup", "mute", "hold", "dtmf", "transfer", "status"] {
        assert!(page.part(part).unwrap().has_attribute("disabled"), "{part}");
    }
    assert_eq!(page.text("connection"), "Reconnecting…");
    page.sync(&lost(with(call("b", CallState::Incoming)))).await;
    for part in ["answer", "reject"] {
        assert!(page.part(part).unwrap().has_attribute("disabled"), "{part}");
    }
    page.sync(&lost(idle())).await;
    assert!(page.part("dial").unwrap().has_attribute("disabled"));
    page.sync(&idle()).await;
    assert!(!page.part("dial").unwrap().has_attribute("disabled"));
}

#[wasm_bindgen_test]
async fn without_a_softphone_it_says_so() {
    let page = Page::showing(&GlobalState { phone_status: PhoneStatus::Unavailable, ..idle() }).await;
    assert!(page.text("panel").contains("The softphone is not running"));
    assert!(page.part("dial").unwrap().has_attribute("disabled"));
    page.sync(&idle()).await;
    assert!(!page.text("panel").contains("The softphone is not running"));
}

#[wasm_bindgen_test]
async fn the_timer_counts_from_the_start_time() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    let first = page.text("timer");
    assert!(["01:05", "01:06"].contains(&first.as_str()), "{first}");
    page.until("the timer moves", || page.text("timer") != first).await;
}

#[wasm_bindgen_test]
async fn the_pill_still_shows_the_call_and_opens_for_a_ringing_one() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("minimize");
    page.until("the pill", || page.part("mute").is_none()).await;
    assert!(page.part("timer").is_some() && page.part("hangup").is_some() && page.part("panel").is_some());
    page.sync(&with(call("b", CallState::Incoming))).await;
    assert!(page.part("answer").is_some());
    page.sync(&idle()).await;
    assert!(page.part("number").is_none());
    page.click("minimize");
    page.until("the panel", || page.part("number").is_some()).await;
}
