//! The spool as the engine empties it: at the start, and while it runs, of hooks that waited for it in vain.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::spool::{Spool, SpooledHook, Taken};
use crate::engine::{Receipt, Received};
use crate::store::{Health, Part};

/// How long a hook that has come waits for those before it.
const PATIENCE: Duration = Duration::from_millis(300);

/// Hooks that came to the spool instead of to us.
pub(super) struct Missed {
    spool: Option<Spool>,
    health: Arc<Health>,
    /// What was taken in, but is still in the file.
    taken: Taken,
    /// Nobody has been asked yet whether what came of it is kept.
    unasked: bool,
    /// It is kept when this says so.
    keeping: Option<Received>,
    /// The disk takes its time.
    reading: Option<JoinHandle<(Taken, io::Result<()>)>>,
}

impl Missed {
    /// `taken` has been taken in, and is put away when what came of it is kept.
    pub(super) fn new(spool: Option<Spool>, health: Arc<Health>, taken: Taken) -> Self {
        Self { spool, health, unasked: !taken.is_empty(), taken, keeping: None, reading: None }
    }

    /// To go behind all that came of what was taken, if that is not on its way already.
    pub(super) fn receipt(&mut self) -> Option<Receipt> {
        std::mem::take(&mut self.unasked).then(|| {
            let (receipt, received) = Receipt::new();
            // It is for all that came before: an earlier one is of no use any more.
            self.keeping = Some(received);
            receipt
        })
    }

    /// Nothing that was taken in is in the file still.
    pub(super) fn is_put_away(&self) -> bool {
        self.spool.is_none() || self.all_kept() && self.reading.is_none() && self.taken.is_empty()
    }

    fn all_kept(&self) -> bool {
        !self.unasked && self.keeping.is_none()
    }

    /// What has come since the last time. What is kept is put away now: not earlier, for a kill might lose it.
    pub(super) async fn hooks(&mut self) -> Vec<SpooledHook> {
        match self.keeping.as_mut().and_then(Received::fate) {
            Some(true) => self.keeping = None,
            // The disk may take it later.
            Some(false) => (self.keeping, self.unasked) = (None, true),
            None => {}
        }
        let all_kept = self.all_kept();
        let Some(spool) = &self.spool else { return Vec::new() };
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
        self.unasked |= !hooks.is_empty();
        hooks
    }
}

/// Puts away what was taken, if that is kept, and takes the rest; gives what is still in the file.
fn empty(spool: &Spool, mut taken: Taken, is_kept: bool) -> (Taken, io::Result<()>) {
    if is_kept {
        match spool.put_away(&taken) {
            Ok(true) => taken = Taken::default(),
            // More has come: another time.
            Ok(false) => {}
            Err(error) => return (taken, Err(error)),
        }
    }
    match spool.take_after(&taken) {
        Ok(taken) => (taken, Ok(())),
        Err(error) => (taken, Err(error)),
    }
}
