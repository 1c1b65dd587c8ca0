//! Wall time, injected: call times must be testable.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol::UnixSeconds;

/// Gives the seconds since 1970-01-01 UTC.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixSeconds + Send + Sync>);

impl Clock {
    /// The computer's clock; 0 where it is set before 1970.
    pub fn system() -> Self {
        Self::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }

    /// A clock that reads this function.
    pub fn new(read: impl Fn() -> UnixSeconds + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The time, in Unix seconds.
    pub fn now(&self) -> UnixSeconds {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
