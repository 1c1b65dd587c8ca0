//! The element's surface: what a page may set, read, call and listen to. Names here are the product's contract.
//!
//! **Attributes**: `lang`, `theme`, `server`, `mode`, `position`. `lang` is read here; `theme`, `mode` and `position`
//! are the style sheet's; `server` is the loader's.
//!
//! **Reflected, read-only**: `data-connection`, `data-phone`, `data-operator`, `data-call`; `data-muted`, `data-held`
//! while true. They change only once the shadow tree shows the same state (see `reflect.rs`).
//!
//! **Methods**: `dial`, `answer`, `hangup`, `setStatus`, `hold`, `mute`, `sendDtmf`, `transfer`; the loader turns each
//! into [`command`]. **Property**: `state`.
//!
//! **Events**, bubbling and composed: those of [`EVENTS`].

use js_sys::{Error, Function, Promise};
use js_wire::Js;
use protocol::wire::command::Command;
use protocol::wire::error::ErrorType;
use protocol::{CallId, view};
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, HtmlElement};

use crate::dispatch::{Failure, Outcome};
use crate::js;
use crate::ui::Ui;

/// Every event that the element dispatches.
pub(crate) const EVENTS: [&str; 6] = [
    "sip-phone-ready",
    "sip-phone-state",
    "sip-phone-incoming",
    "sip-phone-connected",
    "sip-phone-ended",
    "sip-phone-error",
];

/// Index of `sip-phone-ready` in [`EVENTS`]: the first state that came from the backend is shown; commands can be sent.
pub(crate) const READY: usize = 0;
/// `sip-phone-state`: a state is shown.
pub(crate) const STATE: usize = 1;
/// `sip-phone-incoming`: a call rings.
pub(crate) const INCOMING: usize = 2;
/// `sip-phone-connected`: a call was answered.
pub(crate) const CONNECTED: usize = 3;
/// `sip-phone-ended`: a call is over.
pub(crate) const ENDED: usize = 4;
/// `sip-phone-error`: a command failed.
pub(crate) const ERROR: usize = 5;

/// Dispatches one of [`EVENTS`].
pub(crate) fn dispatch_event(host: &HtmlElement, event: usize, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(EVENTS[event], &init) {
        let _ = host.dispatch_event(&event);
    }
}

/// Runs a method of the element: its message type and its arguments by name. Rejects with an `Error` that has a `code`.
pub(crate) fn command(ui: Ui, name: &str, payload: &JsValue) -> Promise {
    let parsed = complete(ui, name, payload);
    let mut parsed = Some(parsed);
    Promise::new(&mut |resolve, reject| {
        let done = move |outcome: Outcome| finish(&resolve, &reject, outcome);
        match parsed.take() {
            Some(Ok(command)) => ui.dispatch.send_then(command, Box::new(done)),
            Some(Err(failure)) => {
                ui.dispatch.report(failure.clone());
                done(Err(failure));
            }
            None => {}
        }
    })
}

/// Reads the arguments, and puts in the call that is meant where the caller named none.
fn complete(ui: Ui, name: &str, payload: &JsValue) -> Result<Command, Failure> {
    let meant = || implied_call(ui, name);
    let payload = js_sys::Object::assign(&js_sys::Object::new(), payload.unchecked_ref());
    if js::get(&payload, "callId").is_undefined()
        && let Some(call) = meant()
    {
        js::set(&payload, "callId", &call.as_str().into());
    }
    let about_a_call = matches!(name, "CMD_HOLD" | "CMD_MUTE" | "CMD_DTMF" | "CMD_TRANSFER");
    if about_a_call && js::get(&payload, "callId").is_undefined() {
        return Err(Failure::new(ErrorType::CallNotFound, "there is no call"));
    }
    if name == "CMD_DIAL" && ui.dispatch.is_dialing() {
        return Err(Failure::new(ErrorType::CallAlreadyActive, "a number is being dialled already"));
    }
    let of_number = name == "CMD_DIAL" || !js::get(&payload, "phone").is_undefined();
    Command::read(name, &Js(payload.into()))
        .map_err(|error| Failure { of_number, ..Failure::new(ErrorType::ValidationError, error.into_text()) })
}

/// Which call a method without a `callId` is about: one that rings for an answer, else the active one.
fn implied_call(ui: Ui, name: &str) -> Option<CallId> {
    let state = ui.store.snapshot();
    let call = match name {
        "CMD_ANSWER" => view::ringing(&state),
        "CMD_DIAL" | "CMD_STATUS" => None,
        // In whatever state it is: whether that will do is the backend's to say.
        _ => state.active_call.as_ref(),
    };
    call.map(|call| call.id.clone())
}

fn finish(resolve: &Function, reject: &Function, outcome: Outcome) {
    let _ = match outcome {
        Ok(call) => {
            let id = call.map_or(JsValue::UNDEFINED, |call| call.as_str().into());
            resolve.call1(&JsValue::UNDEFINED, &id)
        }
        Err(failure) => reject.call1(&JsValue::UNDEFINED, &as_error(&failure)),
    };
}

/// The `Error` with a `code` that callers are promised.
pub(crate) fn as_error(failure: &Failure) -> Error {
    let error = Error::new(&failure.message);
    js::set(&error, "code", &failure.code.as_str().into());
    error
}
