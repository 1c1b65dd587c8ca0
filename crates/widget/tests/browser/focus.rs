//! Where the focus is when what had it goes away.

use protocol::{Call, CallState, GlobalState};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Document, HtmlElement};

use crate::page::{Page, call, idle, js, tick, with};

fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

/// The part that has the focus within the widget.
fn focused(page: &Page) -> Option<String> {
    page.shadow.active_element().and_then(|it| it.get_attribute("part"))
}

#[wasm_bindgen_test]
async fn focus_goes_into_the_overlay_and_back() {
    let document = document();
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

#[wasm_bindgen_test]
async fn who_works_in_the_widget_stays_in_it() {
    let page = Page::showing(&idle()).await;
    page.part("number").unwrap().focus().unwrap();
    page.sync(&with(call("a", CallState::Dialing))).await;
    assert_eq!(focused(&page).as_deref(), Some("panel"));
    page.sync(&with(call("a", CallState::Talking))).await;
    assert_eq!(focused(&page).as_deref(), Some("panel"));
    page.part("mute").unwrap().focus().unwrap();
    page.sync(&with(Call { muted: true, ..call("a", CallState::Talking) })).await;
    assert_eq!(focused(&page).as_deref(), Some("mute"), "what is still there keeps the focus");
    page.sync(&idle()).await;
    assert_eq!(focused(&page).as_deref(), Some("number"));
    for state in [CallState::Dialing, CallState::Talking, CallState::Dialing] {
        page.say("SYNC_STATE", &js(&with(call("a", state))));
    }
    page.until("the panel after several states in a row", || focused(&page).as_deref() == Some("panel")).await;
    page.say("SYNC_STATE", &js(&idle()));
    page.until("the number again", || focused(&page).as_deref() == Some("number")).await;
    page.sync(&with(call("b", CallState::Incoming))).await;
    page.until("the overlay", || focused(&page).as_deref() == Some("incoming")).await;
    page.sync(&GlobalState { seq: 9, ..with(call("b", CallState::Incoming)) }).await;
    page.sync(&idle()).await;
    assert_eq!(focused(&page).as_deref(), Some("number"), "the ring took it from there");
}

#[wasm_bindgen_test]
async fn the_widget_takes_no_focus_from_the_page() {
    let page = Page::showing(&idle()).await;
    for state in [call("a", CallState::Dialing), call("a", CallState::Talking), call("b", CallState::Incoming)] {
        page.sync(&with(state)).await;
        page.sync(&idle()).await;
        assert_eq!(document().active_element().unwrap().tag_name(), "BODY");
    }
}
