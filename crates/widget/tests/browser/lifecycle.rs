//! Mounted and removed again and again: nothing is left behind.

use js_sys::{Function, Reflect};
use protocol::CallState;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, call, object, tick, with};

/// Counts the listeners on the document while it lives.
struct Listeners {
    target: JsValue,
}

impl Listeners {
    fn counted() -> Self {
        let target: JsValue = web_sys::window().unwrap().document().unwrap().into();
        let wrap = Function::new_with_args(
            "target",
            "target.__listeners = 0;
             const add = EventTarget.prototype.addEventListener, remove = EventTarget.prototype.removeEventListener;
             target.addEventListener = function (...args) { target.__listeners++; return add.apply(target, args); };
             target.removeEventListener = function (...args) { target.__listeners--; return remove.apply(target, args); };",
        );
        wrap.call1(&JsValue::NULL, &target).unwrap();
        Self { target }
    }

    fn now(&self) -> f64 {
        Reflect::get(&self.target, &"__listeners".into()).unwrap().as_f64().unwrap()
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        for name in ["addEventListener", "removeEventListener", "__listeners"] {
            let _ = Reflect::delete_property(self.target.unchecked_ref::<js_sys::Object>(), &name.into());
        }
    }
}

#[wasm_bindgen_test]
async fn three_lives_leave_nothing() {
    let listeners = Listeners::counted();
    let first = Page::silent().await;
    let (host, shadow) = (first.host.clone(), first.shadow.clone());
    drop(first);
    for _ in 0..3 {
        web_sys::window().unwrap().document().unwrap().body().unwrap().append_child(&host).unwrap();
        let page = Page::mounted(host.clone(), shadow.clone());
        page.sync(&with(call("a", CallState::Talking))).await;
        assert!(listeners.now() > 0.0);
        let waiting = page.handle.command("CMD_MUTE", &object(&[("on", JsValue::TRUE)]));
        drop(page);
        assert!(JsFuture::from(waiting).await.is_err(), "what still waits is rejected");
        tick().await;
        assert_eq!(listeners.now(), 0.0);
        assert_eq!(shadow.child_element_count(), 0);
    }
    assert_eq!(shadow.adopted_style_sheets().length(), 1);
}

#[wasm_bindgen_test]
async fn the_lock_is_given_back() {
    let page = Page::silent().await;
    let name = Reflect::get(&page.sent("INIT_PORT").await, &"lock".into()).unwrap();
    drop(page);
    let navigator: JsValue = web_sys::window().unwrap().navigator().into();
    let take = Function::new_with_args("navigator, name", "return navigator.locks.request(name, () => 'mine');");
    let taken: js_sys::Promise = take.call2(&JsValue::NULL, &navigator, &name).unwrap().unchecked_into();
    assert_eq!(JsFuture::from(taken).await.unwrap(), JsValue::from("mine"));
}
