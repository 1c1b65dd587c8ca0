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
async fn a_softphone_that_a_dial_starts_can_be_dialled_with() {
    let with_start = Capabilities::new(idle().capabilities.iter().chain([Capability::Start]));
    let state = GlobalState { phone_status: PhoneStatus::Unavailable, capabilities: with_start, ..idle() };
    let page = Page::showing(&state).await;
    assert!(page.text("panel").contains("Dialling starts it."));
    assert!(!page.part("dial").unwrap().has_attribute("disabled"));
    page.sync(&GlobalState { connection_status: ConnectionStatus::Reconnecting, ..state }).await;
    assert!(page.part("dial").unwrap().has_attribute("disabled"));
}

#[wasm_bindgen_test]
async fn what_a_state_does_not_change_stays_in_the_tree() {
    let parked = |id| Call { held: true, ..call(id, CallState::Talking) };
    let page =
        Page::showing(&GlobalState { other_calls: vec![parked("b")], ..with(call("a", CallState::Talking)) }).await;
    let same =
        ["[part=call] .avatar", "[part=call] .name", "[part=mute]", "[part=calls] .avatar", "[part=calls] button"];
    let before = same.map(|what| page.find(what).unwrap());
    before[4].focus().unwrap();
    let muted = Call { muted: true, ..call("a", CallState::Talking) };
    page.sync(&GlobalState { other_calls: vec![parked("b"), parked("c")], ..with(muted.clone()) }).await;
    assert_eq!(same.map(|what| page.find(what).unwrap()), before);
    // Another one before it, as the order of attention has it.
    let rows = vec![parked("d"), parked("b"), parked("c")];
    page.sync(&GlobalState { other_calls: rows, ..with(muted) }).await;
    assert!(page.shadow.active_element().unwrap() == *before[4].as_ref(), "the row keeps the focus");
    assert_eq!(page.shadow.query_selector_all("[part=calls] > li").unwrap().length(), 3);
    page.sync(&GlobalState { other_calls: vec![parked("c")], ..with(call("a", CallState::Talking)) }).await;
    assert_eq!(page.shadow.query_selector_all("[part=calls] > li").unwrap().length(), 1);
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

#[wasm_bindgen_test]
async fn the_pill_says_what_must_not_be_overlooked_and_is_not_offered_while_it_rings() {
    let page = Page::showing(&idle()).await;
    page.click("minimize");
    page.until("the pill", || page.find(".pill").is_some()).await;
    let talking = call("a", CallState::Talking);
    for (call, words) in [
        (call("a", CallState::Dialing), "Calling"),
        (Call { muted: true, ..talking.clone() }, "Muted"),
        (Call { muted: true, held: true, ..talking.clone() }, "On hold"),
    ] {
        page.sync(&with(call)).await;
        page.until(words, || page.text("minimize").contains(words)).await;
    }
    page.sync(&with(talking.clone())).await;
    page.until("none of it", || page.find(".pill .tag").is_none()).await;
    page.sync(&GlobalState { other_calls: vec![call("b", CallState::Incoming)], ..with(talking) }).await;
    assert!(page.part("minimize").unwrap().has_attribute("disabled"));
    page.sync(&idle()).await;
    page.click("minimize"); // the page remembers it, for the next test too
    page.until("the panel", || page.find(".panel").is_some()).await;
}

#[wasm_bindgen_test]
async fn the_pill_tells_of_other_calls_of_its_state_and_of_errors() {
    let page = Page::showing(&idle()).await;
    page.click("minimize");
    page.until("the pill", || page.find(".pill").is_some()).await;
    assert!(page.text("minimize").contains("Ready"), "in words, not in colour alone");
    let parked = |id| Call { held: true, ..call(id, CallState::Talking) };
    let three = GlobalState { other_calls: vec![parked("b"), parked("c")], ..with(call("a", CallState::Talking)) };
    page.sync(&three).await;
    assert!(page.text("minimize").contains("+2 calls"));
    page.click("hangup");
    page.sent("CMD_HANGUP").await;
    page.refuse("call_termination_failed");
    page.until("the error", || page.part("error").is_some()).await;
    page.click("minimize");
    page.until("the pill again", || page.find(".pill").is_some()).await;
    page.click("minimize");
    page.until("the panel", || page.find(".panel").is_some()).await;
    assert_eq!(page.part("calls").unwrap().get_attribute("aria-label").unwrap(), "2 other calls");
}

#[wasm_bindgen_test]
async fn changes_are_said_once() {
    let page = Page::showing(&idle()).await;
    let said = || page.find(".frame > [role=status]").unwrap().text_content().unwrap();
    assert_eq!(said(), "", "what was there before is no news");
    let talking = with(call("a", CallState::Talking));
    page.sync(&with(call("a", CallState::Dialing))).await;
    page.until("dialling", || said() == "Calling…").await;
    page.sync(&talking).await;
    page.until("answered", || said() == "In a call").await;
    page.sync(&with(Call { muted: true, ..call("a", CallState::Talking) })).await;
    page.until("muted", || said() == "Muted").await;
    page.sync(&talking).await;
    page.until("unmuted", || said() == "Microphone on").await;
    page.click("minimize");
    page.until("the pill", || page.find(".pill").is_some()).await;
    page.sync(&with(Call { held: true, ..call("a", CallState::Talking) })).await;
    page.until("held, also beside the pill", || said() == "On hold").await;
    page.sync(&GlobalState { connection_status: ConnectionStatus::Reconnecting, ..talking.clone() }).await;
    page.until("lost", || said() == "Reconnecting…. In a call").await;
    page.sync(&talking).await;
    page.until("back", || said() == "Connected").await;
    page.sync(&idle()).await;
    page.until("the end", || said().starts_with("Call ended, 1 minute ") && said().ends_with(" seconds")).await;
    page.sync(&with(call("b", CallState::Incoming))).await;
    page.until("the overlay speaks", || said().is_empty()).await;
    page.sync(&idle()).await;
    page.until("the end of it", || said() == "Call ended").await;
    page.click("minimize");
    assert_eq!(page.shadow.query_selector_all("[role=status], [role=alert], [aria-live]").unwrap().length(), 1);
}
