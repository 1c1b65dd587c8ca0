//! The hub's one timer.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use super::Worker;
use crate::hub::HubInput;

/// A timer that is set, or none.
#[derive(Default)]
pub(super) struct Timer {
    running: RefCell<Option<Running>>,
}

struct Running {
    handle: i32,
    _on_time: Closure<dyn FnMut()>,
}

impl Timer {
    /// Ticks once after so many milliseconds, and no more at any time set before.
    pub(super) fn set(&self, worker: &Worker, delay_ms: Option<u64>) {
        let scope = &worker.0.scope;
        if let Some(Running { handle, .. }) = self.running.borrow_mut().take() {
            scope.clear_timeout_with_handle(handle);
        }
        let Some(delay) = delay_ms else { return };
        let on_time = {
            let worker = worker.clone();
            Closure::<dyn FnMut()>::new(move || worker.input(HubInput::Tick))
        };
        let delay = i32::try_from(delay).unwrap_or(i32::MAX);
        if let Ok(handle) =
            scope.set_timeout_with_callback_and_timeout_and_arguments_0(on_time.as_ref().unchecked_ref(), delay)
        {
            *self.running.borrow_mut() = Some(Running { handle, _on_time: on_time });
        }
    }
}
