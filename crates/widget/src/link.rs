//! The tab's line to the worker: one port, messages `{ type, payload }` both ways.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Object;
use protocol::GlobalState;
use protocol::wire::error::ErrorType;
use protocol::wire::fields::Read;
use protocol::wire::port::{
    Accepted, CommandError, INIT_PORT, Init, TAB_GONE, TAB_REPORT, TabReport, TabRole, WorkerLock, WorkerOutdated,
};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::browser::{self, Listener};
use crate::js::{get, set, to_js};
use crate::locks::{self, HeldLock};

/// How long a worker may take to say that it lives, and how often it is asked.
const ANSWER_MS: f64 = 4_000.0;

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
    /// Nothing any more: the line is broken.
    Lost,
}

/// The end of a worker, or of its use to this tab, for who made the line and can make another.
pub(crate) enum WorkerEnd {
    /// It is gone: its process crashed, say.
    Gone,
    /// The one before it is gone only now: what was joined since, and has not answered, was still that one.
    LateGone,
    /// It says that it failed, and ends.
    Failed,
    /// It ends in favour of this build's.
    Outdated(String),
    /// It does not speak this tab's version.
    Refused,
}

/// A message of the worker.
enum Message {
    ToTab(Heard),
    Ping,
    Lock(String),
    End(WorkerEnd, Option<Heard>),
}

