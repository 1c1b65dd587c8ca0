//! Commands that are repeated: requests of one key are one command, carried out once and answered alike.
//!
//! Without I/O and clock: the time is an argument, counted from the backend's start. `routes/idempotency.rs` performs it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::wire::rest::COMMAND_MS;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long an answer is kept after the command ended, where [`MAX_ANSWERS`] allows.
pub const KEPT: Duration = Duration::from_secs(90);
/// Most answers that are kept: for a minute at the rates of [`crate::limits`], for programs and a few workers. Few are as
/// long as 400 bytes.
pub const MAX_ANSWERS: usize = 8192;
/// Most commands with a key that are under way at once.
pub const MAX_RUNNING: usize = 512;
/// After this time nobody repeats a command any more; with something for requests that were slow on their way.
pub const REPEATABLE: Duration = Duration::from_millis(COMMAND_MS + 4_000);

/// Where the answer of a command appears, once it is there.
pub type Answered<A> = watch::Receiver<Option<A>>;

/// What becomes of a request with a key.
#[derive(Debug)]
pub enum Claim<A> {
    /// It is the first of its key: carry it out, and [`Keys::settle`] it in any case.
    First(Answered<A>),
    /// It repeats a command: this is, or will be, its answer.
    Repeated(Answered<A>),
    /// It repeats a command that is unknown here, but may have been carried out: settle it with that, and do nothing.
    Unknowable(Answered<A>),
    /// The key belongs to another command.
    Different,
    /// Too many commands are under way.
    Full,
}

/// The keys that are known, and what their commands came to.
#[derive(Debug)]
pub struct Keys<A> {
    known: HashMap<Arc<str>, Known<A>>,
    /// The keys whose commands have ended, by the time of their end.
    ended: VecDeque<(Duration, Arc<str>)>,
    /// Until then, a repetition of an unknown key may be of a command that an earlier life, or this one, has forgotten.
    forgetful_until: Duration,
}

#[derive(Debug)]
struct Known<A> {
    /// Tells one command from another: a hash of path and body.
    command: u64,
    since: Duration,
    answer: watch::Sender<Option<A>>,
}

impl<A> Default for Keys<A> {
    fn default() -> Self {
        Self { known: HashMap::new(), ended: VecDeque::new(), forgetful_until: REPEATABLE }
    }
}

impl<A> Keys<A> {
    /// A request comes with this key. `command` is a hash of what it asks for; `again` says that it is not the first attempt.
    pub fn claim(&mut self, key: &str, command: u64, again: bool, now: Duration) -> Claim<A> {
        self.forget(now);
        if let Some(known) = self.known.get(key) {
            let same = known.command == command;
            return if same { Claim::Repeated(known.answer.subscribe()) } else { Claim::Different };
        }
        if self.known.len() - self.ended.len() >= MAX_RUNNING {
            return Claim::Full;
        }
        let (answer, answered) = watch::channel(None);
        self.known.insert(key.into(), Known { command, since: now, answer });
        if again && now < self.forgetful_until { Claim::Unknowable(answered) } else { Claim::First(answered) }
    }

    /// The command of this key has ended: all who asked for it, and will, get this answer.
    pub fn settle(&mut self, key: &str, answer: A, now: Duration) {
        // Each key is settled once, by whoever made it known.
        if let Some((key, known)) = self.known.get_key_value(key) {
            known.answer.send_replace(Some(answer));
            self.ended.push_back((now, key.clone()));
        }
        self.forget(now);
    }

    fn forget(&mut self, now: Duration) {
        while let Some((ended, key)) = self.ended.front()
            && (self.ended.len() > MAX_ANSWERS || now.saturating_sub(*ended) > KEPT)
        {
            if let Some(known) = self.known.remove(key) {
                self.forgetful_until = self.forgetful_until.max(known.since + REPEATABLE);
            }
            self.ended.pop_front();
        }
    }
}

