//! The hidden frame itself.

use std::cell::Cell;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlIFrameElement, MessageChannel, MessagePort};

use crate::browser::{self, Listener};
use crate::js;

/// What the frame hands on of the page's permissions: from a public address it reaches this computer only by them.
pub(super) const ACCESS: [&str; 3] = ["loopback-network", "local-network", "local-network-access"];

/// A frame in the page until dropped.
pub(super) struct Frame {
    element: HtmlIFrameElement,
    open: Cell<bool>,
    _loaded: Listener,
}

impl Frame {
    /// Puts the bridge of this origin into the page, to the worker of this number; `loaded` is called when a document is
    /// there, whichever.
    ///
    /// # Errors
    /// The page has no element to put it in.
    pub(super) fn put(base: &str, worker: u32, loaded: impl FnMut() + 'static) -> Result<Self, JsValue> {
        let element = make()?;
        element.set_title("SIP phone");
        element.set_attribute("allow", &known_policies(""))?;
        element.set_src(&format!("{base}/bridge.html#{worker}"));
        let mut loaded = loaded;
        let listener = Listener::new(&element, "load", move |_| loaded());
        let frame = Self { element, open: Cell::new(false), _loaded: listener };
        browser::document().document_element().ok_or("no document")?.append_child(&frame.element)?;
        Ok(frame)
    }

    /// Whether this is the frame's window.
    pub(super) fn is_window(&self, window: &JsValue) -> bool {
        self.element.content_window().is_some_and(|own| JsValue::from(own) == *window)
    }

    /// The port has been passed.
    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    /// The bridge's document lives: it has one frame in it, which is all that a page of another origin can see.
    pub(super) fn is_alive(&self) -> bool {
        self.element.content_window().is_some_and(|window| window.length() == 1)
    }

    /// Sends the introduction with a new port's other end; gives the port.
    pub(super) fn pass(&self, base: &str, introduction: &JsValue) -> Option<MessagePort> {
        let channel = MessageChannel::new().ok()?;
        let window = self.element.content_window()?;
        window.post_message_with_transfer(introduction, base, &Array::of1(&channel.port2())).ok()?;
        self.open.set(true);
        Some(channel.port1())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.element.remove();
    }
}

/// A frame that nobody sees, hears or tabs to.
pub(super) fn make() -> Result<HtmlIFrameElement, JsValue> {
    let element: HtmlIFrameElement = browser::document().create_element("iframe")?.unchecked_into();
    element.set_hidden(true);
    // Style sheets of pages are known to show hidden things.
    element.style().set_property_with_priority("display", "none", "important")?;
    element.set_attribute("aria-hidden", "true")?;
    element.set_tab_index(-1);
    Ok(element)
}

/// A value for `allow`: each of [`ACCESS`] that this browser knows, so that older ones have nothing to warn of.
pub(super) fn known_policies(to: &str) -> String {
    let policy = js::get(&browser::document(), "featurePolicy");
    let features: Option<js_sys::Function> = js::get(&policy, "features").dyn_into().ok();
    let known = features.and_then(|features| features.call0(&policy).ok()).map(|list| Array::from(&list));
    let is_known = |name: &str| known.as_ref().is_some_and(|list| list.includes(&name.into(), 0));
    ACCESS.into_iter().filter(|name| is_known(name)).map(|name| [name, to, ";"].concat()).collect()
}
