//! Where the phone floats: dragged, moved by keys, remembered, always within the window.

use js_sys::Function;
use protocol::CallState;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{DomRect, Element, HtmlElement, Storage};

use crate::page::{Page, call, idle, tick, with};

const KEY: &str = "sip-phone-place";

/// No place is remembered when a test begins, nor after it.
struct Fresh;

impl Fresh {
    fn new() -> Self {
        memory().remove_item(KEY).unwrap();
        Self
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        memory().remove_item(KEY).unwrap();
    }
}

fn memory() -> Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

fn window() -> (f64, f64) {
    let root = web_sys::window().unwrap().document().unwrap().document_element().unwrap();
    (f64::from(root.client_width()), f64::from(root.client_height()))
}

/// Where it is seen; host and part `panel` agree on it, and all of it is in the window.
fn seen(page: &Page) -> DomRect {
    let (host, panel) = (page.host.get_bounding_client_rect(), page.part("panel").unwrap().get_bounding_client_rect());
    assert_eq!([host.left(), host.top(), host.width()], [panel.left(), panel.top(), panel.width()]);
    let (width, height) = window();
    assert!(host.left() >= 0.0 && host.top() >= 0.0 && host.right() <= width && host.bottom() <= height);
    host
}

fn corner(page: &Page) -> (bool, bool) {
    let (it, (width, height)) = (seen(page), window());
    (it.left() + it.right() > width, it.top() + it.bottom() > height)
}

/// A pointer event at this place, as a mouse with its button down sends it.
fn pointer(on: &Element, name: &str, at: (f64, f64)) {
    let event = "new PointerEvent(name, { bubbles: true, composed: true, pointerId: 1, isPrimary: true, buttons: 1, clientX: x, clientY: y })";
    let send = Function::new_with_args("on, name, x, y", &format!("on.dispatchEvent({event});"));
    send.apply(&JsValue::NULL, &js_sys::Array::of4(on, &name.into(), &at.0.into(), &at.1.into())).unwrap();
}

/// Presses there, moves by this much in two steps, lets go; then comes the click that a browser sends.
fn drag(on: &HtmlElement, by: (f64, f64)) {
    let from = (400.0, 300.0);
    pointer(on, "pointerdown", from);
    pointer(on, "pointermove", (from.0 + by.0 / 2.0, from.1 + by.1 / 2.0));
    pointer(on, "pointermove", (from.0 + by.0, from.1 + by.1));
    pointer(on, "pointerup", (from.0 + by.0, from.1 + by.1));
    let click = Function::new_with_args(
        "on",
        "on.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true, cancelable: true, detail: 1 }));",
    );
    click.call1(&JsValue::NULL, on).unwrap();
}

fn key(on: &HtmlElement, key: &str) {
    let press = Function::new_with_args(
        "on, key",
        "on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));",
    );
    press.call2(&JsValue::NULL, on, &key.into()).unwrap();
}

#[wasm_bindgen_test]
async fn it_is_dragged_by_its_bar_and_stays_there() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    let before = seen(&page);
    assert_eq!(corner(&page), (true, true));
    drag(&page.part("status-bar").unwrap(), (-60.0, -20.0));
    let after = seen(&page);
    assert_eq!([after.left(), after.top()], [before.left() - 60.0, before.top() - 20.0]);
    drop(page);
    let again = seen(&Page::showing(&idle()).await);
    assert_eq!([again.left(), again.top()], [after.left(), after.top()], "after a reload");
}

#[wasm_bindgen_test]
async fn controls_are_no_handles() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    let before = seen(&page);
    for part in ["minimize", "status", "number", "dial"] {
        drag(&page.part(part).unwrap(), (-50.0, -50.0));
    }
    page.until("the pill", || page.find(".pill").is_some()).await;
    page.click("minimize");
    page.until("the panel", || page.part("number").is_some()).await;
    assert_eq!(seen(&page).left(), before.left());
}

