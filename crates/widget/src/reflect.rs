//! Tells the page what the shadow tree already shows: the host's `data-*` attributes, then the events.
//!
//! Views render in microtasks, so a task of its own comes after them. It is posted through a `MessageChannel`,
//! because hidden tabs throttle timers and stop animation frames.

use std::cell::{Cell, RefCell};

use js_sys::Object;
use protocol::{Call, CallState, ConnectionStatus, GlobalState, view};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, MessageChannel, MessagePort};

use crate::dispatch::Failure;
use crate::element::{self, CONNECTED, ENDED, ERROR, INCOMING, READY, STATE};
use crate::focus::FocusKeeper;
use crate::link;
use crate::store::Store;

/// Speaks for the shadow tree to the page.
pub(crate) struct Reflector {
    host: HtmlElement,
    store: Store,
    wake: MessagePort,
    awake: MessagePort,
    focus: FocusKeeper,
    scheduled: Cell<bool>,
    ready: Cell<bool>,
    state_due: Cell<bool>,
    /// The calls that the page has been told of.
    told: RefCell<Vec<Call>>,
    /// Calls that are gone and whose `call_ended` may still be on its way.
    gone: RefCell<Vec<Call>>,
    /// Data of `call_ended` events not yet told of.
    ends: RefCell<Vec<JsValue>>,
}

impl Reflector {
    /// A reflector of this store on this host; `wake_up` is called in a task of its own after [`Reflector::schedule`].
    pub(crate) fn new(host: HtmlElement, store: Store, wake_up: &Closure<dyn FnMut()>) -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        channel.port1().set_onmessage(Some(wake_up.as_ref().unchecked_ref()));
        Ok(Self {
            focus: FocusKeeper::new(&host),
            host,
            store,
            wake: channel.port2(),
            awake: channel.port1(),
            scheduled: Cell::new(false),
            ready: Cell::new(false),
            state_due: Cell::new(false),
            told: RefCell::default(),
            gone: RefCell::default(),
            ends: RefCell::default(),
        })
    }

    /// A state is about to be taken in, and nothing of it is shown yet.
    pub(crate) fn state_comes(&self) {
        self.focus.look();
    }

    /// A state has been taken in: reflect it once it is shown.
    pub(crate) fn state_came(&self) {
        self.state_due.set(true);
        self.schedule();
    }

    /// An event of the backend has come, after the state that includes it.
    pub(crate) fn event_came(&self, name: &str, data: JsValue) {
        match name {
            "call_ended" => self.ends.borrow_mut().push(data),
            "snapshot" => {}
            _ => return,
        }
        self.schedule();
    }

    /// A command failed.
    pub(crate) fn failed(&self, failure: &Failure) {
        let detail = Object::new();
        link::set(&detail, "code", &failure.code.as_str().into());
        link::set(&detail, "message", &failure.message.as_str().into());
        element::dispatch_event(&self.host, ERROR, &detail);
    }

    /// Has [`Reflector::flush`] called after everything that renders now.
    pub(crate) fn schedule(&self) {
        if !self.scheduled.replace(true) {
            let _ = self.wake.post_message(&JsValue::NULL);
        }
    }

    /// Reflects the state, which the shadow tree shows by now.
    pub(crate) fn flush(&self) {
        self.scheduled.set(false);
        let state = self.store.snapshot();
        self.focus.mend();
        self.attributes(&state);
        // A worker that has just begun knows of nothing and can send nothing; its state says so.
        if state.connection_status != ConnectionStatus::Disconnected && !self.ready.replace(true) {
            // What was there before this tab is not news to its page.
            self.told.replace(state.calls().cloned().collect());
            self.tell(READY, None, &state, None);
        }
        if self.state_due.replace(false) {
            self.tell(STATE, None, &state, None);
        }
        if !self.ready.get() {
            return;
        }
        self.ended_calls(&state);
        self.new_calls(&state);
    }

    fn attributes(&self, state: &GlobalState) {
        let set = |name: &str, value: Option<&str>| {
            let _ = match value {
                Some(value) => self.host.set_attribute(name, value),
                None => self.host.remove_attribute(name),
            };
        };
        let active = |fact: fn(&Call) -> bool| state.active_call.as_ref().is_some_and(fact).then_some("");
        set("data-connection", Some(state.connection_status.as_str()));
        set("data-phone", Some(state.phone_status.as_str()));
        set("data-operator", Some(state.operator_status.as_str()));
        set("data-call", Some(view::call_attribute(state)));
        set("data-muted", active(|call| call.muted));
        set("data-held", active(|call| call.held));
    }

    fn new_calls(&self, state: &GlobalState) {
        let told = self.told.replace(state.calls().cloned().collect());
        for call in state.calls() {
            let before = told.iter().find(|known| known.id == call.id).map(|known| known.state);
            match (before, call.state) {
                (None, CallState::Incoming) => self.tell(INCOMING, Some(call), state, None),
                (None | Some(CallState::Incoming | CallState::Dialing), CallState::Talking) => {
                    self.tell(CONNECTED, Some(call), state, None);
                }
                _ => {}
            }
        }
    }

    fn ended_calls(&self, state: &GlobalState) {
        let ends = self.ends.take();
        let end_of = |call: &Call| {
            ends.iter().find(|end| link::get(end, "call_id").as_string().as_deref() == Some(call.id.as_str()))
        };
        // A call that was already missing at the last flush had its chance of a reason.
        for call in self.gone.take() {
            self.tell(ENDED, Some(&call), state, Some(end_of(&call)));
        }
        let told = self.told.borrow().clone();
        for call in told.into_iter().filter(|known| state.calls().all(|call| call.id != known.id)) {
            match end_of(&call) {
                Some(end) => self.tell(ENDED, Some(&call), state, Some(Some(end))),
                None => self.gone.borrow_mut().push(call),
            }
        }
    }

    /// Dispatches an event; `end` is there for `ended` alone, with the data of `call_ended` if it came.
    fn tell(&self, event: usize, call: Option<&Call>, state: &GlobalState, end: Option<Option<&JsValue>>) {
        let detail = Object::new();
        link::set(&detail, "state", &link::to_js(state));
        if let Some(call) = call {
            link::set(&detail, "call", &link::to_js(call));
            // At most one tab has the focus; which one was used last, when none has it, is the worker's to say.
            link::set(&detail, "primary", &crate::browser::document().has_focus().unwrap_or(false).into());
        }
        if let Some(end) = end {
            let of = |field| end.map_or(JsValue::NULL, |end| link::get(end, field));
            link::set(&detail, "reason", &of("reason"));
            link::set(&detail, "duration", &of("duration"));
        }
        element::dispatch_event(&self.host, event, &detail);
    }
}

impl Drop for Reflector {
    fn drop(&mut self) {
        self.awake.set_onmessage(None);
        self.awake.close();
    }
}
