//! How often a new state is shown: at once, but in a storm of them only so often that the tab has time for its operator.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use protocol::GlobalState;

use crate::browser;
use crate::delay::Delay;

/// So many states are shown as they come; a call from its ring to its end takes some six.
const BURST: f64 = 24.0;
/// So many more a second.
const PER_SECOND: f64 = 10.0;
/// How long a state beyond that waits for a newer one.
const WAIT: Duration = Duration::from_millis(100);

/// Lets states through, or holds the last one back.
pub(crate) struct Pace {
    left: Cell<f64>,
    /// When `left` was right, in milliseconds since 1970.
    at: Cell<f64>,
    held: RefCell<Option<(GlobalState, Delay)>>,
    due: Rc<dyn Fn()>,
}

impl Pace {
    /// Full of patience; calls `due` when it is time for [`Pace::release`].
    pub(crate) fn new(due: impl Fn() + 'static) -> Self {
        Self { left: Cell::new(BURST), at: Cell::new(0.0), held: RefCell::default(), due: Rc::new(due) }
    }

    /// The state, if it is to be shown now. Else it takes the place of the one that is held.
    pub(crate) fn take(&self, state: GlobalState) -> Option<GlobalState> {
        if let Some((held, _)) = &mut *self.held.borrow_mut() {
            *held = state;
            return None;
        }
        let now = browser::now_ms();
        let since = (now - self.at.replace(now)).max(0.0) / 1000.0;
        let left = (self.left.get() + since * PER_SECOND).min(BURST);
        if left >= 1.0 {
            self.left.set(left - 1.0);
            return Some(state);
        }
        self.left.set(left);
        let due = Rc::clone(&self.due);
        *self.held.borrow_mut() = Some((state, Delay::new(WAIT, move || due())));
        None
    }

    /// The state that was held.
    pub(crate) fn release(&self) -> Option<GlobalState> {
        self.held.take().map(|(state, _)| state)
    }

    /// Whether one is held.
    pub(crate) fn holds(&self) -> bool {
        self.held.borrow().is_some()
    }
}
