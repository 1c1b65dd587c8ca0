//! Web Locks: a tab holds one for as long as it lives, so its lock being free means that it is gone, closed or crashed.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::Worker;
use crate::hub::{HubInput, PortId};

#[wasm_bindgen]
extern "C" {
    // web-sys has LockManager only among its unstable APIs.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(name: &str, on_granted: &JsValue) -> Result<js_sys::Promise, JsValue>;
}

/// Reports the port gone as soon as this lock is granted to the worker.
pub(super) fn watch(worker: Worker, port: PortId, lock: &str) {
    // Gives the lock back at once. What fails within would be the lock's failure, and unheard: the work is done behind it.
    let on_granted = Closure::once_into_js(|| {});
    // Without locks (a page without a secure context) tabs are never known to be gone; nothing else is lost. A promise that
    // nobody listens to would take its failure for one of the worker.
    if let Ok(granted) = request_lock(lock, &on_granted) {
        spawn_local(async move {
            if JsFuture::from(granted).await.is_ok() {
                worker.input(HubInput::PortGone(port));
            }
        });
    }
}
