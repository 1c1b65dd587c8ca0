//! Web Locks: the one way to learn of another's end, whichever way that comes.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::browser;
use crate::js;

/// A lock, held until dropped or until the page's end.
pub(crate) struct HeldLock {
    release: Function,
}

impl HeldLock {
    /// Asks for the lock and calls `held` once it is ours; `None` where the browser has no locks (an insecure origin).
    pub(crate) fn request(name: &str, held: impl FnOnce() + 'static) -> Option<Self> {
        let mut release = JsValue::UNDEFINED;
        let until = Promise::new(&mut |resolve, _| release = resolve.into());
        // Frees itself when called, also if that is after the drop: the lock then ends at once.
        let granted = Closure::once_into_js(move || {
            held();
            until
        });
        request(name, "exclusive", &granted)?;
        Some(Self { release: release.unchecked_into() })
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Calls this when whoever holds the lock is gone.
pub(crate) fn when_free(name: &str, act: impl FnOnce() + 'static) {
    // What it gives back ends the lock at once: others wait for the same.
    let granted = Closure::once_into_js(act);
    // Shared among those who wait: else one whose page stands still would hold up all behind it.
    request(name, "shared", &granted);
}

/// Calls this with the names of all locks that are held in this origin; with none where the browser has no locks.
pub(crate) fn held(act: impl FnOnce(Vec<String>) + 'static) {
    spawn_local(async move {
        let query =
            manager().and_then(|locks| js::get(&locks, "query").dyn_into::<Function>().ok()?.call0(&locks).ok());
        let answer = match query.map(Promise::from) {
            Some(answer) => JsFuture::from(answer).await.unwrap_or_default(),
            None => JsValue::UNDEFINED,
        };
        let held = js::get(&answer, "held");
        let held = if held.is_object() { Array::from(&held) } else { Array::new() };
        act(held.iter().filter_map(|lock| js::get(&lock, "name").as_string()).collect());
    });
}

fn manager() -> Option<JsValue> {
    Some(js::get(&browser::window().navigator(), "locks")).filter(JsValue::is_object)
}

fn request(name: &str, mode: &str, granted: &JsValue) -> Option<()> {
    let locks = manager()?;
    let request: Function = js::get(&locks, "request").dyn_into().ok()?;
    let options = js_sys::Object::new();
    js::set(&options, "mode", &mode.into());
    request.call3(&locks, &name.into(), &options, granted).ok().map(drop)
}
