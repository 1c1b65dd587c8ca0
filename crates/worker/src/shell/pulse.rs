//! Notices that the machine has slept, and that the hub has broken off in the midst of its work.

use std::cell::Cell;

use wasm_bindgen::prelude::*;

use super::Worker;
use crate::hub::HubInput;

/// How often the clock is looked at, in milliseconds.
const PULSE_MS: i32 = 2_000;
/// A look that comes this late was not held up by work: nothing ran here meanwhile.
const SLEPT_MS: f64 = 6_000.0;

/// Watches for the worker's life.
pub(super) fn watch(worker: &Worker) {
    // The clock on the wall: the steady one stands still in some sleeps. That somebody sets it costs a new stream, no more.
    let (last, woke) = (Cell::new(js_sys::Date::now()), worker.clone());
    let pulse = Closure::<dyn FnMut()>::new(move || {
        // Nothing else can run while it works. Whatever has swallowed the reason, this is heard, and another worker begins.
        assert!(!woke.0.busy.get(), "the hub has broken off in the midst of its work");
        let now = js_sys::Date::now();
        if now - last.replace(now) > SLEPT_MS {
            woke.input(HubInput::Woke);
        }
    });
    // Fails for no callback.
    let _ =
        worker.0.scope.set_interval_with_callback_and_timeout_and_arguments_0(pulse.as_ref().unchecked_ref(), PULSE_MS);
    pulse.forget();
}
