//! The line of a page of another origin: a hidden frame of the backend's origin starts the worker, and the page's port goes
//! through it into the worker. From then on the frame only has to live.
//!
//! The frame stands outside of the element: moved with it, it would load again.

mod access;
mod frame;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use protocol::wire::error::ErrorType;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::browser::{self, Listener};
use crate::delay::{Every, after};
use crate::dispatch::Failure;
use crate::js;
use crate::link::{Link, WorkerEnd};
use crate::retry::Retry;
use crate::trouble::Trouble;
use crate::ui::Ui;
use crate::worker_name::{Living, WorkerName};
use access::Access;
use frame::Frame;

/// How often the frame is looked at: nothing tells a page that the process behind its frame has crashed.
const LOOK: Duration = Duration::from_secs(2);
/// A line that is neither up nor refused by then: the browser waits for an answer, or the backend hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// Until the next attempt where only somebody's settings can help: each attempt leaves a line in the console.
const RARELY: Duration = Duration::from_secs(30);

/// The line through the frame, kept up until dropped.
pub(crate) struct Bridge {
    inner: Rc<Inner>,
    _listeners: Vec<Listener>,
    _look: Every,
}

struct Inner {
    base: String,
    link: Rc<Link>,
    ui: Ui,
    frame: RefCell<Option<Frame>>,
    /// Attempts so far: news of an earlier one is told apart.
    attempts: Cell<u32>,
    name: WorkerName,
    /// The page's policy has refused the frame.
    refused: Cell<bool>,
    retry: Retry,
    access: RefCell<Access>,
}

impl Bridge {
    /// Begins to connect with the backend at this origin.
    pub(crate) fn open(link: &Rc<Link>, ui: Ui, base: String) -> Self {
        let inner = Rc::new(Inner {
            base,
            link: Rc::clone(link),
            ui,
            frame: RefCell::default(),
            attempts: Cell::new(0),
            name: WorkerName::default(),
            refused: Cell::new(false),
            retry: Retry::default(),
            access: RefCell::default(),
        });
        let on = |target: &web_sys::EventTarget, name, act| Listener::bound(target, name, &inner, act);
        let (window, document) = (browser::window(), browser::document());
        let listeners = vec![
            on(&window, "message", Inner::message),
            on(&window, "online", |inner, _| inner.again()),
            on(&window, "pagehide", Inner::page_hidden),
            on(&window, "pageshow", |inner, event| {
                if js::get(event, "persisted").is_truthy() {
                    inner.again();
                }
            }),
            on(&document, "freeze", |inner, _| inner.put_away()),
            on(&document, "resume", |inner, _| inner.again()),
            on(&document, "visibilitychange", Inner::seen),
            on(&document, "securitypolicyviolation", Inner::violation),
        ];
        link.when_ended(&inner, Inner::worker_ended);
        let looker = Rc::downgrade(&inner);
        let look = Every::new(LOOK, move || looker.upgrade().iter().for_each(Inner::look));
        let asker = Rc::downgrade(&inner);
        ui.ask.set_value(Some(Box::new(move || asker.upgrade().iter().for_each(Inner::ask))));
        inner.attempt();
        Self { inner, _listeners: listeners, _look: look }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.inner.stop();
    }
}

impl Inner {
    /// Tries to connect, now.
    fn attempt(self: &Rc<Self>) {
        self.stop();
        self.retry.begins();
        let attempt = self.attempts.get() + 1;
        self.attempts.set(attempt);
        let (inner, base, known) = (Rc::downgrade(self), self.base.clone(), self.access.take());
        spawn_local(async move {
            let access = known.ask_browser(&inner).await;
            // What the browser would ask about is not touched before the operator has been told why.
            let closed = access.may_be_closed() && !access::answers_unasked(&base).await;
            let Some(inner) = inner.upgrade() else { return };
            let denied = access.is_denied();
            if inner.attempts.get() != attempt {
                return; // another has begun meanwhile
            }
            inner.access.replace(access);
            match (closed, browser::window().is_secure_context()) {
                (true, true) if denied => inner.failed(Trouble::Denied),
                (true, true) => inner.failed(Trouble::Asks),
                (true, false) => inner.failed(Trouble::Insecure),
                (false, _) => inner.put_frame(),
            }
        });
    }

    /// As [`Inner::attempt`], as if it were the first.
    fn again(self: &Rc<Self>) {
        if !self.is_open() {
            self.retry.forget();
            self.attempt();
        }
    }

    /// The operator has pressed the button: now the browser may ask.
    fn ask(self: &Rc<Self>) {
        let (base, inner) = (self.base.clone(), Rc::downgrade(self));
        spawn_local(async move {
            access::answers(&base).await;
            inner.upgrade().iter().for_each(Inner::again);
        });
    }

    fn put_frame(self: &Rc<Self>) {
        self.refused.set(false);
        let inner = Rc::downgrade(self);
        let loaded = move || {
            // After the bridge's greeting, which may be under way.
            let inner = inner.clone();
            after(Duration::ZERO, move || inner.upgrade().iter().for_each(Inner::check_loaded));
        };
        match Frame::put(&self.base, self.name.number(), loaded) {
            Ok(frame) => *self.frame.borrow_mut() = Some(frame),
            Err(_) => return self.failed(Trouble::Unreachable),
        }
        self.retry.after(PATIENCE, self, |inner| {
            if inner.link.is_answered() {
                inner.name.answered();
            } else {
                if inner.is_open() {
                    inner.name.unanswered(&Living::unknown());
                }
                inner.link.lost();
                inner.failed(Trouble::Unreachable);
            }
        });
    }

