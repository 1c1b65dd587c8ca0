//! Intents on their way: each goes out with a `requestId`, and is pending until the worker answers it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use protocol::wire::command::{Command, Transfer};
use protocol::wire::error::ErrorType;
use protocol::wire::rest::COMMAND_MS;
use protocol::{Call, CallId};
use wasm_bindgen::JsValue;

use crate::browser;
use crate::delay::Delay;
use crate::js;
use crate::link::Link;
use crate::reactive::{RwSignal, StoredValue, untrack};

/// The message type of a dial.
const DIAL: &str = "CMD_DIAL";
/// Longest wait for an answer: the worker gives a command up sooner, also one that a worker before it was given.
const PATIENCE: Duration = Duration::from_millis(COMMAND_MS + 4_000);

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

    /// The worker could not be started, or broke.
    pub(crate) fn worker_failed() -> Self {
        Self::new(ErrorType::WorkerFailed, "the phone's worker has failed; it is being started again")
    }

    /// A call is over, and nobody was there to say why.
    pub(crate) fn call_lost() -> Self {
        Self {
            code: "call_lost".to_owned(),
            message: "the call ended while the connection was lost".to_owned(),
            of_number: false,
        }
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
    name: &'static str,
    payload: JsValue,
    /// In milliseconds since 1970.
    sent_at: f64,
    /// The worker that had it is gone.
    lost: bool,
    _timeout: Delay,
    of_number: bool,
    done: Box<dyn FnOnce(Outcome)>,
}

/// Sends commands and settles them. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Dispatch {
    inner: StoredValue<Rc<Inner>>,
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
            inner: StoredValue::new(Rc::new(inner)),
            in_flight: RwSignal::new(Vec::new()),
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
        let late = Failure::new(ErrorType::OutcomeUnknown, "no answer from the worker");
        let payload = js::to_js(&command);
        js::set(&payload, "requestId", &request.to_string().into());
        js::set(&payload, "ack", &JsValue::TRUE);
        js::set(&payload, "key", &browser::unique("").into());
        let name = command.name();
        inner.waiting.borrow_mut().push(Waiting {
            request,
            name,
            payload: payload.clone(),
            sent_at: browser::now_ms(),
            lost: false,
            _timeout: Delay::new(PATIENCE, move || self.settle(request, Err(late))),
            of_number: has_number(&command),
            done,
        });
        self.in_flight.update(|list| list.push(InFlight { request, name, call: call_of(&command).cloned() }));
        if !inner.link.send(name, &payload) {
            self.settle(request, Err(Failure::new(ErrorType::NotConnected, "there is no line to the phone's worker")));
        }
    }

    /// The worker is gone that had the commands which still wait: another shall be given them.
    pub(crate) fn line_lost(self) {
        if let Some(inner) = self.inner.try_get_value() {
            inner.waiting.borrow_mut().iter_mut().for_each(|waiting| waiting.lost = true);
        }
    }

    /// There is another worker: gives it what the one before was given. The command's key keeps it from being done twice.
    pub(crate) fn repeat(self) {
        let Some(inner) = self.inner.try_get_value() else { return };
        for waiting in inner.waiting.borrow_mut().iter_mut().filter(|waiting| waiting.lost) {
            let age = (browser::now_ms() - waiting.sent_at).max(0.0).floor();
            js::set(&waiting.payload, "again", &age.into());
            waiting.lost = !inner.link.send(waiting.name, &waiting.payload);
        }
    }

    /// Whether such a command for this call is on its way.
    pub(crate) fn pending(self, name: &str, call: Option<&CallId>) -> bool {
        self.in_flight.with(|list| list.iter().any(|it| it.name == name && it.call.as_ref() == call))
    }

    /// Whether a number is on its way to being dialled; asked when somebody wants another.
    pub(crate) fn is_dialing(self) -> bool {
        untrack(|| self.pending(DIAL, None))
    }

    /// This call has begun: a dial of its number has had its effect, and whoever waits for it need not wait for its answer,
    /// which may have been lost and take its time.
    pub(crate) fn dialled(self, call: &Call) {
        let Some(inner) = self.inner.try_get_value() else { return };
        let phone = JsValue::from(call.phone_number.as_str());
        let is_it = |it: &Waiting| it.name == DIAL && js::get(&it.payload, "phone") == phone;
        let request = inner.waiting.borrow().iter().find(|it| is_it(it)).map(|it| it.request);
        if let Some(request) = request {
            self.settle(request, Ok(Some(call.id.clone())));
        }
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