type Hearer = Rc<dyn Fn(Heard)>;
type OnMessage = Closure<dyn FnMut(MessageEvent)>;
type OnEnd = Rc<dyn Fn(WorkerEnd)>;

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
    /// When the worker was asked last whether it lives, in milliseconds since 1970; and that it has not answered.
    asked_at: Cell<Option<f64>>,
    asked: Cell<bool>,
    /// Told of the worker's end.
    on_end: RefCell<Option<OnEnd>>,
    /// Lines so far: what was waited for on an earlier one no longer counts.
    lines: Cell<u32>,
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
        *link.hear.borrow_mut() = Some(Rc::new(hear));
        let weak = Rc::downgrade(&link);
        *link.on_message.borrow_mut() = Some(Closure::new(move |event: MessageEvent| {
            if let (Some(link), Some(message)) = (weak.upgrade(), read(&event.data())) {
                link.take_in(message);
            }
        }));
        link
    }

    /// Calls this at the worker's end, with the line still up.
    pub(crate) fn when_ended<T: 'static>(&self, of: &Rc<T>, act: fn(&Rc<T>, WorkerEnd)) {
        let weak = Rc::downgrade(of);
        *self.on_end.borrow_mut() = Some(Rc::new(move |end| {
            if let Some(of) = weak.upgrade() {
                act(&of, end);
            }
        }));
    }

    fn take_in(self: &Rc<Self>, message: Message) {
        self.asked.set(false);
        match message {
            Message::ToTab(heard) => {
                self.heard.set(true);
                self.tell(heard);
            }
            Message::Ping => self.send_report(self.report.get()),
            Message::Lock(name) => {
                let (weak, line) = (Rc::downgrade(self), self.lines.get());
                locks::when_free(&name, move || {
                    let Some(link) = weak.upgrade() else { return };
                    if link.lines.get() == line {
                        link.ended(WorkerEnd::Gone);
                    } else if link.is_up() && !link.is_answered() {
                        link.ended(WorkerEnd::LateGone);
                    }
                });
            }
            Message::End(end, heard) => {
                heard.into_iter().for_each(|heard| self.tell(heard));
                self.ended(end);
            }
        }
    }

    fn tell(&self, heard: Heard) {
        let hear = self.hear.borrow().clone();
        if let Some(hear) = hear {
            hear(heard);
        }
    }

    fn ended(&self, end: WorkerEnd) {
        let on_end = self.on_end.borrow().clone();
        if let Some(on_end) = on_end {
            on_end(end);
        }
    }

    /// Whether there is a line, answered or not.
    pub(crate) fn is_up(&self) -> bool {
        self.port.borrow().is_some()
    }

    /// Whether the worker has answered since the line is up.
    pub(crate) fn is_answered(&self) -> bool {
        self.heard.get()
    }

    /// Takes the port of a worker of this page's own origin, and introduces the tab.
    pub(crate) fn connect(self: &Rc<Self>, port: MessagePort) {
        self.take(port);
        // The lock is ours before it is named, else the worker would get it at once and think us gone.
        let name = browser::unique("sip-phone-tab-");
        let (named, link, line) = (name.clone(), Rc::clone(self), self.lines.get());
        let introduce = move || {
            // The lock of an earlier line may be granted late; it ends at once.
            if link.lines.get() == line {
                link.introduce(Some(named));
            }
        };
        let end = match HeldLock::request(&name, introduce) {
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
            if matches!(*self.end.borrow(), Some(End::Word(_))) {
                self.good_bye();
            }
            self.close();
            self.tell(Heard::Lost);
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
        self.asked_at.set(None);
        self.asked.set(false);
    }

    /// Ends the line for good.
    pub(crate) fn end(&self) {
        if matches!(*self.end.borrow(), Some(End::Word(_))) {
            self.good_bye();
        }
        self.close();
        self.hear.take();
        self.on_message.take();
        self.on_end.take();
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

    /// The operator has just used this tab. It is remembered for a worker yet to come; `tell` the one that there is.
    pub(crate) fn used(&self, tell: bool) {
        self.used_at.set(Some(browser::now_ms()));
        if tell {
            self.send_report(TabReport { used: true, ..self.report.get() });
        }
    }

    /// The browser has found a network again.
    pub(crate) fn online(&self) {
        self.send_report(TabReport { online: true, ..self.report.get() });
    }

    /// What the browser lets this tab do: play sound, show notifications.
    pub(crate) fn able(&self, sound: bool, notices: bool) {
        let now = TabReport { sound, notices, ..self.report.get() };
        if self.report.replace(now) != now {
            self.send_report(now);
        }
    }

    /// To be called from time to time: asks the worker whether it lives, where no lock tells of its end.
    pub(crate) fn pulse(&self) {
        if !self.introduced.get() || browser::window().is_secure_context() {
            return;
        }
        let now = browser::now_ms();
        match (self.asked_at.get(), self.asked.get()) {
            (Some(at), _) if now - at < ANSWER_MS => {}
            (_, false) => {
                self.asked_at.set(Some(now));
                self.asked.set(true);
                self.send_report(self.report.get());
            }
            (_, true) => self.ended(WorkerEnd::Gone),
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
        self.lines.set(self.lines.get() + 1);
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

/// A message of the port.
pub(crate) fn envelope(kind: &str, payload: &JsValue) -> JsValue {
    let message = Object::new();
    set(&message, "type", &kind.into());
    set(&message, "payload", payload);
    message.into()
}

fn read(message: &JsValue) -> Option<Message> {
    let payload = get(message, "payload");
    let heard = match get(message, "type").as_string()?.as_str() {
        "SYNC_STATE" => parse(payload).map(Heard::State),
        "SSE_EVENT" => Some(Heard::Event(get(&payload, "event").as_string()?, get(&payload, "data"))),
        "ERROR" => return parse(payload).map(read_error),
        "ACCEPTED" => parse(payload).map(Heard::Accepted),
        "TAB_ROLE" => parse(payload).map(Heard::Role),
        "TAB_PING" => return Some(Message::Ping),
        "WORKER_LOCK" => return parse(payload).map(|WorkerLock { lock }| Message::Lock(lock)),
        "WORKER_OUTDATED" => return parse(payload).map(read_outdated),
        _ => None, // of a newer worker
    };
    heard.map(Message::ToTab)
}

fn read_error(error: CommandError) -> Message {
    let is = |kind: ErrorType| error.error == kind.as_str();
    if is(ErrorType::WorkerFailed) {
        Message::End(WorkerEnd::Failed, Some(Heard::Failed(error)))
    } else if is(ErrorType::UnsupportedProtocol) {
        Message::End(WorkerEnd::Refused, None)
    } else {
        Message::ToTab(Heard::Failed(error))
    }
}

fn read_outdated(WorkerOutdated { bundle }: WorkerOutdated) -> Message {
    Message::End(WorkerEnd::Outdated(bundle), None)
}

fn parse<T: Read>(payload: JsValue) -> Option<T> {
    js_wire::read(payload)
        .map_err(|error| {
            web_sys::console::error_2(&"SIP phone: a message of another shape".into(), &error.into_text().into());
        })
        .ok()
}
