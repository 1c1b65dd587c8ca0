//! The tab's line to the worker: one port, messages `{ type, payload }` both ways.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Object, Reflect};
use protocol::wire::port::{Accepted, CommandError, INIT_PORT, Init};
use protocol::{GlobalState, PROTOCOL_VERSION};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::browser::HeldLock;

/// What the worker said.
pub(crate) enum Heard {
    /// `SYNC_STATE`.
    State(GlobalState),
    /// `SSE_EVENT`: its name and its data.
    Event(String, JsValue),
    /// `ERROR`.
    Failed(CommandError),
    /// `ACCEPTED`.
    Accepted(Accepted),
}

/// The sending end. What is sent before the tab is introduced waits, so that `INIT_PORT` is the first message.
pub(crate) struct Sender {
    port: MessagePort,
    introduced: Cell<bool>,
    waiting: RefCell<Vec<JsValue>>,
}

impl Sender {
    /// Sends on this port.
    pub(crate) fn new(port: MessagePort) -> Rc<Self> {
        Rc::new(Self { port, introduced: Cell::new(false), waiting: RefCell::default() })
    }

    /// Sends `{ type, payload }`, in its turn.
    pub(crate) fn send(&self, kind: &str, payload: &JsValue) {
        let message = envelope(kind, payload);
        if self.introduced.get() {
            self.post(&message);
        } else {
            self.waiting.borrow_mut().push(message);
        }
    }

    fn introduce(&self, lock: Option<String>) {
        self.post(&envelope(INIT_PORT, &to_js(&Init { protocol: PROTOCOL_VERSION, lock })));
        self.introduced.set(true);
        self.waiting.take().iter().for_each(|message| self.post(message));
    }

    fn post(&self, message: &JsValue) {
        // Throws only for what can't be cloned, and payloads are plain data.
        let _ = self.port.post_message(message);
    }
}

/// An open line; closed when dropped.
pub(crate) struct Link {
    port: MessagePort,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    /// Held for the tab's life, so that the worker learns of its end.
    _lock: Option<HeldLock>,
}

impl Link {
    /// Listens on the port and introduces the tab.
    pub(crate) fn open(sender: &Rc<Sender>, mut heard: impl FnMut(Heard) + 'static) -> Self {
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(message) = read(&event.data()) {
                heard(message);
            }
        });
        let port = sender.port.clone();
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let lock = introduce(sender);
        Self { port, _on_message: on_message, _lock: lock }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

/// Sends `INIT_PORT`. The lock is ours before it is named, else the worker would get it at once and think us gone.
fn introduce(sender: &Rc<Sender>) -> Option<HeldLock> {
    let name = lock_name();
    let (named, holder) = (name.clone(), Rc::clone(sender));
    let lock = HeldLock::request(&name, move || holder.introduce(Some(named)));
    if lock.is_none() {
        sender.introduce(None);
    }
    lock
}

/// A name that no other tab has.
fn lock_name() -> String {
    let mut name = String::from("sip-phone-tab-");
    for _ in 0..4 {
        name.push_str(&((js_sys::Math::random() * 1e9) as u32).to_string());
    }
    name
}

fn envelope(kind: &str, payload: &JsValue) -> JsValue {
    let message = Object::new();
    set(&message, "type", &kind.into());
    set(&message, "payload", payload);
    message.into()
}

/// Sets a field of a plain object.
pub(crate) fn set(object: &JsValue, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &key.into(), value);
}

/// A field of an object; `undefined` where there is none.
pub(crate) fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// As plain JSON-like data: `null` for what is absent, objects for maps.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::NULL)
}

fn read(message: &JsValue) -> Option<Heard> {
    let payload = get(message, "payload");
    match get(message, "type").as_string()?.as_str() {
        "SYNC_STATE" => parse(payload).map(Heard::State),
        "SSE_EVENT" => Some(Heard::Event(get(&payload, "event").as_string()?, get(&payload, "data"))),
        "ERROR" => parse(payload).map(Heard::Failed),
        "ACCEPTED" => parse(payload).map(Heard::Accepted),
        _ => None, // of a newer worker
    }
}

fn parse<T: DeserializeOwned>(payload: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(payload)
        .map_err(|error| web_sys::console::error_2(&"SIP phone: a message of another shape".into(), &error.into()))
        .ok()
}
