//! The workers that listen: a browser has one for each site, as sites share no storage. With more than one, somebody has to say
//! in which of them the operator is, and which one rings; only the backend sees them all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use protocol::roles::Roles;
use protocol::wire::port::{SoundRole, TabRole};
use protocol::wire::rest::TabsReport;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::sleep;

/// Longest name of a worker, in bytes.
pub const MAX_NAME: usize = 64;
/// Most workers that take part at once: a browser has a handful.
const MAX_WORKERS: usize = 64;

/// How long a worker keeps its place between two streams of which each is for one answer.
const LINGER: Duration = Duration::from_secs(6);

/// Of a worker that has not said what it is good for, beside others.
const OTHERS: TabRole = TabRole { primary: false, sound: SoundRole::Elsewhere, notices: false };

/// Those that take part, by the order in which they came.
#[derive(Debug)]
pub struct Workers {
    inner: Mutex<Inner>,
    since: Instant,
}

impl Default for Workers {
    fn default() -> Self {
        Self { inner: Mutex::default(), since: Instant::now() }
    }
}

#[derive(Debug, Default)]
struct Inner {
    last: u64,
    joined: BTreeMap<u64, Joined>,
    roles: Roles<u64>,
}

#[derive(Debug)]
struct Joined {
    name: String,
    /// `None` while nothing had to be chosen.
    part: watch::Sender<Option<TabRole>>,
    /// Of a worker between two streams: what it has been told.
    left: Option<watch::Receiver<Option<TabRole>>>,
    /// Which of its streams holds the place.
    turn: u64,
}

/// A worker's place among the others, for as long as its stream lives.
#[derive(Debug)]
pub struct Place {
    id: u64,
    turn: u64,
    workers: Arc<Workers>,
    part: watch::Receiver<Option<TabRole>>,
}

impl Workers {
    /// A stream of the worker of this name begins; one that `asks` is told its part even if it is alone. `None` where the name is impossible, or the place is full.
    pub fn join(self: &Arc<Self>, name: &str, ringing: bool, asks: bool) -> Option<Place> {
        let mut inner = self.lock();
        if name.is_empty() || name.len() > MAX_NAME || inner.joined.len() >= MAX_WORKERS {
            return None;
        }
        // The same worker on a new stream, before the end of its old one was noticed.
        if let Some(old) = inner.id_of(name) {
            inner.leave(old);
        }
        // Who was alone until now has every role, and keeps them until it says what it is good for.
        if let [first] = inner.joined.keys().copied().collect::<Vec<_>>()[..]
            && !inner.roles.has(first)
        {
            inner.roles.reported(first, Some(0), true, true);
        }
        inner.last += 1;
        let (id, (sender, part)) = (inner.last, watch::channel(None));
        inner.joined.insert(id, Joined { name: name.to_owned(), part: sender, left: None, turn: 0 });
        inner.choose(ringing);
        if asks && inner.joined.len() == 1 {
            inner.roles.reported(id, Some(0), true, true);
            inner.choose(ringing);
        }
        Some(Place { id, turn: 0, workers: self.clone(), part })
    }

    /// The worker of this name asks for more, soon after a stream that [lingered](Place::linger): it takes its place again.
    pub fn back(self: &Arc<Self>, name: &str) -> Option<Place> {
        let mut inner = self.lock();
        let id = inner.id_of(name)?;
        let joined = inner.joined.get_mut(&id)?;
        let part = joined.left.take()?;
        joined.turn += 1;
        Some(Place { id, turn: joined.turn, workers: self.clone(), part })
    }

    /// Whether the worker of this name takes part.
    pub fn knows(&self, name: &str) -> bool {
        self.lock().id_of(name).is_some()
    }

    /// A worker says what its tabs are good for; `now` as [`Workers::now_ms`]. Whether it is known.
    pub fn report(&self, report: &TabsReport, ringing: bool, now: u64) -> bool {
        let mut inner = self.lock();
        let Some(id) = inner.id_of(&report.worker) else { return false };
        if let TabsReport { used_ago: None, sound: false, notices: false, .. } = report {
            inner.roles.gone(id); // its last tab has gone
        } else {
            let used = report.used_ago.map(|ago| now.saturating_sub(ago));
            inner.roles.reported(id, used, report.sound, report.notices);
        }
        inner.choose(ringing);
        true
    }

    /// Milliseconds of a clock that nobody sets. Not zero at the beginning: there was a time before.
    pub fn now_ms(&self) -> u64 {
        const BEFORE: u64 = 1 << 40;
        BEFORE + u64::try_from(self.since.elapsed().as_millis()).unwrap_or(BEFORE)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn choose(&mut self, ringing: bool) {
        let changed = self.roles.choose(ringing, TabRole::ALL);
        for (id, role) in changed {
            if let Some(joined) = self.joined.get(&id) {
                joined.part.send_replace(Some(role));
            }
        }
        // Whoever has not reported yet is asked to by hearing that it is not alone.
        if self.joined.len() > 1 {
            for (_, joined) in self.joined.iter().filter(|(id, _)| !self.roles.has(**id)) {
                joined.part.send_if_modified(|part| part.replace(OTHERS) != Some(OTHERS));
            }
        }
    }

    fn id_of(&self, name: &str) -> Option<u64> {
        self.joined.iter().find(|(_, joined)| joined.name == name).map(|(id, _)| *id)
    }

    fn leave(&mut self, id: u64) {
        self.joined.remove(&id);
        self.roles.gone(id);
    }
}

impl Place {
    /// What this worker's tabs may do, as it was told last or will be next.
    pub fn part(&self) -> Option<TabRole> {
        *self.part.borrow()
    }

