//! How long to wait before another attempt at a line.

use std::time::Duration;

/// First and longest wait; it doubles.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// The wait after this many attempts that failed before.
pub(crate) fn wait(tries: u32) -> Duration {
    (RETRY.0 * 2u32.saturating_pow(tries.min(16))).min(RETRY.1)
}
