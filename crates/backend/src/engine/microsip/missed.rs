//! The spool as the engine empties it: at the start, and while it runs, of hooks that waited for it in vain.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::spool::{Spool, SpooledHook, Taken};
use crate::engine::Received;
use crate::store::{Health, Part};

/// How long a hook that has come waits for those before it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Hooks that came to the spool instead of to us.
pub(super) struct Missed {
    spool: Option<Spool>,
    health: Arc<Health>,
    /// What was taken in, but is still in the file.
    taken: Taken,
    /// The desk has kept what came of the first of it.
    kept: bool,
    /// And what came of the rest, once these are done.
    keeping: Vec<Received>,
    /// The disk takes its time.
    reading: Option<JoinHandle<(Taken, io::Result<()>)>>,
}

impl Missed {
    /// `taken` has been taken in, and is put away when the desk has [kept](Self::kept) what came of it.
    pub(super) fn new(spool: Option<Spool>, health: Arc<Health>, taken: Taken) -> Self {
        Self { spool, health, taken, kept: false, keeping: Vec::new(), reading: None }
    }

    /// A kill no longer loses what was taken in at the start.
    pub(super) fn kept(&mut self) {
        self.kept = true;
    }

    /// What was given last is kept when this is done.
    pub(super) fn is_being_kept(&mut self, received: Received) {
        self.keeping.push(received);
    }

    /// Nothing that was taken in is in the file still.
    pub(super) fn is_put_away(&self) -> bool {
        self.spool.is_none() || self.kept && self.reading.is_none() && self.taken.is_empty()
    }

    /// What has come since the last time. What is kept is put away now: not earlier, for a kill might lose it.
    pub(super) async fn hooks(&mut self) -> Vec<SpooledHook> {
        let Some(spool) = self.spool.as_ref().filter(|_| self.kept) else { return Vec::new() };
        self.keeping.retain_mut(|received| !received.is_done());
        let all_kept = self.keeping.is_empty();
        let reading = self.reading.get_or_insert_with(|| {
            let (spool, taken) = (spool.clone(), std::mem::take(&mut self.taken));
            spawn_blocking(move || empty(&spool, taken, all_kept))
        });
        // A disk that is slower is looked at again later: nothing of it gets lost.
        let Ok(done) = timeout(PATIENCE, &mut *reading).await else { return Vec::new() };
        self.reading = None;
        let (mut taken, result) = done.unwrap_or_else(|panic| (Taken::default(), Err(io::Error::other(panic))));
        let result = result.map_err(|error| format!("hooks.jsonl can't be read or emptied: {error}"));
        self.health.note(Part::MissedHooks, result);
        let hooks = std::mem::take(&mut taken.hooks);
        self.taken = taken;
        hooks
    }
}

/// Puts away what was taken, if that is kept, and takes the rest; gives what is still in the file.
fn empty(spool: &Spool, mut taken: Taken, is_kept: bool) -> (Taken, io::Result<()>) {
    if is_kept {
        if let Err(error) = spool.put_away(&taken) {
            return (taken, Err(error));
        }
        taken = Taken::default();
    }
    match spool.take_after(&taken) {
        Ok(taken) => (taken, Ok(())),
        Err(error) => (taken, Err(error)),
    }
}
