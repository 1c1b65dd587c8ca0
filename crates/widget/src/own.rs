//! The line of a page of the backend's own origin: it starts the worker itself, and again should that fail.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use protocol::wire::error::ErrorType;
use wasm_bindgen::JsValue;
use web_sys::{SharedWorker, WorkerOptions};

use crate::browser::{self, Listener};
use crate::dispatch::Failure;
use crate::link::{self, Link};
use crate::retry;
use crate::ui::Ui;

/// A worker that has said nothing by then is ending just now, or hangs: nobody will be told of either.
const PATIENCE: Duration = Duration::from_secs(10);

/// The worker, for as long as the phone is on the page.
pub(crate) struct OwnLine {
    inner: Rc<Inner>,
    _back: Listener,
}

struct Inner {
    link: Rc<Link>,
    ui: Ui,
    url: String,
    started: RefCell<Option<Started>>,
    tries: Cell<u32>,
    next: RefCell<Option<TimeoutHandle>>,
}

struct Started {
    _worker: SharedWorker,
    _failed: Listener,
}

impl OwnLine {
    /// Starts the worker at this address, or joins it.
    pub(crate) fn open(link: &Rc<Link>, ui: Ui, url: String) -> Self {
        let inner = Rc::new(Inner {
            link: Rc::clone(link),
            ui,
            url,
            started: RefCell::default(),
            tries: Cell::new(0),
            next: RefCell::default(),
        });
        let weak = Rc::downgrade(&inner);
        link.when_failed(move || weak.upgrade().iter().for_each(Inner::failed));
        let weak = Rc::downgrade(&inner);
        // The worker was told good-bye when the page went into the browser's memory.
        let back = Listener::new(&browser::window(), "pageshow", move |event| {
            if link::get(&event, "persisted").is_truthy() {
                weak.upgrade().iter().for_each(Inner::start);
            }
        });
        inner.start();
        Self { inner, _back: back }
    }
}

impl Drop for OwnLine {
    fn drop(&mut self) {
        if let Some(next) = self.inner.next.take() {
            next.clear();
        }
    }
}

impl Inner {
    fn start(self: &Rc<Self>) {
        self.link.lost();
        let weak = Rc::downgrade(self);
        match start(&self.url, weak) {
            Ok(started) => {
                self.link.connect(started._worker.port());
                *self.started.borrow_mut() = Some(started);
                self.do_next(PATIENCE, |inner| {
                    if !inner.link.is_answered() {
                        inner.report();
                        inner.failed();
                    }
                });
            }
            Err(error) => {
                web_sys::console::error_2(&"SIP phone: the browser refuses the phone's worker.".into(), &error);
                self.report();
                self.failed();
            }
        }
    }

    /// The worker could not be started: its wasm did not come, say. It ends itself then, so that the next one begins afresh.
    fn failed(self: &Rc<Self>) {
        if self.link.is_answered() {
            self.tries.set(0);
        }
        let wait = retry::wait(self.tries.get());
        self.tries.set(self.tries.get() + 1);
        self.do_next(wait, Inner::start);
    }

    fn do_next(self: &Rc<Self>, wait: Duration, act: fn(&Rc<Self>)) {
        let weak = Rc::downgrade(self);
        let next = set_timeout_with_handle(move || weak.upgrade().iter().for_each(act), wait);
        if let Some(before) = self.next.replace(next.ok()) {
            before.clear();
        }
    }

    fn report(&self) {
        self.ui.dispatch.report(Failure::new(ErrorType::WorkerFailed, "the phone's worker could not be started"));
    }
}

fn start(url: &str, inner: Weak<Inner>) -> Result<Started, JsValue> {
    let options = WorkerOptions::new();
    options.set_name("sip-phone");
    let worker = SharedWorker::new_with_worker_options(url, &options)?;
    let failed = Listener::new(&worker, "error", move |_| {
        if let Some(inner) = inner.upgrade() {
            inner.report();
            inner.failed();
        }
    });
    Ok(Started { _worker: worker, _failed: failed })
}
