//! Tells the page what the shadow tree already shows: the host's `data-*` attributes, then the events.
//!
//! Views render in microtasks, and the attributes follow in some further ones, so that all of it is one task of the tab. The
//! events wait for a task of their own: by then the data of a call's end has come too, and other tabs have had their turn. It
//! is posted through a `MessageChannel`, because hidden tabs throttle timers and stop animation frames.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use js_sys::Object;
use protocol::{Call, ConnectionStatus, GlobalState, view};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, MessageChannel, MessagePort};

use crate::delay::Delay;
use crate::dispatch::{Dispatch, Failure};
use crate::element::{self, ENDED, ERROR, READY, STATE};
use crate::focus::FocusKeeper;
use crate::js;
use crate::news::{Item, News};
use crate::pace::Pace;
use crate::store::Store;
use crate::ui::Ui;

/// How long an ended call waits for the data of its end.
const END_DATA: Duration = Duration::from_secs(1);
/// Rounds of microtasks that a state may take to be rendered: what reads it is drawn in the first, and what one of those effects
/// sets for others (the words of the live region, a pad that closes) in the second. There is room for as many again.
const ROUNDS: usize = 4;

/// Speaks for the shadow tree to the page.
pub(crate) struct Reflector {
    host: HtmlElement,
    store: Store,
    dispatch: Dispatch,
    wake: MessagePort,
    awake: MessagePort,
    focus: FocusKeeper,
    scheduled: Cell<bool>,
    rendering: Cell<bool>,
    rendered: Rc<dyn Fn()>,
    ready: Cell<bool>,
    state_due: Cell<bool>,
    news: RefCell<News>,
    late: RefCell<Option<Delay>>,
    pace: Pace,
}

