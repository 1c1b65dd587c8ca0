//! The one timer of a tab: it ticks on the second, and only while a connected call is shown.

use std::time::Duration;

use crate::browser::{self, Listener};
use crate::delay::Delay;
use crate::reactive::{Effect, StoredValue, fact, on_cleanup};
use crate::ui::Ui;

/// Keeps `ui.now` right while there is a call with a start time.
pub(crate) fn run(ui: Ui) {
    let needed = fact(move || ui.store.current_is(|call| call.start_time.is_some()));
    let waiting = StoredValue::new(None::<Delay>);
    Effect::new(move || {
        waiting.set_value(None);
        if needed.get() {
            tick(ui, waiting);
        }
    });
    // Timers of hidden tabs are late: catch up at once when the operator looks.
    let shown = Listener::new(&browser::document(), "visibilitychange", move |_| {
        if needed.get_untracked() {
            ui.now.set(now());
        }
    });
    let shown = StoredValue::new(Some(shown));
    on_cleanup(move || {
        waiting.set_value(None);
        shown.update_value(|listener| *listener = None);
    });
}

/// Unix time in seconds.
pub(crate) fn now() -> u64 {
    (browser::now_ms() / 1000.0) as u64
}

/// Sets the time and comes again just after the next full second, the same in every tab.
fn tick(ui: Ui, waiting: StoredValue<Option<Delay>>) {
    ui.now.set(now());
    let rest = 1000 - browser::now_ms() as u64 % 1000;
    let next = Delay::new(Duration::from_millis(rest + 2), move || tick(ui, waiting));
    waiting.set_value(Some(next));
}
