//! Title and icon of a page that nobody sees while a call rings.

use js_sys::Function;
use protocol::CallState;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Document;

use crate::page::{Page, call, idle, with};

const RINGING: &str = "\u{260e} 123 456 \u{b7} Incoming call";

/// A page with this title, in a tab behind others.
struct Hidden;

impl Hidden {
    fn new(title: &str) -> Self {
        document().set_title(title);
        Self::show(false);
        Self
    }

    fn show(shown: bool) {
        let state = if shown { "visible" } else { "hidden" };
        let set = "Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
            document.dispatchEvent(new Event('visibilitychange'));";
        Function::new_with_args("state", set).call1(&JsValue::NULL, &state.into()).unwrap();
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        Function::new_no_args("delete document.visibilityState;").call0(&JsValue::NULL).unwrap();
    }
}

fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

fn icons() -> u32 {
    document().query_selector_all("link[href$='favicon-ringing.svg']").unwrap().length()
}

async fn titled(page: &Page, title: &str) {
    page.until(title, || document().title() == title && icons() == u32::from(title == RINGING)).await;
}

#[wasm_bindgen_test]
async fn a_hidden_page_says_who_rings_and_is_itself_again_after() {
    let _hidden = Hidden::new("CRM");
    let page = Page::showing(&with(call("a", CallState::Incoming))).await;
    titled(&page, RINGING).await;
    Hidden::show(true);
    titled(&page, "CRM").await;
    Hidden::show(false);
    titled(&page, RINGING).await;
    page.sync(&with(call("a", CallState::Talking))).await;
    titled(&page, "CRM").await;
}

#[wasm_bindgen_test]
async fn what_the_page_sets_meanwhile_stands() {
    let _hidden = Hidden::new("CRM");
    let page = Page::showing(&with(call("a", CallState::Incoming))).await;
    titled(&page, RINGING).await;
    document().set_title("CRM: 3 new");
    page.sync(&idle()).await;
    page.until("the icon goes", || icons() == 0).await;
    assert_eq!(document().title(), "CRM: 3 new");
}

#[wasm_bindgen_test]
async fn a_page_without_a_title_has_none_again() {
    let _hidden = Hidden::new("");
    let element = document().query_selector("head title").unwrap();
    element.iter().for_each(web_sys::Element::remove);
    let page = Page::showing(&with(call("a", CallState::Incoming))).await;
    titled(&page, RINGING).await;
    page.sync(&idle()).await;
    page.until("no title", || document().query_selector("title").unwrap().is_none()).await;
    if let Some(element) = element {
        document().query_selector("head").unwrap().unwrap().append_child(&element).unwrap();
    }
}

#[wasm_bindgen_test]
async fn two_phones_share_it_and_the_last_one_leaves_it_as_it_was() {
    let _hidden = Hidden::new("CRM");
    let (first, second) = (
        Page::showing(&with(call("a", CallState::Incoming))).await,
        Page::showing(&with(call("a", CallState::Incoming))).await,
    );
    titled(&first, RINGING).await;
    drop(first);
    titled(&second, RINGING).await;
    drop(second);
    assert_eq!((document().title().as_str(), icons()), ("CRM", 0));
}

#[wasm_bindgen_test]
async fn the_icons_of_the_page_give_way_and_come_back_as_they_were() {
    let _hidden = Hidden::new("CRM");
    let head = document().query_selector("head").unwrap().unwrap();
    let before = head.inner_html();
    head.insert_adjacent_html(
        "beforeend",
        "<link rel='icon' href='/a.png'><link rel='icon' media='print' href='/b.png'>",
    )
    .unwrap();
    let own = head.inner_html();
    let page = Page::showing(&with(call("a", CallState::Incoming))).await;
    titled(&page, RINGING).await;
    assert_eq!(document().query_selector_all("link[rel=icon][media='not all']").unwrap().length(), 2);
    page.sync(&idle()).await;
    titled(&page, "CRM").await;
    assert_eq!(head.inner_html(), own);
    for link in ["/a.png", "/b.png"] {
        document().query_selector(&format!("link[href='{link}']")).unwrap().unwrap().remove();
    }
    assert_eq!(head.inner_html(), before);
}
