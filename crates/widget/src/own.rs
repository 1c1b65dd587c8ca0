//! The line of a page of the backend's own origin: it starts the worker itself, and again whenever that ends.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{SharedWorker, WorkerOptions};

use crate::browser::{self, Listener};
use crate::delay::Every;
use crate::dispatch::Failure;
use crate::js;
use crate::link::{Link, WorkerEnd};
use crate::retry::Retry;
use crate::trouble::Trouble;
use crate::ui::Ui;
use crate::worker_name::{Living, WorkerName};

/// A worker that has said nothing by then is ending just now, or hangs: nobody will be told of either.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for one that was made as soon as the one before was gone: while a worker ends, a tab may still join it.
const HASTE: Duration = Duration::from_millis(200);
/// How often the line is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// Until the next attempt where only a reload helps, or another backend.
const RARELY: Duration = Duration::from_secs(30);

/// The worker, for as long as the phone is on the page.
pub(crate) struct OwnLine {
    _inner: Rc<Inner>,
    _listeners: Vec<Listener>,
}

struct Inner {
    link: Rc<Link>,
    ui: Ui,
    /// Of the script, without a query.
    url: String,
    /// The build whose worker is wanted: first this page's own.
    bundle: RefCell<String>,
    /// Has a script in the browser's cache: gives a promise.
    fetched: Function,
    /// The worker that the loader has begun, for the first attempt.
    early: RefCell<Option<SharedWorker>>,
    /// Attempts so far: a script that comes for an earlier one is told apart.
    attempts: Cell<u32>,
    started: RefCell<Option<Started>>,
    retry: Retry,
    name: WorkerName,
    /// This attempt began as soon as the worker before was gone.
    hasty: Cell<bool>,
    /// Looks at the line, where nothing tells of all that there is to see.
    look: RefCell<Option<Every>>,
}

struct Started {
    _worker: SharedWorker,
    _failed: Listener,
}

impl OwnLine {
    /// Starts the worker whose script is at this address, or joins it, if `early` is not that; `fetched` has a script in the
    /// browser's cache.
    pub(crate) fn open(link: &Rc<Link>, ui: Ui, url: &str, fetched: Function, early: Option<SharedWorker>) -> Self {
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let bundle = query.strip_prefix("v=").unwrap_or_default();
        let inner = Rc::new(Inner {
            link: Rc::clone(link),
            ui,
            url: url.to_owned(),
            bundle: RefCell::new(bundle.to_owned()),
            fetched,
            early: RefCell::new(early),
            attempts: Cell::new(0),
            started: RefCell::default(),
            retry: Retry::default(),
            name: WorkerName::default(),
            hasty: Cell::new(false),
            look: RefCell::default(),
        });
        link.when_ended(&inner, Inner::ended);
        let on = |target: &web_sys::EventTarget, name, act| Listener::bound(target, name, &inner, act);
        let (window, document) = (browser::window(), browser::document());
        let listeners = vec![
            // The worker was told good-bye when the page went into the browser's memory.
            on(&window, "pageshow", |inner, event| {
                if js::get(event, "persisted").is_truthy() {
                    inner.hurry();
                }
            }),
            on(&window, "online", |inner, _| inner.hurry()),
            on(&window, "pointerdown", |inner, _| inner.hurry()),
            on(&document, "visibilitychange", |inner, _| inner.hurry()),
            // A frozen page must not stand for a tab that could ring, nor have every change kept for it.
            on(&document, "freeze", |inner, _| {
                inner.link.good_bye();
                inner.link.lost();
            }),
            on(&document, "resume", |inner, _| inner.hurry()),
        ];
        inner.start();
        Self { _inner: inner, _listeners: listeners }
    }
}

