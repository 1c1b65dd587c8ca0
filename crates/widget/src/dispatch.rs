//! Intents on their way: each goes out with a `requestId`, and is pending until the worker answers it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use protocol::CallId;
use protocol::wire::command::{Command, Transfer};
use protocol::wire::error::ErrorType;
use wasm_bindgen::JsValue;

use crate::link::{self, Link};

/// Longest wait for an answer; the worker answers sooner unless it died.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a command failed, or a fault that belongs to none.
#[derive(Clone, PartialEq)]
pub(crate) struct Failure {
    /// An error type of the contract, or one that this build does not know.
    pub(crate) code: String,
    /// For developers, in English; the interface has its own words.
    pub(crate) message: String,
    /// The command carried a number, which is then what was wrong with it.
    pub(crate) of_number: bool,
}

impl Failure {
    /// A failure of a known type.
    pub(crate) fn new(code: ErrorType, message: impl Into<String>) -> Self {
        Self { code: code.as_str().to_owned(), message: message.into(), of_number: false }
    }

    /// What was typed is not a number.
    pub(crate) fn bad_number(message: impl Into<String>) -> Self {
        Self { of_number: true, ..Self::new(ErrorType::ValidationError, message) }
    }
}

/// How a command ended: the id of the call that a dial began, or why not.
pub(crate) type Outcome = Result<Option<CallId>, Failure>;

/// A command on its way, as buttons ask about it.
#[derive(Clone, PartialEq)]
struct InFlight {
    request: u32,
    name: &'static str,
    call: Option<CallId>,
}

struct Waiting {
    request: u32,
    timeout: Option<TimeoutHandle>,
    of_number: bool,
    done: Box<dyn FnOnce(Outcome)>,
}

/// Sends commands and settles them. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Dispatch {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    in_flight: RwSignal<Vec<InFlight>>,
    /// What the error bar shows; the next success clears it.
    pub(crate) error: RwSignal<Option<Failure>>,
}

struct Inner {
    link: Rc<Link>,
    last: Cell<u32>,
    waiting: RefCell<Vec<Waiting>>,
    on_failure: Box<dyn Fn(&Failure)>,
}

impl Dispatch {
    /// Sends with this; `on_failure` hears of every failure.
    pub(crate) fn new(link: Rc<Link>, on_failure: impl Fn(&Failure) + 'static) -> Self {
        let inner = Inner { link, last: Cell::new(0), waiting: RefCell::default(), on_failure: Box::new(on_failure) };
        Self {
            inner: StoredValue::new_local(Rc::new(inner)),
            in_flight: RwSignal::default(),
            error: RwSignal::new(None),
        }
    }

    /// Sends a command; nobody waits for its end but the error bar.
    pub(crate) fn send(self, command: Command) {
        self.send_then(command, Box::new(|_| {}));
    }

    /// Sends a command and calls `done` with what comes of it.
    pub(crate) fn send_then(self, command: Command, done: Box<dyn FnOnce(Outcome)>) {
        let Some(inner) = self.inner.try_get_value() else { return };
        let request = inner.last.get() + 1;
        inner.last.set(request);
        let timeout = set_timeout_with_handle(
            move || self.settle(request, Err(Failure::new(ErrorType::NotConnected, "no answer from the worker"))),
            PATIENCE,
        );
        inner.waiting.borrow_mut().push(Waiting {
            request,
            timeout: timeout.ok(),
            of_number: has_number(&command),
            done,
        });
        self.in_flight.update(|list| {
            list.push(InFlight { request, name: command.name(), call: call_of(&command).cloned() });
        });
        let payload = link::to_js(&command);
        link::set(&payload, "requestId", &request.to_string().into());
        link::set(&payload, "ack", &JsValue::TRUE);
        if !inner.link.send(command.name(), &payload) {
            self.settle(request, Err(Failure::new(ErrorType::NotConnected, "there is no line to the phone's worker")));
        }
    }

    /// Whether such a command for this call is on its way.
    pub(crate) fn pending(self, name: &str, call: Option<&CallId>) -> bool {
        self.in_flight.with(|list| list.iter().any(|it| it.name == name && it.call.as_ref() == call))
    }

    /// The worker took a command.
    pub(crate) fn accepted(self, request_id: &str, call: Option<CallId>) {
        if let Ok(request) = request_id.parse() {
            self.settle(request, Ok(call));
        }
    }

    /// The worker refused a command, or tells of a fault of its own.
    pub(crate) fn failed(self, request_id: Option<&str>, failure: Failure) {
        match request_id.and_then(|id| id.parse().ok()) {
            Some(request) => self.settle(request, Err(failure)),
            None => self.report(failure),
        }
    }

    /// Shows a failure and tells the page of it.
    pub(crate) fn report(self, failure: Failure) {
        self.tell(&failure);
        self.error.set(Some(failure));
    }

    /// Takes a failure of this type off the error bar.
    pub(crate) fn forgive(self, code: ErrorType) {
        if self.error.with_untracked(|error| error.as_ref().is_some_and(|error| error.code == code.as_str())) {
            self.error.set(None);
        }
    }

    /// Tells the page of a failure that the operator sees elsewhere.
    pub(crate) fn tell(self, failure: &Failure) {
        if let Some(inner) = self.inner.try_get_value() {
            (inner.on_failure)(failure);
        }
    }

    /// Ends everything that still waits, as nobody will answer it any more.
    pub(crate) fn abandon(self, why: &str) {
        let requests: Vec<u32> =
            self.inner.with_value(|inner| inner.waiting.borrow().iter().map(|waiting| waiting.request).collect());
        for request in requests {
            self.settle(request, Err(Failure::new(ErrorType::NotConnected, why)));
        }
    }

    fn settle(self, request: u32, mut outcome: Outcome) {
        let Some(inner) = self.inner.try_get_value() else { return };
        let place = inner.waiting.borrow().iter().position(|waiting| waiting.request == request);
        let Some(place) = place else { return }; // answered twice, or too late
        let waiting = inner.waiting.borrow_mut().remove(place);
        if let Some(timeout) = waiting.timeout {
            timeout.clear();
        }
        self.in_flight.update(|list| list.retain(|it| it.request != request));
        if let Err(failure) = &mut outcome {
            failure.of_number = waiting.of_number;
        }
        match &outcome {
            Ok(_) => self.error.set(None),
            Err(failure) => self.report(failure.clone()),
        }
        (waiting.done)(outcome);
    }
}

fn has_number(command: &Command) -> bool {
    matches!(command, Command::Dial(_) | Command::Transfer(Transfer { phone: Some(_), .. }))
}

fn call_of(command: &Command) -> Option<&CallId> {
    match command {
        Command::Answer(of) | Command::Hangup(of) => of.call_id.as_ref(),
        Command::Hold(switch) | Command::Mute(switch) => Some(&switch.call_id),
        Command::Dtmf(dtmf) => Some(&dtmf.call_id),
        Command::Transfer(transfer) => Some(&transfer.call_id),
        Command::Dial(_) | Command::Status(_) => None,
    }
}
