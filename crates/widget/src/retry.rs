//! Attempts at a line: how many have failed, and when the next one is due.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use crate::browser;
use crate::delay::Delay;

/// First and longest wait after a failure; it doubles.
const WAITS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// An attempt this young, in milliseconds, is given its time.
const JUST_MS: f64 = 1_000.0;
/// A line that held this long, in milliseconds, has proved itself: its end counts as the first failure.
const PROVED_MS: f64 = 2_000.0;

/// The next thing to do about a line, and the failures behind it.
#[derive(Default)]
pub(crate) struct Retry {
    failures: Cell<u32>,
    /// When this line was begun, in milliseconds since 1970.
    began: Cell<f64>,
    /// It has been answered.
    answered: Cell<bool>,
    /// That it failed is counted already.
    counted: Cell<bool>,
    next: RefCell<Option<Delay>>,
}

impl Retry {
    /// A line begins; whatever was to be done is done by that.
    pub(crate) fn begins(&self) {
        self.began.set(browser::now_ms());
        self.answered.set(false);
        self.counted.set(false);
        self.stop();
    }

    /// An attempt began a moment ago.
    pub(crate) fn has_just_begun(&self) -> bool {
        browser::now_ms() - self.began.get() < JUST_MS
    }

    /// The line is answered: there is nothing more to do about it.
    pub(crate) fn answered(&self) {
        self.answered.set(true);
        self.stop();
    }

    /// Does this after a while, instead of whatever was to be done.
    pub(crate) fn after<T: 'static>(&self, wait: Duration, of: &Rc<T>, act: fn(&Rc<T>)) {
        let weak = Rc::downgrade(of);
        let delay = Delay::new(wait, move || weak.upgrade().iter().for_each(act));
        *self.next.borrow_mut() = Some(delay);
    }

    /// The line failed: tries again, the later the more of them have failed.
    pub(crate) fn later<T: 'static>(&self, of: &Rc<T>, act: fn(&Rc<T>)) {
        let before = self.count();
        self.after((WAITS.0 * 2u32.saturating_pow(before.min(16))).min(WAITS.1), of, act);
    }

    /// The line broke and can be mended now: the first time this is done at once.
    pub(crate) fn now<T: 'static>(&self, of: &Rc<T>, act: fn(&Rc<T>)) {
        if self.count() > 0 {
            return self.later(of, act);
        }
        // Not by a timer: hidden tabs have theirs late.
        self.stop();
        act(of);
    }

    /// Nothing is to be done any more.
    pub(crate) fn stop(&self) {
        self.next.take();
    }

    /// What has failed so far is forgotten.
    pub(crate) fn forget(&self) {
        self.failures.set(0);
        self.counted.set(false);
    }

    /// Counts this line's failure, once; gives how many there were before it.
    fn count(&self) -> u32 {
        let proved = self.answered.get() && browser::now_ms() - self.began.get() >= PROVED_MS;
        if !self.counted.replace(true) {
            self.failures.set(if proved { 1 } else { self.failures.get() + 1 });
        }
        self.failures.get().saturating_sub(1)
    }
}
