//! The tab's line to the worker: one port, messages `{ type, payload }` both ways.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Object, Reflect};
use protocol::GlobalState;
use protocol::wire::error::ErrorType;
use protocol::wire::port::{Accepted, CommandError, INIT_PORT, Init, TAB_GONE, TAB_REPORT, TabReport, TabRole};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::browser::{self, HeldLock, Listener};

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
    /// `TAB_ROLE`.
    Role(TabRole),
    /// `TAB_PING`.
    Ping,
    /// Nothing any more: the line is broken.
    Lost,
}

type Hearer = Rc<dyn Fn(Heard)>;
type OnMessage = Closure<dyn FnMut(MessageEvent)>;

/// The line. While there is none, nothing can be sent.
#[derive(Default)]
pub(crate) struct Link {
    port: RefCell<Option<MessagePort>>,
    hear: RefCell<Option<Hearer>>,
    on_message: RefCell<Option<OnMessage>>,
    /// The worker knows of this tab; until then messages wait, so that `INIT_PORT` is the first.
    introduced: Cell<bool>,
    waiting: RefCell<Vec<JsValue>>,
    report: Cell<TabReport>,
    /// When the operator used this tab last, in milliseconds since 1970.
    used_at: Cell<Option<f64>>,
    /// The worker has said something since the line is up.
    heard: Cell<bool>,
    /// Told when the worker says that it failed: whoever made the line makes another.
    on_failed: RefCell<Option<Rc<dyn Fn()>>>,
    /// What tells the worker of the tab's end.
    end: RefCell<Option<End>>,
}

/// How the worker learns that the tab is gone.
#[allow(dead_code, reason = "held for what their end does")]
enum End {
    /// A lock, held for the tab's life.
    Lock(HeldLock),
    /// Where there are no locks: a last word when the page goes.
    Word(Listener),
}

impl Link {
    /// A line to nobody yet, that will tell what it hears.
    pub(crate) fn new(hear: impl Fn(Heard) + 'static) -> Rc<Self> {
        let link = Rc::new(Self::default());
        let hear: Hearer = Rc::new(hear);
        let (told, answerer) = (Rc::clone(&hear), Rc::downgrade(&link));
        *link.hear.borrow_mut() = Some(hear);
        *link.on_message.borrow_mut() = Some(Closure::new(move |event: MessageEvent| match read(&event.data()) {
            Some(Heard::Ping) => answerer.upgrade().iter().for_each(|link| link.send_report(link.report.get())),
            Some(message) => {
                let link = answerer.upgrade();
                let failed =
                    matches!(&message, Heard::Failed(error) if error.error == ErrorType::WorkerFailed.as_str());
                if let (Some(link), false) = (&link, failed) {
                    link.heard.set(true);
                }
                told(message);
                let on_failed = link.filter(|_| failed).and_then(|link| link.on_failed.borrow().clone());
                if let Some(on_failed) = on_failed {
                    on_failed();
                }
            }
            None => {}
        }));
        link
    }

    /// Calls this when the worker says that it failed.
    pub(crate) fn when_failed(&self, act: impl Fn() + 'static) {
        *self.on_failed.borrow_mut() = Some(Rc::new(act));
    }

    /// Whether the worker has answered since the line is up.
    pub(crate) fn is_answered(&self) -> bool {
        self.heard.get()
    }

    /// Takes the port of a worker of this page's own origin, and introduces the tab.
    pub(crate) fn connect(self: &Rc<Self>, port: MessagePort) {
        self.take(port);
        // The lock is ours before it is named, else the worker would get it at once and think us gone.
        let name = lock_name();
        let (named, link) = (name.clone(), Rc::clone(self));
        let end = match HeldLock::request(&name, move || link.introduce(Some(named))) {
            Some(lock) => End::Lock(lock),
            None => {
                self.introduce(None);
                self.last_word()
            }
        };
        *self.end.borrow_mut() = Some(end);
    }

    /// Takes a port whose other end goes to the worker with [`Link::introduction`].
    pub(crate) fn connect_introduced(&self, port: MessagePort) {
        self.take(port);
        self.introduced.set(true);
    }

