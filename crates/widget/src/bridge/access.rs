//! Chrome's Local Network Access: whether this page may reach programs on this computer, and who has to be asked.
//! A page with a public address needs the operator's permission; one with a private address does not, and has it in the state
//! "prompt" all the same. See <https://developer.chrome.com/blog/local-network-access>.

use std::rc::Weak;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Inner;
use super::frame::{ACCESS, known_policies, make};
use crate::browser::{self, Listener};
use crate::js;

/// The permissions of this page, as the browser has told of them.
#[derive(Default)]
pub(super) struct Access {
    states: Vec<JsValue>,
    _changed: Vec<Listener>,
}

impl Access {
    /// Asks the browser, once; a permission that changes later starts another attempt at once.
    pub(super) async fn ask_browser(self, inner: &Weak<Inner>) -> Self {
        if !self.states.is_empty() {
            return self;
        }
        let mut access = Self::default();
        for name in ACCESS {
            let Some(state) = browser::permission(name).await else { continue };
            let inner = inner.clone();
            let retry = move |_| inner.upgrade().iter().for_each(|inner| inner.again());
            access._changed.push(Listener::new(state.unchecked_ref(), "change", retry));
            access.states.push(state);
        }
        access
    }

    /// It may be that the browser has to ask, or that it was told no.
    pub(super) fn may_be_closed(&self) -> bool {
        self.any("prompt") || self.is_denied()
    }

    /// Somebody said no.
    pub(super) fn is_denied(&self) -> bool {
        self.any("denied")
    }

    fn any(&self, state: &str) -> bool {
        self.states.iter().any(|status| js::get(status, "state").as_string().as_deref() == Some(state))
    }
}

/// Whether the backend answers this page; the browser may ask the operator first.
pub(super) async fn answers(base: &str) -> bool {
    answers_in(&browser::window(), base).await
}

/// Whether the backend answers, tried where the browser can't ask: in an empty frame without that permission. It succeeds on
/// pages that need none.
pub(super) async fn answers_unasked(base: &str) -> bool {
    let Ok(frame) = make() else { return false };
    if frame.set_attribute("allow", &known_policies(" 'none'")).is_err() {
        return false;
    }
    let root = browser::document().document_element();
    if root.is_none_or(|root| root.append_child(&frame).is_err()) {
        return false;
    }
    let answered = match frame.content_window() {
        Some(window) => answers_in(&window, base).await,
        None => false,
    };
    frame.remove();
    answered
}

async fn answers_in(window: &web_sys::Window, base: &str) -> bool {
    let Ok(fetch) = js::get(window, "fetch").dyn_into::<Function>() else { return false };
    let options = js_sys::Object::new();
    js::set(&options, "method", &"HEAD".into());
    js::set(&options, "cache", &"no-store".into());
    js::set(&options, "credentials", &"omit".into());
    // The one file that any page may read.
    let url = [base, "/sip-phone-widget.js"].concat();
    let Ok(asked) = fetch.call2(window, &url.into(), &options) else { return false };
    JsFuture::from(Promise::from(asked)).await.is_ok_and(|answer| js::get(&answer, "ok").is_truthy())
}