    /// The frame's document is there: the bridge, or the browser's own page that says why not.
    fn check_loaded(self: &Rc<Self>) {
        let refused = self.frame.borrow().as_ref().is_some_and(|frame| !frame.is_open() && !frame.is_alive());
        if refused {
            self.stop();
            let (base, inner, attempt) = (self.base.clone(), Rc::downgrade(self), self.attempts.get());
            spawn_local(async move {
                let answers = access::answers(&base).await;
                let Some(inner) = inner.upgrade().filter(|inner| inner.attempts.get() == attempt) else { return };
                let trouble = match (inner.refused.get(), answers) {
                    (true, _) => Trouble::Policy,
                    (false, true) => Trouble::NotAllowed,
                    (false, false) => Trouble::Unreachable,
                };
                inner.failed(trouble);
            });
        }
    }

    fn message(self: &Rc<Self>, event: &JsValue) {
        let source = js::get(event, "source");
        let from_frame = self.frame.borrow().as_ref().is_some_and(|frame| frame.is_window(&source));
        if !from_frame || js::get(event, "origin").as_string().as_deref() != Some(&self.base) {
            return; // somebody else's
        }
        let data = js::get(event, "data");
        match js::get(&data, "type").as_string().as_deref() {
            Some("BRIDGE_READY") => self.ready(),
            // What else it refuses was not said by us.
            Some("ERROR") if js::get(&js::get(&data, "payload"), "error") == "worker_failed" => {
                self.ui.dispatch.report(Failure::worker_failed());
                self.worker_ended(WorkerEnd::Failed);
            }
            Some("WORKER_GONE" | "WORKER_OUTDATED") => self.worker_ended(WorkerEnd::Gone),
            _ => {}
        }
    }

    fn ready(&self) {
        let port = self.frame.borrow().as_ref().and_then(|frame| {
            self.link.lost();
            frame.pass(&self.base, &self.link.introduction(None))
        });
        let Some(port) = port else { return };
        self.link.connect_introduced(port);
        self.ui.trouble.set(None);
    }

    /// The worker is no more. The next frame starts another, of the build that is served now.
    fn worker_ended(self: &Rc<Self>, end: WorkerEnd) {
        if self.link.is_answered() {
            self.retry.answered();
        }
        self.link.lost();
        match end {
            // The frame says when it is gone; this is for where there are no locks.
            WorkerEnd::Failed => self.retry.later(self, Inner::attempt),
            WorkerEnd::Gone | WorkerEnd::LateGone | WorkerEnd::Outdated(_) => {
                self.stop();
                self.retry.now(self, Inner::attempt);
            }
            WorkerEnd::Refused => {
                self.stop();
                self.failed(Trouble::Outdated);
            }
        }
    }

    /// The page goes, perhaps only into the browser's memory: there it must not stand for a tab that could ring.
    fn page_hidden(self: &Rc<Self>, event: &JsValue) {
        if js::get(event, "persisted").is_truthy() {
            self.put_away();
        } else {
            self.link.good_bye();
        }
    }

    /// Nothing runs here until the page comes back.
    fn put_away(self: &Rc<Self>) {
        self.link.good_bye();
        self.attempts.set(self.attempts.get() + 1);
        self.stop();
        self.link.lost();
    }

    fn seen(self: &Rc<Self>, _: &JsValue) {
        self.look();
        if browser::visible()
            && self.ui.trouble.try_with_untracked(|it| it.is_some_and(Trouble::is_settled)) == Some(true)
        {
            self.again();
        }
    }

    /// Sees whether the line holds. A frame that died or was taken away gets a successor.
    fn look(self: &Rc<Self>) {
        let seen = self.frame.borrow().as_ref().map(|frame| (frame.is_open(), frame.is_alive()));
        match seen {
            Some((true, true)) if self.link.is_answered() => {
                self.retry.answered();
                return self.link.pulse();
            }
            Some((true, false)) => {}
            _ => return,
        }
        web_sys::console::warn_1(&"SIP phone: the frame of the phone is gone; starting another.".into());
        self.link.lost();
        self.stop();
        self.retry.now(self, Inner::attempt);
    }

    fn violation(self: &Rc<Self>, event: &JsValue) {
        let of = |name| js::get(event, name).as_string().unwrap_or_default();
        if of("effectiveDirective") == "frame-src" && of("blockedURI").starts_with(&self.base) {
            self.refused.set(true);
        }
    }

    fn failed(self: &Rc<Self>, trouble: Trouble) {
        self.stop();
        if self.ui.trouble.try_get_untracked().flatten() != Some(trouble) {
            let location = browser::window().location();
            // Not every browser has it.
            let around = Some(js::get(&location, "ancestorOrigins")).filter(JsValue::is_object);
            let around = around
                .iter()
                .flat_map(|list| js_sys::Array::from(list).to_vec())
                .filter_map(|origin| origin.as_string());
            let mut pages: Vec<_> = location.origin().ok().into_iter().chain(around).collect();
            pages.dedup();
            web_sys::console::error_1(&trouble.explanation(&self.base, &pages).into());
            if trouble == Trouble::NotAllowed {
                let text = "pages of this origin may not use the phone";
                self.ui.dispatch.tell(&Failure::new(ErrorType::Unauthorized, text));
            }
            self.ui.trouble.set(Some(trouble));
        }
        match trouble.is_settled() {
            true => self.retry.after(RARELY, self, |inner| {
                if browser::visible() {
                    inner.attempt();
                }
            }),
            false => self.retry.later(self, Inner::attempt),
        }
    }

    fn is_open(&self) -> bool {
        self.frame.borrow().as_ref().is_some_and(Frame::is_open)
    }

    fn stop(&self) {
        self.retry.stop();
        self.frame.take();
    }
}
