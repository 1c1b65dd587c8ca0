//! Where the focus is when what had it goes away.

use protocol::{Call, CallState, ConnectionStatus, GlobalState};
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

/// A key that is pressed where the focus is.
fn press(page: &Page, key: &str) -> bool {
    let init = web_sys::KeyboardEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_key(key);
    let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    let heard = std::rc::Rc::new(std::cell::Cell::new(false));
    let into = std::rc::Rc::clone(&heard);
    let listener = wasm_bindgen::closure::Closure::<dyn FnMut()>::new(move || into.set(true));
    let body = document().body().unwrap();
    body.add_event_listener_with_callback("keydown", listener.as_ref().unchecked_ref()).unwrap();
    page.shadow.active_element().unwrap().dispatch_event(&event).unwrap();
    body.remove_event_listener_with_callback("keydown", listener.as_ref().unchecked_ref()).unwrap();
    heard.get()
}

fn on(page: &Page, selector: &str) -> bool {
    page.shadow.active_element().is_some_and(|it| it.matches(selector).unwrap())
}

#[wasm_bindgen_test]
async fn the_way_into_the_pill_and_out_again() {
    let page = Page::showing(&idle()).await;
    for shown in [".pill", ".panel", ".pill", ".panel"] {
        let button = page.part("minimize").unwrap();
        button.focus().unwrap();
        button.click();
        page.until(shown, || page.find(shown).is_some()).await;
        page.until("the button back", || on(&page, "[part=minimize]")).await;
    }
    // A ringing call opens the pill; after it the focus is on the pill again.
    page.click("minimize");
    page.until("the pill", || on(&page, ".pill [part=minimize]")).await;
    page.sync(&with(call("a", CallState::Incoming))).await;
    page.until("the overlay", || on(&page, "[part=incoming]")).await;
    page.sync(&idle()).await;
    page.until("the pill again", || on(&page, ".pill [part=minimize]")).await;
    page.click("minimize");
}

#[wasm_bindgen_test]
async fn minimised_by_the_mouse_from_elsewhere_it_takes_no_focus() {
    let page = Page::showing(&idle()).await;
    page.click("minimize");
    page.until("the pill", || page.find(".pill").is_some()).await;
    tick().await;
    assert_eq!(document().active_element().unwrap().tag_name(), "BODY");
    page.click("minimize");
    page.until("the panel", || page.find(".panel").is_some()).await;
}

#[wasm_bindgen_test]
async fn a_second_call_takes_the_focus_and_gives_it_back() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.part("mute").unwrap().focus().unwrap();
    let second = vec![call("b", CallState::Incoming)];
    page.sync(&GlobalState { other_calls: second, ..with(call("a", CallState::Talking)) }).await;
    page.until("the overlay", || on(&page, "[part=incoming]")).await;
    page.sync(&with(call("a", CallState::Talking))).await;
    page.until("the mute button", || on(&page, "[part=mute]")).await;
}

#[wasm_bindgen_test]
async fn a_closed_form_leaves_the_focus_on_its_opener() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    let open = async || {
        page.part("transfer").unwrap().focus().unwrap();
        page.click("transfer");
        page.until("the field", || on(&page, ".transfer-form [part=number]")).await;
    };
    let back = async || {
        page.until("closed", || page.find(".transfer-form").is_none()).await;
        page.until("the opener", || on(&page, ".controls [part=transfer]")).await;
    };
    open().await;
    assert!(!press(&page, "Escape"), "the page's own Escape is not meant");
    back().await;
    open().await;
    let cancel = page.find(".transfer-form [type=button]").unwrap();
    cancel.focus().unwrap();
    cancel.click();
    back().await;
    open().await;
    page.fill("number", "204");
    page.find(".transfer-form [type=submit]").unwrap().click();
    page.sent("CMD_TRANSFER").await;
    page.accept();
    back().await;
}

#[wasm_bindgen_test]
async fn a_transfer_that_succeeds_takes_no_focus_from_elsewhere() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("transfer");
    page.until("the field", || on(&page, ".transfer-form [part=number]")).await;
    page.fill("number", "204");
    page.find(".transfer-form [type=submit]").unwrap().click();
    page.sent("CMD_TRANSFER").await;
    page.part("mute").unwrap().focus().unwrap();
    page.accept();
    page.until("closed", || page.find(".transfer-form").is_none()).await;
    tick().await;
    assert_eq!(focused(&page).as_deref(), Some("mute"));
}

#[wasm_bindgen_test]
async fn escape_closes_the_pad() {
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("dtmf");
    page.until("the pad", || page.part("keypad").is_some()).await;
    page.find("[data-key='5']").unwrap().focus().unwrap();
    assert!(!press(&page, "Escape"));
    page.until("closed", || page.part("keypad").is_none()).await;
    page.until("the opener", || on(&page, "[part=dtmf]")).await;
    assert!(press(&page, "Escape"), "with nothing to close it is the page's");
}

#[wasm_bindgen_test]
async fn a_dismissed_error_leaves_the_focus_in_the_widget() {
    let page = Page::showing(&idle()).await;
    for (state, place) in [(idle(), "[part=number]"), (with(call("a", CallState::Talking)), ".panel")] {
        page.sync(&state).await;
        page.say("ERROR", &crate::page::object(&[("error", "worker_failed".into()), ("message", "no".into())]));
        page.until("the error", || page.part("error").is_some()).await;
        let dismiss = page.find("[part=error] button").unwrap();
        dismiss.focus().unwrap();
        dismiss.click();
        page.until(place, || page.part("error").is_none() && on(&page, place)).await;
    }
}

#[wasm_bindgen_test]
async fn a_lost_connection_disables_but_does_not_drop_the_focus() {
    let talking = with(call("a", CallState::Talking));
    let page = Page::showing(&talking).await;
    page.part("mute").unwrap().focus().unwrap();
    page.sync(&GlobalState { connection_status: ConnectionStatus::Reconnecting, ..talking }).await;
    page.until("the panel", || on(&page, ".panel")).await;
}