impl Inner {
    fn start(self: &Rc<Self>) {
        self.link.lost();
        self.retry.begins();
        self.watch();
        let attempt = self.attempts.get() + 1;
        self.attempts.set(attempt);
        let url = self.name.address(&self.url, &self.bundle.borrow());
        let Ok(script) = self.fetched.call1(&JsValue::NULL, &url.as_str().into()) else { return self.failed() };
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            let script = JsFuture::from(Promise::resolve(&script)).await;
            let Some(inner) = weak.upgrade().filter(|inner| inner.attempts.get() == attempt) else { return };
            match script {
                Ok(_) => inner.join(&url),
                // Given up, by the loader: the next attempt has another connection.
                Err(reason) if js::get(&reason, "name") == "AbortError" => inner.in_vain(),
                Err(_) => inner.failed(),
            }
        });
    }

    /// The script is at hand: the worker begins, or is joined.
    fn join(self: &Rc<Self>, url: &str) {
        let worker = self.early.take().map_or_else(|| worker(url, &self.name.get()), Ok);
        match worker.map(|worker| Started::new(worker, Rc::downgrade(self))) {
            Ok(started) => {
                self.link.connect(started._worker.port());
                *self.started.borrow_mut() = Some(started);
                self.retry.after(if self.hasty.get() { HASTE } else { PATIENCE }, self, Inner::check);
                self.gather();
            }
            Err(error) => {
                web_sys::console::error_2(&"SIP phone: the browser refuses the phone's worker.".into(), &error);
                self.failed();
            }
        }
    }

    /// Somebody waits for the line: no more waiting for the next attempt, unless one has just begun.
    fn hurry(self: &Rc<Self>) {
        let under_way = self.link.is_up() && self.retry.has_just_begun();
        if !self.link.is_answered() && !under_way {
            self.retry.forget();
            self.start();
        }
    }

    /// Whether the worker has answered in time.
    fn check(self: &Rc<Self>) {
        if self.link.is_answered() {
            self.name.answered();
            self.hasty.set(false);
            return self.retry.answered();
        }
        if self.hasty.take() {
            return self.start();
        }
        self.in_vain();
    }

    /// Nothing came of this attempt, for no reason that anybody told.
    fn in_vain(self: &Rc<Self>) {
        self.retry.later(self, Inner::start);
        self.living(|inner, living| {
            // Once may be a worker that was just ending.
            if inner.name.unanswered(living) > 1 {
                inner.ui.dispatch.report(Failure::worker_failed());
            }
            if inner.name.gather(living) {
                inner.start();
            }
        });
    }

    /// Has the line looked at where that is of use. Elsewhere locks tell of everything, and an idle tab does nothing.
    fn watch(self: &Rc<Self>) {
        let mut look = self.look.borrow_mut();
        if browser::window().is_secure_context() && self.name.number() == 0 {
            look.take();
        } else if look.is_none() {
            let weak = Rc::downgrade(self);
            *look = Some(Every::new(LOOK, move || weak.upgrade().iter().for_each(Inner::look)));
        }
    }

    fn look(self: &Rc<Self>) {
        self.link.pulse();
        // The one that all share may have come to life meanwhile.
        if self.name.number() > 0 {
            self.gather();
        }
    }

    /// Goes to the worker of the other tabs, if that is another.
    fn gather(self: &Rc<Self>) {
        self.living(|inner, living| {
            if inner.name.gather(living) {
                inner.start();
            }
        });
    }

    fn living(self: &Rc<Self>, act: fn(&Rc<Self>, &Living)) {
        let weak = Rc::downgrade(self);
        Living::look(move |living| weak.upgrade().iter().for_each(|inner| act(inner, &living)));
    }

    fn ended(self: &Rc<Self>, end: WorkerEnd) {
        if self.link.is_answered() {
            self.retry.answered();
        }
        match end {
            WorkerEnd::Gone => {
                self.link.lost();
                self.hasty.set(true);
                self.retry.now(self, Inner::start);
            }
            // No failure of the new line's own.
            WorkerEnd::LateGone => self.start(),
            // It is gone when its lock is free; this is for where there are no locks, or none was taken yet.
            WorkerEnd::Failed => self.retry.later(self, Inner::start),
            WorkerEnd::Outdated(bundle) => {
                self.bundle.replace(bundle);
                self.link.lost();
                self.retry.now(self, Inner::start);
            }
            WorkerEnd::Refused => {
                self.link.lost();
                self.ui.trouble.set(Some(Trouble::Outdated));
                self.retry.after(RARELY, self, Inner::start);
            }
        }
    }

    fn failed(self: &Rc<Self>) {
        self.ui.dispatch.report(Failure::worker_failed());
        self.retry.later(self, Inner::start);
    }
}

impl Started {
    fn new(worker: SharedWorker, inner: Weak<Inner>) -> Self {
        let failed = Listener::new(&worker, "error", move |_| inner.upgrade().iter().for_each(Inner::failed));
        Self { _worker: worker, _failed: failed }
    }
}

fn worker(url: &str, name: &str) -> Result<SharedWorker, JsValue> {
    let options = WorkerOptions::new();
    options.set_name(name);
    SharedWorker::new_with_worker_options(url, &options)
}
