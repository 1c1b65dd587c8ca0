//! When a hook fired that reaches the engine by the spool while that runs, and whether it still means anything.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use protocol::UnixSeconds;

use super::watch::Run;

/// The beginning of a run is known to about this, in seconds.
const EXACT: u64 = 2;
/// Where nobody knows which run of MicroSIP it is of, a hook older than this is of an earlier one, in milliseconds.
const TOO_OLD: u64 = 15 * 60 * 1000;

/// The present, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) instant: Instant,
    /// Unix milliseconds.
    pub(super) millis: u64,
}

impl Now {
    /// As the machine's clocks say.
    pub(super) fn read() -> Self {
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        Self { instant: Instant::now(), millis }
    }
}

/// Whether a hook that fired at `at` (Unix milliseconds) is of this run of MicroSIP.
pub(super) fn is_of(run: Option<Run>, at: u64, now: Now) -> bool {
    match run {
        Some(run) => at / 1000 + EXACT >= run.began,
        None => at.saturating_add(TOO_OLD) > now.millis,
    }
}

/// When that was on both clocks: not before the hook that was taken in last, and not after now.
pub(super) fn time_of(at: u64, last: Option<Instant>, now: Now) -> (UnixSeconds, Instant) {
    let ago = Duration::from_millis(now.millis.saturating_sub(at));
    let instant = now.instant.checked_sub(ago).into_iter().chain(last).max().unwrap_or(now.instant).min(now.instant);
    let ago = now.instant.saturating_duration_since(instant).as_millis() as u64;
    (now.millis.saturating_sub(ago) / 1000, instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn now() -> Now {
        Now { instant: Instant::now(), millis: NOW * 1000 }
    }

    #[test]
    fn hooks_of_an_earlier_run_mean_nothing() {
        let run = |ago: u64| Some(Run { began: NOW - ago, pid: 7 });
        for (run, ago, is) in [
            (run(100), 50, true),
            (run(100), 101, true),
            (run(100), 200, false),
            (run(400_000), 300_000, true),
            (None, 60, true),
            (None, 7200, false),
            (None, NOW, false),
        ] {
            assert_eq!(is_of(run, (NOW - ago) * 1000, now()), is, "{run:?} {ago}");
        }
        assert!(is_of(None, u64::MAX, now()));
    }

    #[test]
    fn each_has_its_time_and_none_is_before_the_last() {
        let now = now();
        let last = now.instant.checked_sub(Duration::from_secs(20));
        for (at, expected) in [(NOW - 10, NOW - 10), (NOW - 30, NOW - 20), (0, NOW - 20), (NOW, NOW), (NOW + 9999, NOW)]
        {
            let (at, instant) = time_of(at * 1000, last, now);
            assert_eq!((at, now.instant.duration_since(instant).as_secs()), (expected, NOW - expected));
        }
        assert_eq!(time_of(u64::MAX, None, now), (NOW, now.instant));
    }
}
