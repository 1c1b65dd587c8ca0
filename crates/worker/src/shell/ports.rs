//! Ports: hears what tabs post, posts what they are told.

use std::cell::{Cell, RefCell};

use js_sys::Set;
use litemap::LiteMap;
use protocol::wire::port::WorkerMessage;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use super::{Worker, message};
use crate::hub::{HubInput, PortId};

/// Every port that is open.
pub(super) struct Ports {
    open: RefCell<LiteMap<PortId, OpenPort>>,
    count: Cell<u32>,
    /// The same ports for the boot script, which tells them of the worker's end when nothing here works any more.
    known: Set<MessagePort>,
}

struct OpenPort {
    port: MessagePort,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Ports {
    /// None yet; `known` is kept up to date.
    pub(super) fn new(known: Set<MessagePort>) -> Self {
        Self { open: RefCell::default(), count: Cell::new(0), known }
    }

    /// Listens to a port, under a new name.
    pub(super) fn adopt(&self, worker: &Worker, port: MessagePort) -> PortId {
        self.count.set(self.count.get() + 1);
        let id = PortId(self.count.get());
        let on_message = {
            let worker = worker.clone();
            Closure::<dyn FnMut(_)>::new(move |event: MessageEvent| {
                #[cfg(feature = "next")]
                super::fault::on_demand(&event);
                let transferred = event.ports().get(0).dyn_into().ok().map(|port| worker.0.ports.adopt(&worker, port));
                worker.input(HubInput::PortMessage { port: id, message: message::read(&event.data()), transferred });
            })
        };
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        self.known.add(&port);
        self.open.borrow_mut().insert(id, OpenPort { port, _on_message: on_message });
        id
    }

    /// Stops listening.
    pub(super) fn close(&self, id: PortId) {
        if let Some(open) = self.open.borrow_mut().remove(&id) {
            self.known.delete(&open.port);
            open.port.set_onmessage(None);
            open.port.close();
        }
    }

    /// Posts one message to all of these; it is made once.
    pub(super) fn send(&self, to: &[PortId], message: &WorkerMessage) {
        let Some(message) = message::write(message) else { return };
        let open = self.open.borrow();
        for OpenPort { port, .. } in to.iter().filter_map(|id| open.get(id)) {
            // A port whose tab is gone takes messages without complaint; nothing here can fail for another reason.
            let _ = port.post_message(&message);
        }
    }
}
