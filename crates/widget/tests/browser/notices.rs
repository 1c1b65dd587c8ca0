//! Desktop notifications, as the page itself shows them.

use js_sys::{Array, Function, Reflect};
use protocol::{Call, CallState, GlobalState};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::page::{Page, call, get, idle, object, with};

/// Stands for the desktop.
const STUB: &str = "
    const real = window.Notification;
    const desktop = { shown: [], made: 0, answer: 'granted' };
    window.Notification = class extends EventTarget {
      static permission = permission;
      static async requestPermission() { return (window.Notification.permission = desktop.answer); }
      constructor(title, options) {
        super();
        Object.assign(this, { title }, options);
        desktop.made++;
        desktop.shown.push(this);
      }
      close() { desktop.shown = desktop.shown.filter((it) => it !== this); }
    };
    desktop.restore = () => { window.Notification = real; };
    return desktop;";

struct Desktop(JsValue);

impl Desktop {
    fn new(permission: &str) -> Self {
        let make = Function::new_with_args("permission", STUB);
        Self(make.call1(&JsValue::NULL, &permission.into()).unwrap())
    }

    fn shown(&self) -> Vec<JsValue> {
        get(&self.0, "shown").unchecked_into::<Array>().to_vec()
    }

    fn text(&self, index: usize, name: &str) -> String {
        get(&self.shown()[index], name).as_string().unwrap()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        get(&self.0, "restore").unchecked_into::<Function>().call0(&JsValue::NULL).unwrap();
        web_sys::window().unwrap().local_storage().unwrap().unwrap().remove_item("sip-phone-alerts").unwrap();
    }
}

fn role(page: &Page, notices: bool) {
    let sound = ("sound", "elsewhere".into());
    page.say("TAB_ROLE", &object(&[("primary", false.into()), sound, ("notices", notices.into())]));
}

async fn shows(page: &Page, desktop: &Desktop, count: usize) {
    page.until(&format!("{count} shown"), || desktop.shown().len() == count).await;
}

fn reported(page: &Page) -> bool {
    let report = page.last("TAB_REPORT").or_else(|| page.last("INIT_PORT").map(|init| get(&init, "tab")));
    report.is_some_and(|report| get(&report, "notices").is_truthy())
}

#[wasm_bindgen_test]
async fn the_chosen_tab_shows_one_for_each_call_that_rings() {
    let desktop = Desktop::new("granted");
    let page = Page::showing(&idle()).await;
    page.until("the report", || reported(&page)).await;
    page.sync(&with(call("a", CallState::Incoming))).await;
    role(&page, true);
    shows(&page, &desktop, 1).await;
    assert_eq!((desktop.text(0, "title"), desktop.text(0, "tag")), ("123 456".into(), "a".into()));
    assert_eq!(desktop.text(0, "body"), "Incoming call\n+74951234567");
    let nobody = Call { display_name: None, ..call("b", CallState::Incoming) };
    page.sync(&GlobalState { other_calls: vec![nobody], ..with(call("a", CallState::Incoming)) }).await;
    shows(&page, &desktop, 2).await;
    assert_eq!((desktop.text(1, "title"), desktop.text(1, "body")), ("+74951234567".into(), "Incoming call".into()));
    page.sync(&with(call("a", CallState::Talking))).await;
    shows(&page, &desktop, 0).await;
    assert_eq!(get(&desktop.0, "made"), JsValue::from(2.0), "none was shown twice");
}

#[wasm_bindgen_test]
async fn another_tab_and_a_removed_phone_show_none() {
    let desktop = Desktop::new("granted");
    let page = Page::showing(&with(call("a", CallState::Incoming))).await;
    role(&page, true);
    shows(&page, &desktop, 1).await;
    role(&page, false);
    shows(&page, &desktop, 0).await;
    role(&page, true);
    shows(&page, &desktop, 1).await;
    drop(page);
    assert!(desktop.shown().is_empty());
}

#[wasm_bindgen_test]
async fn a_click_brings_the_tab_and_closes_it() {
    let desktop = Desktop::new("granted");
    let page = Page::showing(&with(call("a", CallState::Incoming))).await;
    role(&page, true);
    shows(&page, &desktop, 1).await;
    let spy = "window.__focused = 0; window.focus = () => { window.__focused++; };";
    Function::new_no_args(spy).call0(&JsValue::NULL).unwrap();
    let shown: web_sys::EventTarget = desktop.shown().remove(0).unchecked_into();
    shown.dispatch_event(&web_sys::Event::new("click").unwrap()).unwrap();
    let window: JsValue = web_sys::window().unwrap().into();
    assert_eq!(Reflect::get(&window, &"__focused".into()).unwrap(), JsValue::from(1.0));
    Function::new_no_args("delete window.focus; delete window.__focused;").call0(&JsValue::NULL).unwrap();
    assert!(desktop.shown().is_empty());
    assert_eq!(page.count("CMD_ANSWER"), 0, "to look is not to answer");
}

#[wasm_bindgen_test]
async fn the_operator_is_asked_when_he_wants_them_and_can_do_without_again() {
    let desktop = Desktop::new("default");
    let page = Page::showing(&idle()).await;
    page.click("sound");
    page.until("settings", || page.part("notices").is_some()).await;
    let field: HtmlInputElement = page.part("notices").unwrap().unchecked_into();
    assert!(!field.checked() && !reported(&page));
    field.click();
    page.until("granted", || field.checked() && reported(&page)).await;
    field.click();
    page.until("not wanted", || !field.checked() && !reported(&page)).await;
    drop((page, desktop));
}

#[wasm_bindgen_test]
async fn a_refusal_is_explained() {
    let desktop = Desktop::new("default");
    Reflect::set(&desktop.0, &"answer".into(), &"denied".into()).unwrap();
    let page = Page::showing(&idle()).await;
    page.click("sound");
    page.until("settings", || page.part("notices").is_some()).await;
    page.click("notices");
    page.until("a hint", || page.find(".settings .hint").is_some()).await;
    let field: HtmlInputElement = page.part("notices").unwrap().unchecked_into();
    assert!(field.disabled() && !field.checked());
}

#[wasm_bindgen_test]
async fn where_there_are_none_nothing_is_offered() {
    let desktop = Desktop::new("granted");
    Reflect::set(&web_sys::window().unwrap(), &"Notification".into(), &JsValue::UNDEFINED).unwrap();
    let page = Page::showing(&idle()).await;
    page.click("sound");
    page.until("settings", || page.part("volume").is_some()).await;
    assert!(page.part("notices").is_none());
    drop(desktop);
}
