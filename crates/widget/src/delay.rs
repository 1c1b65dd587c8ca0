//! Something that is done later, unless its owner is gone by then.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::set_timeout_with_handle;

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