impl Reflector {
    /// A reflector of this store on this host; `rendered` is called when [`Reflector::reflect`] is due, `wake_up` in a task of
    /// its own after that, and `calm` when [`Reflector::calm`] is due.
    pub(crate) fn new(
        host: HtmlElement,
        ui: Ui,
        rendered: impl Fn() + 'static,
        wake_up: &Closure<dyn FnMut()>,
        calm: impl Fn() + 'static,
    ) -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        channel.port1().set_onmessage(Some(wake_up.as_ref().unchecked_ref()));
        Ok(Self {
            focus: FocusKeeper::new(&host),
            host,
            store: ui.store,
            dispatch: ui.dispatch,
            wake: channel.port2(),
            awake: channel.port1(),
            scheduled: Cell::new(false),
            rendering: Cell::new(false),
            rendered: Rc::new(rendered),
            ready: Cell::new(false),
            state_due: Cell::new(false),
            news: RefCell::default(),
            late: RefCell::default(),
            pace: Pace::new(calm),
        })
    }

    /// A state has come. It is shown, and reflected once it is; in a storm of them the last one is, from time to time.
    /// `primary`: the operator used this tab last.
    pub(crate) fn state_came(&self, state: GlobalState, primary: bool) {
        // A worker that has just begun knows of nothing, and calls come and go only while it is connected.
        if state.connection_status != ConnectionStatus::Disconnected {
            self.news.borrow_mut().state_came(&state, primary);
        }
        if let Some(state) = self.pace.take(state) {
            self.show(|store| store.sync(state));
        }
    }

    /// Shows what the storm has left.
    pub(crate) fn calm(&self) {
        if let Some(state) = self.pace.release() {
            self.show(|store| store.sync(state));
        }
    }

    /// The line to the worker broke.
    pub(crate) fn line_lost(&self) {
        self.calm();
        self.show(Store::line_lost);
    }

    fn show(&self, change: impl FnOnce(Store)) {
        self.focus.look();
        change(self.store);
        self.state_due.set(true);
        self.schedule();
        if !self.rendering.replace(true) {
            let rendered = Rc::clone(&self.rendered);
            spawn_local(async move {
                for _ in 0..ROUNDS {
                    next_round().await;
                }
                rendered();
            });
        }
    }

    /// The shadow tree shows the state: so does the host.
    pub(crate) fn reflect(&self) {
        self.rendering.set(false);
        if !self.pace.holds() {
            self.focus.mend();
            self.attributes(&self.store.snapshot());
        }
    }

    /// An event of the backend has come, after the state that includes it.
    pub(crate) fn event_came(&self, name: &str, data: JsValue) {
        match name {
            "call_ended" => self.news.borrow_mut().end_came(data),
            "snapshot" => self.news.borrow_mut().snapshot_came(),
            _ => return,
        }
        self.schedule();
    }

    /// A command failed.
    pub(crate) fn failed(&self, failure: &Failure) {
        let detail = Object::new();
        js::set(&detail, "code", &failure.code.as_str().into());
        js::set(&detail, "message", &failure.message.as_str().into());
        element::dispatch_event(&self.host, ERROR, &detail);
    }

    /// Has [`Reflector::flush`] called after everything that renders now.
    pub(crate) fn schedule(&self) {
        if !self.scheduled.replace(true) {
            let _ = self.wake.post_message(&JsValue::NULL);
        }
    }

    /// Reflects the state, which the shadow tree shows by now, and tells of it.
    pub(crate) fn flush(&self) {
        self.scheduled.set(false);
        if self.pace.holds() {
            return; // What is to be told is not shown yet.
        }
        let state = self.store.snapshot();
        self.focus.mend();
        self.attributes(&state);
        if state.connection_status != ConnectionStatus::Disconnected && !self.ready.replace(true) {
            element::dispatch_event(&self.host, READY, &detail(&state));
        }
        if self.state_due.replace(false) {
            element::dispatch_event(&self.host, STATE, &detail(&state));
        }
        let news = self.news.borrow_mut().take();
        // The data of an end comes right after the state, or not at all: of what ended while this tab was away.
        let wake = self.wake.clone();
        let late = move || drop(wake.post_message(&JsValue::NULL));
        *self.late.borrow_mut() = self.news.borrow().is_waiting().then(|| Delay::new(END_DATA, late));
        news.iter().for_each(|item| self.tell_item(item, &state));
    }

    fn attributes(&self, state: &GlobalState) {
        let set = |name: &str, value: Option<&str>| {
            // Who watches the host is told of each setting, also of one to the same.
            if self.host.get_attribute(name).as_deref() != value {
                let _ = match value {
                    Some(value) => self.host.set_attribute(name, value),
                    None => self.host.remove_attribute(name),
                };
            }
        };
        let active = |fact: fn(&Call) -> bool| state.active_call.as_ref().is_some_and(fact).then_some("");
        set("data-connection", Some(state.connection_status.as_str()));
        set("data-phone", Some(state.phone_status.as_str()));
        set("data-operator", Some(state.operator_status.as_str()));
        set("data-call", Some(view::call_attribute(state)));
        set("data-muted", active(|call| call.muted));
        set("data-held", active(|call| call.held));
    }

    fn tell_item(&self, item: &Item, state: &GlobalState) {
        let detail = detail(state);
        js::set(&detail, "call", &js::to_js(&item.call));
        js::set(&detail, "primary", &item.primary.into());
        if item.event == ENDED {
            let of = |field| item.end.as_ref().map_or(JsValue::NULL, |end| js::get(end, field));
            js::set(&detail, "reason", &of("reason"));
            js::set(&detail, "duration", &of("duration"));
            if item.lost {
                // Nothing else would tell the eye that it is not still there.
                self.dispatch.error.set(Some(Failure::call_lost()));
            }
        }
        element::dispatch_event(&self.host, item.event, &detail);
    }
}

/// After the microtasks that are due by now.
async fn next_round() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn detail(state: &GlobalState) -> Object {
    let detail = Object::new();
    js::set(&detail, "state", &js::to_js(state));
    detail
}

impl Drop for Reflector {
    fn drop(&mut self) {
        self.awake.set_onmessage(None);
        self.awake.close();
    }
}