    /// `INIT_PORT`, for a bridge to send along with the port.
    pub(crate) fn introduction(&self, lock: Option<String>) -> JsValue {
        let used = browser::document().has_focus().unwrap_or(false);
        let used_ago = self.used_at.get().map(|at| (browser::now_ms() - at).max(0.0) as u64);
        let tab = TabReport { used, used_ago, ..self.report.get() };
        envelope(INIT_PORT, &to_js(&Init { lock, tab: Some(tab), ..Init::plain() }))
    }

    /// The line is broken: what the worker knew of this tab is no more.
    pub(crate) fn lost(&self) {
        if self.port.borrow().is_some() {
            self.close();
            let hear = self.hear.borrow().clone();
            if let Some(hear) = hear {
                hear(Heard::Lost);
            }
        }
    }

    /// Closes the line.
    pub(crate) fn close(&self) {
        if let Some(port) = self.port.take() {
            port.set_onmessage(None);
            port.close();
        }
        self.end.take();
        self.waiting.take();
        self.introduced.set(false);
        self.heard.set(false);
    }

    /// Ends the line for good.
    pub(crate) fn end(&self) {
        if matches!(*self.end.borrow(), Some(End::Word(_))) {
            self.good_bye();
        }
        self.close();
        self.hear.take();
        self.on_message.take();
        self.on_failed.take();
    }

    /// Says that the tab goes, where no lock says it better.
    pub(crate) fn good_bye(&self) {
        self.send(TAB_GONE, &Object::new());
    }

    /// Sends `{ type, payload }`, in its turn; `false` while there is no line.
    pub(crate) fn send(&self, kind: &str, payload: &JsValue) -> bool {
        let message = envelope(kind, payload);
        if self.introduced.get() {
            return self.post(&message);
        }
        let open = self.port.borrow().is_some();
        if open {
            self.waiting.borrow_mut().push(message);
        }
        open
    }

    /// Remembers that the tab is being used, for a worker yet to come.
    pub(crate) fn note_use(&self) {
        self.used_at.set(Some(browser::now_ms()));
    }

    /// The operator has just used this tab.
    pub(crate) fn used(&self) {
        self.send_report(TabReport { used: true, ..self.report.get() });
    }

    /// What the browser lets this tab do has changed: play sound, show notifications; `None` leaves it as it is.
    pub(crate) fn able(&self, sound: Option<bool>, notices: Option<bool>) {
        let before = self.report.get();
        let now =
            TabReport { sound: sound.unwrap_or(before.sound), notices: notices.unwrap_or(before.notices), ..before };
        if self.report.replace(now) != now {
            self.send_report(now);
        }
    }

    fn send_report(&self, report: TabReport) {
        // Before the introduction there is nothing to correct: it carries the report itself.
        if self.introduced.get() {
            self.post(&envelope(TAB_REPORT, &to_js(&report)));
        }
    }

    fn take(&self, port: MessagePort) {
        self.close();
        if let Some(on_message) = &*self.on_message.borrow() {
            port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        *self.port.borrow_mut() = Some(port);
    }

    fn introduce(&self, lock: Option<String>) {
        self.post(&self.introduction(lock));
        self.introduced.set(true);
        for message in self.waiting.take() {
            self.post(&message);
        }
    }

    fn last_word(self: &Rc<Self>) -> End {
        let link = Rc::downgrade(self);
        End::Word(Listener::new(&browser::window(), "pagehide", move |_| {
            if let Some(link) = link.upgrade() {
                link.good_bye();
            }
        }))
    }

    fn post(&self, message: &JsValue) -> bool {
        // Throws only for what can't be cloned, and payloads are plain data.
        self.port.borrow().as_ref().is_some_and(|port| port.post_message(message).is_ok())
    }
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
        "TAB_ROLE" => parse(payload).map(Heard::Role),
        "TAB_PING" => Some(Heard::Ping),
        _ => None, // of a newer worker
    }
}

fn parse<T: DeserializeOwned>(payload: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(payload)
        .map_err(|error| web_sys::console::error_2(&"SIP phone: a message of another shape".into(), &error.into()))
        .ok()
}
