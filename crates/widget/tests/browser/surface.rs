//! The host's attributes and events: what the page sees, and when.

use std::cell::RefCell;
use std::rc::Rc;

use protocol::{Call, CallState, GlobalState};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, MutationObserver, MutationObserverInit};

use crate::page::{Page, call, get, idle, object, tick, with};

#[wasm_bindgen_test]
async fn attributes_mirror_the_state() {
    let page = Page::silent().await;
    page.until("attributes", || page.attribute("data-connection").is_some()).await;
    assert_eq!(page.attribute("data-connection").unwrap(), "disconnected");
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
async fn focus_goes_into_the_overlay_and_back() {
    let document = web_sys::window().unwrap().document().unwrap();
    let field: HtmlElement = document.create_element("input").unwrap().unchecked_into();
    document.body().unwrap().append_child(&field).unwrap();
    let page = Page::showing(&idle()).await;
    field.focus().unwrap();
    page.sync(&with(call("a", CallState::Incoming))).await;
    let inside = || page.shadow.active_element().is_some_and(|it| it.closest("[part=incoming]").unwrap().is_some());
    page.until("focus inside", inside).await;
    assert!(page.shadow.active_element().unwrap().tag_name() != "BUTTON", "a stray key must not answer");
    page.sync(&with(call("a", CallState::Talking))).await;
    page.until("focus back", || document.active_element().is_some_and(|it| it.is_same_node(Some(&field)))).await;
    tick().await;
    field.remove();
}