#[wasm_bindgen_test]
async fn it_can_not_be_dragged_out_of_the_window() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    for by in [(9999.0, 0.0), (0.0, -9999.0), (-9999.0, 0.0), (0.0, 9999.0), (9999.0, 9999.0)] {
        drag(&page.part("status-bar").unwrap(), by);
        seen(&page);
    }
}

#[wasm_bindgen_test]
async fn a_dragged_pill_stays_a_pill_and_a_clicked_one_opens() {
    let _fresh = Fresh::new();
    let page = Page::showing(&with(call("a", CallState::Talking))).await;
    page.click("minimize");
    page.until("the pill", || page.find(".pill").is_some()).await;
    let before = seen(&page);
    drag(&page.part("minimize").unwrap(), (-40.0, -40.0));
    tick().await;
    assert!(page.find(".pill").is_some());
    assert_eq!(seen(&page).left(), before.left() - 40.0);
    drag(&page.part("hangup").unwrap(), (-40.0, 0.0));
    tick().await;
    assert_eq!(page.count("CMD_HANGUP"), 0);
    // A hand that trembles clicks all the same.
    drag(&page.part("minimize").unwrap(), (2.0, 1.0));
    page.until("the panel", || page.part("mute").is_some()).await;
    page.until("in the window", || page.host.get_bounding_client_rect().top() >= 0.0).await;
    seen(&page);
}

#[wasm_bindgen_test]
async fn a_key_after_a_drag_is_no_part_of_it() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    page.click("minimize");
    page.until("the pill", || page.find(".pill").is_some()).await;
    let pill = page.part("minimize").unwrap();
    pointer(&pill, "pointerdown", (400.0, 300.0));
    pointer(&pill, "pointermove", (300.0, 300.0));
    pointer(&pill, "pointerup", (300.0, 300.0));
    // As the Enter key does it: a click without a pointer.
    pill.click();
    page.until("the panel", || page.part("number").is_some()).await;
}

#[wasm_bindgen_test]
async fn the_handle_moves_it_without_dragging() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    let handle = page.part("move").unwrap();
    assert_eq!(handle.get_attribute("aria-label").unwrap(), "Move the phone");
    for place in [(false, true), (false, false), (true, false), (true, true)] {
        handle.click();
        assert_eq!(corner(&page), place);
    }
    let before = seen(&page);
    for name in ["ArrowLeft", "ArrowLeft", "ArrowUp", "ArrowRight"] {
        key(&handle, name);
    }
    let after = seen(&page);
    assert_eq!([before.left() - after.left(), before.top() - after.top()], [16.0, 16.0]);
    key(&handle, "ArrowDown");
    assert_eq!(seen(&page).top(), before.top());
    let other = seen(&Page::showing(&idle()).await);
    assert_eq!(other.left(), before.left() - 16.0, "remembered");
}

#[wasm_bindgen_test]
async fn other_tabs_follow() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    let tell = || {
        let event = Function::new_no_args("dispatchEvent(new StorageEvent('storage', { key: 'sip-phone-place' }));");
        event.call0(&JsValue::NULL).unwrap();
    };
    memory().set_item(KEY, "top-left 30 40").unwrap();
    tell();
    let it = seen(&page);
    assert_eq!([it.left(), it.top()], [30.0, 40.0]);
    for nonsense in ["top-left", "top-left NaN 1", "middle 1 1", "top-left -5 1e9", ""] {
        memory().set_item(KEY, nonsense).unwrap();
        tell();
        assert_eq!(corner(&page), (true, true), "{nonsense}");
    }
}

