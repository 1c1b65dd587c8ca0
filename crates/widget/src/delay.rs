//! Something that is done later, or again and again, unless its owner is gone by then.

use std::time::Duration;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::browser::{Callback, callback, window};

/// A timer that is cleared when dropped.
pub(crate) struct Delay {
    timer: i32,
    _act: Callback,
}

impl Delay {
    /// Acts once after this time.
    pub(crate) fn new(wait: Duration, act: impl FnOnce() + 'static) -> Self {
        let act = once(Box::new(act));
        let timer = window().set_timeout_with_callback_and_timeout_and_arguments_0(function(&act), millis(wait));
        Self { timer: timer.unwrap_or_default(), _act: act }
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.timer);
    }
}

/// A timer that fires again and again until dropped.
pub(crate) struct Every {
    timer: i32,
    _act: Callback,
}

impl Every {
    /// Acts after this time, and after it once more, and so on.
    pub(crate) fn new(pause: Duration, act: impl Fn() + 'static) -> Self {
        let act = callback(Box::new(move |_: JsValue| act()));
        let timer = window().set_interval_with_callback_and_timeout_and_arguments_0(function(&act), millis(pause));
        Self { timer: timer.unwrap_or_default(), _act: act }
    }
}

impl Drop for Every {
    fn drop(&mut self) {
        // Timers and intervals are one list.
        window().clear_timeout_with_handle(self.timer);
    }
}

/// Acts once after this time, whoever is gone by then.
pub(crate) fn after(wait: Duration, act: impl FnOnce() + 'static) {
    let act = once(Box::new(act)).into_js_value();
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), millis(wait));
}

/// Acts before the browser draws next.
pub(crate) fn in_frame(act: impl FnOnce() + 'static) {
    let _ = window().request_animation_frame(once(Box::new(act)).into_js_value().unchecked_ref());
}

/// Acts right after what runs now.
pub(crate) fn in_microtask(act: impl FnOnce() + 'static) {
    window().queue_microtask(once(Box::new(act)).into_js_value().unchecked_ref());
}

fn once(act: Box<dyn FnOnce()>) -> Callback {
    let mut act = Some(act);
    callback(Box::new(move |_: JsValue| act.take().into_iter().for_each(|act| act())))
}

fn function(callback: &Callback) -> &Function {
    callback.as_ref().unchecked_ref()
}

fn millis(time: Duration) -> i32 {
    // Not in one: that would be arithmetic of 128 bits.
    time.as_secs() as i32 * 1000 + time.subsec_millis() as i32
}
