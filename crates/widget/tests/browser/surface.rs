//! The host's attributes and events: what the page sees, and when.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{Call, CallState, Capabilities, ConnectionStatus, GlobalState, PhoneStatus};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{MutationObserver, MutationObserverInit};

use crate::page::{Page, call, get, idle, js, object, with};

#[wasm_bindgen_test]
async fn attributes_mirror_the_state() {
    let page = Page::silent().await;
    page.until("attributes", || page.attribute("data-connection").is_some()).await;
    assert_eq!(page.attribute("data-connection").unwrap(), "disconnected");
    assert_eq!(page.attribute("data-phone").unwrap(), "unavailable");
    assert!(page.find(".notice").is_none(), "nobody knows yet whether the softphone runs");
    assert!(page.told("sip-phone-ready").is_empty());
    page.sync(&with(Call { muted: true, held: true, ..call("a", CallState::Talking) })).await;
    let now = ["data-connection", "data-phone", "data-operator", "data-call", "data-muted", "data-held"]
        .map(|name| page.attribute(name));
    let want = ["connected", "available", "ready", "talking", "", ""].map(|value| Some(value.to_owned()));
    assert_eq!(now, want);
    page.sync(&idle()).await;
    assert_eq!(page.attribute("data-call").unwrap(), "idle");
    assert!(page.attribute("data-muted").is_none() && page.attribute("data-held").is_none());
    assert_eq!(page.told("sip-phone-ready").len(), 1);
    assert_eq!(get(&page.handle.state(), "connectionStatus"), JsValue::from("connected"));
    assert!(get(&page.handle.state(), "activeCall").is_null());
}

/// What a worker says before its first snapshot.
fn cold() -> GlobalState {
    GlobalState {
        connection_status: ConnectionStatus::Disconnected,
        phone_status: PhoneStatus::Unavailable,
        capabilities: Capabilities::default(),
        ..idle()
    }
}

#[wasm_bindgen_test]
async fn ready_waits_for_the_backend_and_what_was_there_before_is_no_news() {
    let page = Page::showing(&cold()).await;
    assert!(page.told("sip-phone-ready").is_empty());
    page.sync(&cold()).await;
    let ringing = vec![call("b", CallState::Incoming)];
    page.sync(&GlobalState { other_calls: ringing, ..with(call("a", CallState::Talking)) }).await;
    page.sync(&with(call("a", CallState::Talking))).await;
    page.sync(&GlobalState { seq: 9, ..with(call("a", CallState::Talking)) }).await;
    page.until("the end of b", || page.told("sip-phone-ended").len() == 1).await;
    assert_eq!(page.told("sip-phone-ready").len(), 1);
    assert_eq!(get(&get(&page.told("sip-phone-ready")[0], "state"), "connectionStatus"), JsValue::from("connected"));
    assert!(page.told("sip-phone-connected").is_empty() && page.told("sip-phone-incoming").is_empty());
    page.sync(&GlobalState { other_calls: vec![call("c", CallState::Incoming)], ..idle() }).await;
    assert_eq!(page.told("sip-phone-incoming").len(), 1);
    assert_eq!(page.told("sip-phone-ready").len(), 1);
}

#[wasm_bindgen_test]
async fn attributes_change_only_once_the_tree_shows_it() {
    let page = Page::showing(&idle()).await;
    let wrong = Rc::new(RefCell::new(Vec::<String>::new()));
    let (host, shadow, into) = (page.host.clone(), page.shadow.clone(), Rc::clone(&wrong));
    let seen = Closure::<dyn FnMut()>::new(move || {
        let shown = |part: &str| shadow.query_selector(&format!("[part={part}]")).unwrap().is_some();
        let call = host.get_attribute("data-call").unwrap();
        let right = match call.as_str() {
            "incoming" => shown("incoming") && !shown("number"),
            "talking" => shown("timer") && !shown("incoming"),
            _ => shown("number") && !shown("call"),
        };
        if !right {
            into.borrow_mut().push(call);
        }
    });
    let observer = MutationObserver::new(seen.as_ref().unchecked_ref()).unwrap();
    let what = MutationObserverInit::new();
    what.set_attributes(true);
    observer.observe_with_options(&page.host, &what).unwrap();
    for _ in 0..5 {
        page.sync(&with(call("a", CallState::Incoming))).await;
        page.sync(&with(call("a", CallState::Talking))).await;
        page.sync(&idle()).await;
    }
    observer.disconnect();
    assert!(wrong.borrow().is_empty(), "{:?}", wrong.borrow());
}

#[wasm_bindgen_test]
async fn events_tell_of_a_call_from_ring_to_end() {
    let page = Page::showing(&idle()).await;
    page.sync(&with(call("a", CallState::Incoming))).await;
    page.sync(&with(call("a", CallState::Talking))).await;
    page.sync(&idle()).await;
    assert!(page.told("sip-phone-ended").is_empty());
    let data = object(&[("call_id", "a".into()), ("duration", 7.into()), ("reason", "hangup".into())]);
    page.say("SSE_EVENT", &object(&[("event", "call_ended".into()), ("data", data)]));
    page.until("ended", || page.told("sip-phone-ended").len() == 1).await;
    let ended = &page.told("sip-phone-ended")[0];
    assert_eq!(get(ended, "reason"), JsValue::from("hangup"));
    assert_eq!(get(ended, "duration"), JsValue::from(7));
    assert_eq!(get(&get(ended, "call"), "id"), JsValue::from("a"));
    assert_eq!((page.told("sip-phone-incoming").len(), page.told("sip-phone-connected").len()), (1, 1));
}

#[wasm_bindgen_test]
async fn a_call_lost_without_an_event_ends_with_the_next_state() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.sync(&idle()).await;
    page.sync(&GlobalState { seq: 9, ..idle() }).await;
    page.until("ended", || page.told("sip-phone-ended").len() == 1).await;
    assert!(get(&page.told("sip-phone-ended")[0], "reason").is_null());
    assert!(page.told("sip-phone-connected").is_empty(), "what was there before the tab is no news");
}

#[wasm_bindgen_test]
async fn in_a_storm_of_states_each_call_is_told_of_and_the_last_state_shown() {
    let page = Page::showing(&idle()).await;
    let states = page.told("sip-phone-state").len();
    for number in 0..200 {
        page.say("SYNC_STATE", &js(&with(call(&number.to_string(), CallState::Incoming))));
    }
    page.say("SYNC_STATE", &js(&with(call("last", CallState::Talking))));
    page.until("the last one is shown", || page.attribute("data-call").as_deref() == Some("talking")).await;
    let id = |detail: &JsValue| get(&get(detail, "call"), "id").as_string().unwrap();
    let rang: Vec<String> = page.told("sip-phone-incoming").iter().map(id).collect();
    assert_eq!(rang, (0..200).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(page.told("sip-phone-state").len() < states + 100, "not each of them was shown");
    page.sync(&idle()).await;
    assert_eq!(page.attribute("data-call").unwrap(), "idle");
}