#[wasm_bindgen_test]
async fn a_place_of_a_larger_window_is_brought_inside_and_a_growing_phone_too() {
    let _fresh = Fresh::new();
    memory().set_item(KEY, "top-left 9000 9000").unwrap();
    let page = Page::showing(&idle()).await;
    let inside = || page.host.get_bounding_client_rect().bottom() <= window().1;
    page.until("inside", inside).await;
    page.click("minimize");
    page.until("the pill", || page.find(".pill").is_some()).await;
    page.until("inside", inside).await;
    seen(&page);
    page.click("minimize");
    page.until("the panel", || page.part("number").is_some()).await;
    page.until("inside", inside).await;
    seen(&page);
    assert_eq!(memory().get_item(KEY).unwrap().unwrap(), "top-left 9000 9000", "a larger window finds it again");
}

#[wasm_bindgen_test]
async fn a_corner_that_the_page_sets_wins() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    drag(&page.part("status-bar").unwrap(), (-60.0, -20.0));
    page.host.set_attribute("position", "top-left").unwrap();
    page.handle.attribute_changed("position", Some("top-left".into()));
    let it = seen(&page);
    // Nearer to the edge where the window is small.
    assert!(it.left() == it.top() && [8.0, 16.0].contains(&it.left()), "{} {}", it.left(), it.top());
    assert!(memory().get_item(KEY).unwrap().is_none());
    drag(&page.part("status-bar").unwrap(), (9.0, 9.0));
    assert_eq!(seen(&page).left(), it.left() + 9.0, "and can be moved from there");
}

#[wasm_bindgen_test]
async fn in_the_text_of_a_page_it_stays_where_it_is() {
    let _fresh = Fresh::new();
    memory().set_item(KEY, "top-left 30 40").unwrap();
    let page = Page::showing(&idle()).await;
    page.host.set_attribute("mode", "inline").unwrap();
    page.handle.attribute_changed("mode", Some("inline".into()));
    let before = page.host.get_bounding_client_rect();
    assert_eq!(page.part("move").unwrap().offset_width(), 0, "nothing to take it by");
    drag(&page.part("status-bar").unwrap(), (50.0, 50.0));
    let after = page.host.get_bounding_client_rect();
    assert_eq!([before.left(), before.top()], [after.left(), after.top()]);
    assert_eq!(memory().get_item(KEY).unwrap().unwrap(), "top-left 30 40");
    page.host.remove_attribute("mode").unwrap();
    page.handle.attribute_changed("mode", None);
    assert_eq!(seen(&page).left(), 30.0, "floating again, it is back in its place");
}

#[wasm_bindgen_test]
async fn a_full_storage_costs_only_the_memory() {
    let _fresh = Fresh::new();
    let page = Page::showing(&idle()).await;
    let switch = |how: &str| Function::new_no_args(how).call0(&JsValue::NULL).unwrap();
    switch(
        "Storage.prototype.__set = Storage.prototype.setItem; Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
    );
    let before = page.host.get_bounding_client_rect();
    drag(&page.part("status-bar").unwrap(), (-30.0, -30.0));
    let after = page.host.get_bounding_client_rect();
    switch("Storage.prototype.setItem = Storage.prototype.__set; delete Storage.prototype.__set;");
    assert_eq!(after.left(), before.left() - 30.0);
}

#[wasm_bindgen_test]
async fn a_forbidden_storage_too() {
    let _fresh = Fresh::new();
    let switch = |how: &str| Function::new_no_args(how).call0(&JsValue::NULL).unwrap();
    switch(
        "window.__own = Object.getOwnPropertyDescriptor(window, 'localStorage');
         Object.defineProperty(window, 'localStorage', { configurable: true, get() { throw new DOMException('no', 'SecurityError'); } });",
    );
    let page = Page::showing(&idle()).await;
    let before = page.host.get_bounding_client_rect();
    drag(&page.part("status-bar").unwrap(), (-30.0, -30.0));
    let after = page.host.get_bounding_client_rect();
    switch("Object.defineProperty(window, 'localStorage', window.__own); delete window.__own;");
    assert_eq!(after.left(), before.left() - 30.0);
}