    /// The stream has ended, but its worker asks for the next one at once: nobody is to hear of that.
    pub fn linger(self) {
        if let Some(joined) = self.workers.lock().joined.get_mut(&self.id).filter(|joined| joined.turn == self.turn) {
            joined.left = Some(self.part.clone());
        }
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                sleep(LINGER).await;
                drop(self);
            });
        }
    }

    /// What this worker's tabs may do, if that is news.
    pub fn news(&mut self) -> Option<TabRole> {
        if self.part.has_changed().unwrap_or(false) { *self.part.borrow_and_update() } else { None }
    }

    /// Resolves when there is [news](Place::news), of which the last has been heard by now; never while it is alone.
    pub fn next_news(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut part = self.part.clone();
        async move {
            if part.changed().await.is_err() {
                // Another stream of the same worker took over.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.workers.lock();
        if inner.joined.get(&self.id).is_none_or(|joined| joined.turn != self.turn) {
            return; // another stream of the same worker took over
        }
        inner.leave(self.id);
        // Not the moment to weigh what rings: whoever holds a role keeps it, and what was left is taken up.
        inner.choose(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(worker: &str, used_ago: Option<u64>, sound: bool) -> TabsReport {
        TabsReport { worker: worker.to_owned(), used_ago, sound, notices: sound }
    }

    #[test]
    fn who_is_alone_hears_nothing() {
        let workers = Arc::new(Workers::default());
        let a = workers.join("a", false, false).unwrap();
        assert_eq!(a.part(), None);
        drop(workers.join("", false, false));
        assert!(workers.join(&"x".repeat(MAX_NAME + 1), false, false).is_none());
        assert!(!workers.report(&report("b", None, true), false, 5));
        assert_eq!(a.part(), None);
    }

    #[test]
    fn of_two_the_one_used_last_leads_and_one_rings() {
        let workers = Arc::new(Workers::default());
        let a = workers.join("a", false, false).unwrap();
        let b = workers.join("b", false, false).unwrap();
        assert_eq!(
            (a.part(), b.part()),
            (Some(TabRole::ALL), Some(OTHERS)),
            "both are asked, and nothing is taken away"
        );
        assert!(workers.report(&report("b", Some(10), false), false, 1000));
        assert!(workers.report(&report("a", Some(500), true), false, 1000));
        assert_eq!(a.part().unwrap(), TabRole { primary: false, sound: SoundRole::Here, notices: true });
        assert_eq!(b.part().unwrap(), TabRole { primary: true, sound: SoundRole::Elsewhere, notices: false });
        assert!(workers.report(&report("b", Some(0), true), true, 2000));
        assert_eq!(a.part().unwrap().sound, SoundRole::Here, "not while it rings");
        drop(a);
        assert_eq!(b.part().unwrap(), TabRole::ALL);
    }

    #[test]
    fn who_had_company_asks_and_is_told_that_it_is_alone() {
        let workers = Arc::new(Workers::default());
        let a = workers.join("a", false, true).unwrap();
        let b = workers.join("b", false, true).unwrap();
        assert_eq!((a.part(), b.part()), (Some(TabRole::ALL), Some(OTHERS)));
    }

    #[test]
    fn a_worker_that_comes_back_takes_its_own_place() {
        let workers = Arc::new(Workers::default());
        let old = workers.join("a", false, false).unwrap();
        let b = workers.join("b", false, false).unwrap();
        let new = workers.join("a", false, false).unwrap();
        workers.report(&report("a", Some(0), true), false, 9);
        drop(old);
        assert!(new.part().unwrap().primary && !b.part().unwrap().primary);
    }

    #[tokio::test(start_paused = true)]
    async fn between_two_answers_a_worker_keeps_its_place_for_a_while() {
        let workers = Arc::new(Workers::default());
        let mut a = workers.join("a", false, false).unwrap();
        let mut b = workers.join("b", false, false).unwrap();
        workers.report(&report("a", Some(0), true), false, 9);
        assert!(a.news().is_some() && b.news().is_some());
        a.linger();
        assert_eq!(b.news(), None, "nobody hears of it");
        let mut a = workers.back("a").unwrap();
        assert_eq!((a.news(), a.part().map(|part| part.primary)), (None, Some(true)), "it has been told");
        sleep(LINGER * 2).await;
        assert!(workers.knows("a"), "it is there, whatever became of its earlier stream");
        a.linger();
        workers.report(&report("b", Some(0), true), false, 99);
        assert_eq!(workers.back("a").unwrap().news().map(|part| part.primary), Some(false), "it missed this");
        assert!(!workers.knows("a") && workers.back("a").is_none(), "a stream that breaks is the end");
        b.linger();
        sleep(LINGER * 2).await;
        assert!(!workers.knows("b"));
    }
}
