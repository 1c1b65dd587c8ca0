//! What breaks here is reported by the boot script, before the worker ends and another begins.

use std::panic;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Keeps the words for the report; the exception that follows a panic has none.
    #[wasm_bindgen(js_name = sipPhoneFault)]
    fn keep(message: &str);

    /// Ends the worker, once what was sent has arrived.
    #[wasm_bindgen(js_name = sipPhoneEnd)]
    pub(super) fn end();
}

/// From now on, a panic's message and place are kept.
pub(super) fn watch() {
    panic::set_hook(Box::new(|panic| keep(&panic.to_string())));
}

/// In the build for tests of updates and faults: panics when a tab says so.
#[cfg(feature = "next")]
pub(super) fn on_demand(message: &web_sys::MessageEvent) {
    let kind = js_sys::Reflect::get(&message.data(), &"type".into()).unwrap_or_default();
    assert!(kind != "FAULT_PANIC", "a tab asked for a panic");
}
