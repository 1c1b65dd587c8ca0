//! How much may be asked of the backend: each worker with a stream has a measure of its own, so that a page or program that
//! calls the API in a loop can't keep the operator's clicks out.
//!
//! [`Buckets`] has no clock: the time is an argument, counted from the backend's start.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Most streams of clients that are no workers, and of workers that already have a good many, unless set otherwise.
pub const MAX_STREAMS: usize = 1024;
/// Most streams of workers, apart from those: what programs open leaves room for the operator.
pub const MAX_WORKER_STREAMS: usize = 128;
/// Most workers that have a bucket of their own; as many as take part in the choice among workers.
const MAX_WORKERS: usize = 64;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A command to the phone.
    Command,
    /// A look at state, history, metrics.
    Read,
    /// A worker's report of its own fault.
    Fault,
}

/// So many requests at once, and then one every so often.
#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: u32,
    every: Duration,
}

/// More than several tabs may ask of their worker, which measures out each of them: one that loops leaves room for the others.
const WORKER: Rate = Rate { burst: 250, every: Duration::from_millis(10) };
const COMMANDS: Rate = Rate { burst: 200, every: Duration::from_millis(20) };
const READS: Rate = Rate { burst: 1000, every: Duration::from_millis(5) };
const FAULTS: Rate = Rate { burst: 10, every: Duration::from_secs(1) };

/// A bucket of tokens, by the time at which it is full again.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    full_at: Duration,
}

impl Bucket {
    /// Takes a token.
    ///
    /// # Errors
    /// There is none: one comes after this time.
    fn take(&mut self, rate: Rate, now: Duration) -> Result<(), Duration> {
        let full_at = self.full_at.max(now) + rate.every;
        let wait = full_at.saturating_sub(now + rate.every * rate.burst);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.full_at = full_at;
        Ok(())
    }
}

/// What each has left.
#[derive(Debug, Default)]
pub struct Buckets {
    workers: BTreeMap<String, Bucket>,
    commands: Bucket,
    reads: Bucket,
    faults: Bucket,
}

impl Buckets {
    /// A request comes, of this worker if it is one with a stream.
    ///
    /// # Errors
    /// It is one too many: the next may come after this time.
    pub fn take(&mut self, kind: Kind, worker: Option<&str>, now: Duration) -> Result<(), Duration> {
        if let Some(bucket) = worker.filter(|_| kind != Kind::Fault).and_then(|name| self.of_worker(name, now)) {
            return bucket.take(WORKER, now);
        }
        match kind {
            Kind::Command => self.commands.take(COMMANDS, now),
            Kind::Read => self.reads.take(READS, now),
            Kind::Fault => self.faults.take(FAULTS, now),
        }
    }

    fn of_worker(&mut self, name: &str, now: Duration) -> Option<&mut Bucket> {
        if !self.workers.contains_key(name) {
            // One that is full again is like one that was never there.
            self.workers.retain(|_, bucket| bucket.full_at > now);
            if self.workers.len() >= MAX_WORKERS {
                return None;
            }
        }
        Some(self.workers.entry(name.to_owned()).or_default())
    }
}

/// The limits of one backend, and its clock.
#[derive(Debug)]
pub struct Limits {
    buckets: Mutex<Buckets>,
    streams: Arc<Semaphore>,
    worker_streams: Arc<Semaphore>,
    start: Instant,
}

impl Default for Limits {
    fn default() -> Self {
        Self::with_streams(MAX_STREAMS)
    }
}

impl Limits {
    /// Those with room for so many streams, beside those of workers.
    pub fn with_streams(streams: usize) -> Self {
        Self {
            buckets: Mutex::default(),
            streams: Arc::new(Semaphore::new(streams)),
            worker_streams: Arc::new(Semaphore::new(MAX_WORKER_STREAMS)),
            start: Instant::now(),
        }
    }

    /// See [`Buckets::take`].
    ///
    /// # Errors
    /// It is one too many: the next may come after this time.
    pub fn take(&self, kind: Kind, worker: Option<&str>) -> Result<(), Duration> {
        self.lock().take(kind, worker, self.start.elapsed())
    }

    /// Room for one more stream, for as long as the result lives; `None` where there is none.
    pub fn stream(&self, of_worker: bool) -> Option<OwnedSemaphorePermit> {
        let own = if of_worker { self.worker_streams.clone().try_acquire_owned().ok() } else { None };
        own.or_else(|| self.streams.clone().try_acquire_owned().ok())
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(100);

    /// How many pass at once.
    fn pass(buckets: &mut Buckets, kind: Kind, worker: Option<&str>, now: Duration) -> u32 {
        (0..).take_while(|_| buckets.take(kind, worker, now).is_ok()).count().try_into().unwrap()
    }

    #[test]
    fn a_burst_passes_and_then_so_many_in_a_second() {
        for (kind, worker, burst, in_a_second) in [
            (Kind::Command, Some("a"), 250, 100),
            (Kind::Command, None, 200, 50),
            (Kind::Read, None, 1000, 200),
            (Kind::Fault, None, 10, 1),
        ] {
            let mut buckets = Buckets::default();
            assert_eq!(pass(&mut buckets, kind, worker, NOW), burst, "{kind:?}");
            let wait = buckets.take(kind, worker, NOW).unwrap_err();
            assert_eq!(wait * in_a_second, Duration::from_secs(1), "{kind:?}");
            assert_eq!(pass(&mut buckets, kind, worker, NOW + Duration::from_secs(1)), in_a_second, "{kind:?}");
            assert_eq!(pass(&mut buckets, kind, worker, NOW * 10), burst, "{kind:?}: full again");
        }
    }

    #[test]
    fn a_loop_of_others_does_not_keep_a_worker_out() {
        let mut buckets = Buckets::default();
        pass(&mut buckets, Kind::Command, None, NOW);
        pass(&mut buckets, Kind::Read, None, NOW);
        pass(&mut buckets, Kind::Command, Some("a"), NOW);
        assert_eq!(pass(&mut buckets, Kind::Command, Some("b"), NOW), 250);
        assert_eq!(pass(&mut buckets, Kind::Fault, Some("b"), NOW), 10, "faults are counted together");
    }

    #[test]
    fn buckets_are_bounded_in_number() {
        let mut buckets = Buckets::default();
        for name in 0..MAX_WORKERS {
            pass(&mut buckets, Kind::Command, Some(&name.to_string()), NOW);
        }
        assert_eq!(pass(&mut buckets, Kind::Command, Some("one more"), NOW), 200, "it is counted with the others");
        assert_eq!(buckets.workers.len(), MAX_WORKERS);
        assert_eq!(pass(&mut buckets, Kind::Command, Some("one more"), NOW * 2), 250);
        assert_eq!(buckets.workers.len(), 1);
    }
}
