//! Small things of the browser that end when their owner does.

use std::rc::Rc;

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, MessageChannel, ShadowRoot, Window};

use crate::closures::Takes;
use crate::js;

/// The page's window. The widget runs in a page, never in a worker.
pub(crate) fn window() -> Window {
    web_sys::window().expect("the widget runs in a page")
}

/// The page's document.
pub(crate) fn document() -> Document {
    window().document().expect("a page has a document")
}

/// What the browser calls, with whatever it has to say. One type for all: each further one has glue of its own.
pub(crate) type Callback = Closure<dyn FnMut(JsValue)>;

/// Makes one.
pub(crate) fn callback(mut act: Box<dyn Takes<JsValue>>) -> Callback {
    Closure::new(move |said| act.take(said))
}

/// A listener that is removed when dropped.
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    capture: bool,
    callback: Callback,
}

impl Listener {
    /// Listens from now on.
    pub(crate) fn new(target: &EventTarget, name: &'static str, mut act: impl FnMut(Event) + 'static) -> Self {
        Self::add(target, name, false, Box::new(move |event: JsValue| act(event.unchecked_into())))
    }

    /// Listens from now on, before anybody in the page can stop the event.
    pub(crate) fn capturing(target: &EventTarget, name: &'static str, mut act: impl FnMut(Event) + 'static) -> Self {
        Self::add(target, name, true, Box::new(move |event: JsValue| act(event.unchecked_into())))
    }

    /// Listens from now on for somebody who may be gone by the time.
    pub(crate) fn bound<T: 'static>(
        target: &EventTarget,
        name: &'static str,
        to: &Rc<T>,
        act: fn(&Rc<T>, &JsValue),
    ) -> Self {
        let weak = Rc::downgrade(to);
        Self::new(target, name, move |event| weak.upgrade().iter().for_each(|to| act(to, &event)))
    }

    fn add(target: &EventTarget, name: &'static str, capture: bool, act: Box<dyn Takes<JsValue>>) -> Self {
        let callback = callback(act);
        // Fails for no name and no target; a listener that was never added is removed in vain.
        let _ = target.add_event_listener_with_callback_and_bool(name, callback.as_ref().unchecked_ref(), capture);
        Self { target: target.clone(), name, capture, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.name, callback, self.capture);
    }
}

/// Acts in a task of its own, soon: through a `MessageChannel`, because hidden tabs throttle timers and stop animation frames.
pub(crate) fn soon(act: impl FnOnce() + 'static) {
    let Ok(channel) = MessageChannel::new() else { return act() };
    let (wake, awake) = (channel.port2(), channel.port1());
    let heard = awake.clone();
    let act = Closure::once_into_js(move || {
        heard.close();
        act();
    });
    awake.set_onmessage(Some(act.unchecked_ref()));
    let _ = wake.post_message(&JsValue::NULL);
}

/// Acts once when the tab has nothing else to do.
pub(crate) fn at_rest(act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    let _ = window().request_idle_callback(act.unchecked_ref());
}

/// Whether the page is shown at all.
pub(crate) fn visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// The element that has the focus, looked up through the widget's own shadow root.
pub(crate) fn focused(shadow: &ShadowRoot) -> Option<HtmlElement> {
    let inner: Option<Element> = shadow.active_element();
    inner.or_else(|| document().active_element()).and_then(|element| element.dyn_into().ok())
}

/// What is entered in a field, whatever kind of field it is.
pub(crate) fn value(field: &Element) -> String {
    js::get(field, "value").as_string().unwrap_or_default()
}

/// Gives the element the focus without scrolling the page to it.
pub(crate) fn focus(element: &HtmlElement) {
    let calm = js_sys::Object::new();
    let _ = Reflect::set(&calm, &"preventScroll".into(), &JsValue::TRUE);
    if let Ok(focus) = Reflect::get(element, &"focus".into()).and_then(|it| it.dyn_into::<Function>()) {
        let _ = focus.apply(element, &Array::of1(&calm));
    }
}

/// Scrolls as little as it takes to see the element.
pub(crate) fn show(element: &Element) {
    let least = js_sys::Object::new();
    let _ = Reflect::set(&least, &"block".into(), &"nearest".into());
    if let Ok(show) = Reflect::get(element, &"scrollIntoView".into()).and_then(|it| it.dyn_into::<Function>()) {
        let _ = show.apply(element, &Array::of1(&least));
    }
}

/// The browser's clock, in milliseconds since 1970.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// A name that nothing else has, anywhere.
pub(crate) fn unique(prefix: &str) -> String {
    (0..4).fold(prefix.to_owned(), |name, _| name + &((js_sys::Math::random() * 1e9) as u32).to_string())
}

/// The state of one permission; `None` where the browser does not know it.
pub(crate) async fn permission(name: &str) -> Option<JsValue> {
    let permissions = js::get(&window().navigator(), "permissions");
    let query: Function = js::get(&permissions, "query").dyn_into().ok()?;
    let descriptor = js_sys::Object::new();
    Reflect::set(&descriptor, &"name".into(), &name.into()).ok()?;
    let asked: Promise = query.call1(&permissions, &descriptor).ok()?.dyn_into().ok()?;
    JsFuture::from(asked).await.ok()
}
