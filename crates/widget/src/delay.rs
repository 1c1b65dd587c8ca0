//! Something that is done later, or again and again, unless its owner is gone by then.

use std::time::Duration;

use leptos::leptos_dom::helpers::{IntervalHandle, TimeoutHandle};
use leptos::prelude::{set_interval_with_handle, set_timeout_with_handle};

/// A timer that is cleared when dropped.
pub(crate) struct Delay(Option<TimeoutHandle>);

impl Delay {
    /// Acts once after this time.
    pub(crate) fn new(wait: Duration, act: impl FnOnce() + 'static) -> Self {
        Self(set_timeout_with_handle(act, wait).ok())
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.clear();
        }
    }
}

/// A timer that fires again and again until dropped.
pub(crate) struct Every(Option<IntervalHandle>);

impl Every {
    /// Acts after this time, and after it once more, and so on.
    pub(crate) fn new(pause: Duration, act: impl Fn() + 'static) -> Self {
        Self(set_interval_with_handle(act, pause).ok())
    }
}

impl Drop for Every {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.clear();
        }
    }
}
