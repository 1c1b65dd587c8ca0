//! The bell: what streams wait for, by the thousand, with one waiter each and no lock of the desk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// Rung with every event.
#[derive(Debug, Default)]
pub(super) struct Bell {
    seq: AtomicU64,
    ring: Arc<Notify>,
}

impl Bell {
    /// The event of this number is in the journal.
    pub(super) fn ring(&self, seq: u64) {
        // Two that ring at once may come in any order.
        self.seq.fetch_max(seq, Ordering::SeqCst);
        self.ring.notify_waiters();
    }

    /// The number of the last event that was rung for.
    pub(super) fn seq(&self) -> u64 {
        self.seq.load(Ordering::SeqCst)
    }

    /// Resolves when it rings from now on, whenever it is first polled.
    pub(super) fn heard(&self) -> OwnedNotified {
        Arc::clone(&self.ring).notified_owned()
    }
}
