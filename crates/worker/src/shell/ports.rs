//! Ports: reads what tabs post, posts what they are told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use js_sys::{JsString, Object, Reflect};
use protocol::wire::port::{RequestTag, TabMessage, WorkerMessage};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use super::Worker;
use crate::hub::{HubInput, Malformed, PortId};

/// Every port that is open.
#[derive(Default)]
pub(super) struct Ports {
    open: RefCell<BTreeMap<PortId, OpenPort>>,
    count: Cell<u32>,
}

struct OpenPort {
    port: MessagePort,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Ports {
    /// Listens to a port, under a new name.
    pub(super) fn adopt(&self, worker: &Worker, port: MessagePort) -> PortId {
        self.count.set(self.count.get() + 1);
        let id = PortId(self.count.get());
        let on_message = {
            let worker = worker.clone();
            Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| {
                let transferred = event.ports().get(0).dyn_into().ok().map(|port| worker.0.ports.adopt(&worker, port));
                worker.input(HubInput::PortMessage { port: id, message: read(&event.data()), transferred });
            })
        };
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        self.open.borrow_mut().insert(id, OpenPort { port, _on_message: on_message });
        id
    }

    /// Stops listening.
    pub(super) fn close(&self, id: PortId) {
        if let Some(open) = self.open.borrow_mut().remove(&id) {
            open.port.set_onmessage(None);
            open.port.close();
        }
    }

    /// Posts one message to all of these; it is made once.
    pub(super) fn send(&self, to: &[PortId], message: &WorkerMessage) {
        let Some(message) = write(message) else { return };
        let open = self.open.borrow();
        for OpenPort { port, .. } in to.iter().filter_map(|id| open.get(id)) {
            // A port whose tab is gone takes messages without complaint; nothing here can fail for another reason.
            let _ = port.post_message(&message);
        }
    }
}

fn read(data: &JsValue) -> Result<TabMessage, Malformed> {
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let payload = match field(data, "payload") {
        empty if empty.is_null() || empty.is_undefined() => Object::new().into(),
        payload => payload,
    };
    // The tag is looked for in the payload first, then beside it.
    let request_id = field(&payload, "requestId").as_string().or_else(|| field(data, "requestId").as_string());
    let ack = field(&payload, "ack").is_truthy();
    let malformed = |message: String| Malformed { message, request_id: request_id.clone() };
    let Some(name) = field(data, "type").as_string() else {
        return Err(malformed("a message has the form { type, payload }".to_owned()));
    };
    let tag = RequestTag { request_id: request_id.clone(), ack };
    TabMessage::from_wire(&name, serde_wasm_bindgen::Deserializer::from(payload), tag)
        .map_err(|error| malformed(error.to_string()))
}

fn write(message: &WorkerMessage) -> Option<JsValue> {
    // `null`, not `undefined`, for what is missing: the contract's shapes are JSON's.
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    let payload = match message {
        WorkerMessage::SseEvent(raw) => {
            let data = js_sys::JSON::parse(&raw.data).ok()?;
            object(&[("event", JsString::from(raw.event.as_str()).into()), ("data", data)])
        }
        other => other.serialize(&serializer).ok()?,
    };
    Some(object(&[("type", JsString::from(message.name()).into()), ("payload", payload)]))
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object can't fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