/// The keys of one life of the backend, and its clock.
#[derive(Debug)]
pub struct Idempotency<A> {
    keys: Mutex<Keys<A>>,
    start: Instant,
}

impl<A> Default for Idempotency<A> {
    fn default() -> Self {
        Self { keys: Mutex::default(), start: Instant::now() }
    }
}

impl<A> Idempotency<A> {
    /// See [`Keys::claim`].
    pub fn claim(&self, key: &str, command: u64, again: bool) -> Claim<A> {
        self.lock().claim(key, command, again, self.start.elapsed())
    }

    /// See [`Keys::settle`].
    pub fn settle(&self, key: &str, answer: A) {
        self.lock().settle(key, answer, self.start.elapsed());
    }

    fn lock(&self) -> MutexGuard<'_, Keys<A>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_secs(3600);

    fn second(seconds: u64) -> Duration {
        LATER + Duration::from_secs(seconds)
    }

    fn answer<A: Copy>(claim: &Claim<A>) -> Option<A> {
        match claim {
            Claim::Repeated(answered) => *answered.borrow(),
            _ => None,
        }
    }

    #[test]
    fn a_key_is_carried_out_once_and_answered_alike() {
        let mut keys = Keys::default();
        let Claim::First(first) = keys.claim("k", 1, false, LATER) else { panic!("it is the first") };
        assert_eq!(answer(&keys.claim("k", 1, true, LATER)), None, "it is still under way");
        keys.settle("k", 'a', second(2));
        assert_eq!(*first.borrow(), Some('a'));
        assert_eq!(answer(&keys.claim("k", 1, true, second(62))), Some('a'));
        assert!(matches!(keys.claim("k", 2, true, second(62)), Claim::Different));
        assert!(matches!(keys.claim("k", 1, false, second(200)), Claim::First(_)), "forgotten by now");
    }

    #[test]
    fn what_an_earlier_life_may_have_done_is_not_done_again() {
        let mut keys = Keys::default();
        let early = REPEATABLE.checked_sub(Duration::from_millis(1)).unwrap();
        assert!(matches!(keys.claim("a", 1, true, early), Claim::Unknowable(_)));
        keys.settle("a", 'u', early);
        assert_eq!(answer(&keys.claim("a", 1, false, REPEATABLE)), Some('u'), "one answer for good");
        assert!(matches!(keys.claim("b", 1, false, early), Claim::First(_)), "a first attempt is new for sure");
        assert!(matches!(keys.claim("c", 1, true, REPEATABLE), Claim::First(_)), "it never came before");
    }

    #[test]
    fn answers_are_bounded_and_what_was_dropped_early_counts_as_unknown() {
        let mut keys = Keys::default();
        for key in 0..=MAX_ANSWERS {
            assert!(matches!(keys.claim(&key.to_string(), 1, false, LATER), Claim::First(_)));
            keys.settle(&key.to_string(), 'a', LATER);
        }
        assert_eq!(keys.known.len(), MAX_ANSWERS);
        assert!(matches!(keys.claim("0", 1, true, second(1)), Claim::Unknowable(_)), "this life has forgotten it");
        assert_eq!(answer(&keys.claim("1", 1, true, second(1))), Some('a'), "the oldest went first");
        assert!(matches!(keys.claim("new", 1, true, LATER + REPEATABLE), Claim::First(_)));
    }

    #[test]
    fn commands_under_way_are_bounded_and_never_forgotten() {
        let mut keys = Keys::default();
        for key in 0..MAX_RUNNING {
            assert!(matches!(keys.claim(&key.to_string(), 1, false, LATER), Claim::First(_)));
        }
        assert!(matches!(keys.claim("more", 1, false, second(9000)), Claim::Full));
        assert!(matches!(keys.claim("0", 1, true, second(9000)), Claim::Repeated(_)));
        keys.settle("0", 'a', second(9000));
        assert!(matches!(keys.claim("more", 1, false, second(9000)), Claim::First(_)));
    }
}
