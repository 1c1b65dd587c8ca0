//! The SSE stream: one raw `EventSource` at a time. Retrying is the hub's: the browser's own retry hides its state.

use std::cell::RefCell;

use js_wire::Js;
use protocol::EventId;
use protocol::wire::event::Event;
use protocol::wire::port::RawEvent;
use protocol::wire::rest;
use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

use super::{Worker, rest as requests};
use crate::connection::StreamId;
use crate::hub::HubInput;
use crate::ids::numbered;

/// The stream that is open, if any.
#[derive(Default)]
pub(super) struct Streams {
    open: RefCell<Option<Stream>>,
}

struct Stream {
    id: StreamId,
    source: EventSource,
    _on_state: [Closure<dyn FnMut()>; 2],
    _on_event: Closure<dyn FnMut(MessageEvent)>,
}

impl Streams {
    /// Opens a stream; one that is open already is closed first, so that there is never a second.
    pub(super) fn open(&self, worker: &Worker, id: StreamId, after: Option<EventId>, once: bool) {
        self.shut();
        let mut url = [rest::EVENTS, "?", rest::WORKER_PARAM, "=", &worker.name()].concat();
        if worker.had_company() {
            url.extend(["&", rest::ASK_PARAM, "=1"]);
        }
        if once {
            url.extend(["&", rest::ONCE_PARAM, "=1"]);
        }
        if let Some(after) = after {
            let after = String::from(js_sys::encode_uri_component(&numbered(&after.epoch, after.seq)));
            url.extend(["&", rest::LAST_EVENT_ID_PARAM, "=", &after]);
        }
        let Ok(source) = EventSource::new(&url) else { return worker.input(HubInput::StreamLost(id)) };
        let on_open = on_open(worker, id);
        let on_error = on_error(worker, id, &source);
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let on_event = on_event(worker, id);
        for name in Event::NAMES {
            // Fails only for a listener that is no function.
            let _ = source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref());
        }
        *self.open.borrow_mut() = Some(Stream { id, source, _on_state: [on_open, on_error], _on_event: on_event });
    }

    /// Closes this stream, unless it is closed already.
    pub(super) fn close(&self, id: StreamId) {
        if self.open.borrow().as_ref().is_some_and(|stream| stream.id == id) {
            self.shut();
        }
    }

    fn shut(&self) {
        if let Some(stream) = self.open.borrow_mut().take() {
            stream.source.close();
        }
    }
}

fn on_open(worker: &Worker, id: StreamId) -> Closure<dyn FnMut()> {
    let worker = worker.clone();
    Closure::new(move || worker.input(HubInput::StreamOpened(id)))
}

fn on_error(worker: &Worker, id: StreamId, source: &EventSource) -> Closure<dyn FnMut()> {
    let (worker, source) = (worker.clone(), source.clone());
    Closure::new(move || {
        // Closed by itself: an answer that was no stream. It does not say which.
        let answered = source.ready_state() == EventSource::CLOSED;
        worker.input(HubInput::StreamLost(id));
        if answered {
            requests::ask_why(&worker);
        }
    })
}

fn on_event(worker: &Worker, stream: StreamId) -> Closure<dyn FnMut(MessageEvent)> {
    let worker = worker.clone();
    Closure::new(move |message: MessageEvent| {
        let name = message.type_();
        let data = message.data().as_string().unwrap_or_default();
        let event = js_wire::parse(&data).and_then(|data| Event::read(&name, &Js(data)).ok());
        let id = message.last_event_id().parse().ok();
        worker.input(HubInput::StreamEvent { stream, id, event, raw: RawEvent { event: name, data } });
    })
}
