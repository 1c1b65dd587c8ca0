//! What survives a kill at any instant: the operator's status, ended calls, calls that are up, the hooks' ticket.
//!
//! All of it is written in order by one thread, and brought to the disk itself by another. Who changes something waits
//! until the file has it, so that nothing is told that a kill could take back; but where writing alone takes longer than
//! [`PATIENCE`], nobody waits. A disk that takes nothing costs nothing but the files: it is in [`Health`], tried again and
//! again, and made good later.

mod file;
mod health;
mod lines;
mod lock;
mod open_calls;
mod sync;
mod writer;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use protocol::OperatorStatus;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::engine::Receipt;
use crate::history::PastCall;
use crate::hook::Ticket;

#[cfg(test)]
pub(crate) use file::KeptFile;
pub(crate) use file::{aside, is_absent, make_dir, must_be_ordinary, patiently};
pub use health::{Health, Part, Problem};
pub use lock::{DirLock, InUse};
pub use open_calls::{OpenCall, OpenCalls};

/// How long a change waits for the disk before it is told all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// Something to be kept.
#[derive(Clone, Debug)]
pub enum Change {
    /// The operator's status is this from now on.
    Status(OperatorStatus),
    /// This call has ended.
    Ended(PastCall),
    /// These calls are up from now on.
    Open(OpenCalls),
    /// Hooks find the backend by this from now on.
    Ticket(Ticket),
}

/// What an earlier life of the backend has left.
#[derive(Debug)]
pub struct Found {
    /// The operator's status; `ready` where none is kept.
    pub operator_status: OperatorStatus,
    /// The last calls that have ended, oldest first.
    pub history: VecDeque<PastCall>,
    /// The calls that were up.
    pub open: OpenCalls,
}

/// The files of one desk.
#[derive(Debug)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    /// How many changes are not yet written: more than one where the disk is slow.
    owed: Arc<AtomicUsize>,
}

/// Changes to be written as one, and who is to hear that they are.
#[derive(Debug)]
struct Job {
    changes: Vec<Change>,
    done: Done,
}

#[derive(Debug)]
enum Done {
    /// They have been tried to be written.
    Written(mpsc::SyncSender<()>),
    /// One that waits elsewhere, and only for what is written indeed.
    Receipt(Receipt),
    /// And are on the disk.
    Synced(oneshot::Sender<()>),
}

impl Store {
    /// The files in this directory, which is made if need be, and what they hold. What can't be read counts as absent
    /// and stays; what can't be written is in `health`.
    pub fn open(dir: &Path, clock: Clock, health: Arc<Health>) -> (Self, Found) {
        let (writer, found) = writer::open(dir, clock, health.clone());
        let (jobs, inbox) = mpsc::channel();
        let owed = Arc::new(AtomicUsize::new(0));
        let shared = owed.clone();
        // A thread of its own: a slow disk must not hold up the phone.
        let spawned = thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&inbox, &shared));
        if let Err(error) = spawned {
            for part in [Part::Status, Part::History, Part::OpenCalls] {
                health.note(part, Err(format!("no thread can be started to write files: {error}")));
            }
        }
        (Self { jobs, owed }, found)
    }

    /// Writes these changes, all or in this order as far as the disk takes them. Blocks for [`PATIENCE`] at most.
    pub fn keep(&self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let is_behind = self.owed.fetch_add(1, Ordering::SeqCst) > 0;
        let (done, written) = mpsc::sync_channel(1);
        // It fails only where there is no thread, which is in the health.
        let sent = self.jobs.send(Job { changes, done: Done::Written(done) });
        if sent.is_ok() && !is_behind && written.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!(
                "the disk of the data directory is slow: the phone does not wait for it until it has caught up"
            );
        }
    }

    /// Marks the receipt as kept once all that was to be kept so far is written; drops it if the disk does not take that.
    pub fn acknowledge(&self, receipt: Receipt) {
        let _ = self.jobs.send(Job { changes: Vec::new(), done: Done::Receipt(receipt) });
    }

    /// Waits until all that was to be kept so far is on the disk, as far as the disk takes it.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.jobs.send(Job { changes: Vec::new(), done: Done::Synced(done) }).is_ok() {
            // An error means that the thread is gone; it has said so.
            let _ = written.await;
        }
    }
}

#[cfg(test)]
mod tests;
