//! The thread that writes: the newest of each file as it changes, again while that fails, and a sign of life.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use protocol::OperatorStatus;
use serde::{Deserialize, Serialize};

use super::file::{KeptFile, make_dir};
use super::lines::{self, Lines};
use super::sync::{Order, Syncer};
use super::{Change, Done, Found, Health, Job, OpenCall, OpenCalls, Part};
use crate::clock::Clock;
use crate::history::CAPACITY;
use crate::hook::{self, Ticket};

/// How often calls that are up are written to be alive, and what failed is tried again.
const PULSE: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    operator_status: OperatorStatus,
}

/// A file that holds the newest of something.
struct Slot<T> {
    part: Part,
    file: KeptFile,
    newest: Option<T>,
    /// The file does not have it yet.
    owed: bool,
    /// How the file gets it.
    way: Way,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// In place of what is there.
    Replace,
    /// The same, and lines may follow.
    Begin,
    /// As one more line.
    Append,
}

/// All that is written, and to where.
pub(super) struct Writer {
    dir: PathBuf,
    clock: Clock,
    health: Arc<Health>,
    status: Slot<Kept>,
    open: Slot<OpenCalls>,
    ticket: Slot<Ticket>,
    lines: Lines,
    syncer: Syncer,
}

/// Reads what is there.
pub(super) fn open(dir: &Path, clock: Clock, health: Arc<Health>) -> (Writer, Found) {
    let (status, kept) = KeptFile::read::<Kept>(dir.join("state.json"));
    let (calls, open) = KeptFile::read::<OpenCalls>(dir.join("open-calls.json"));
    let mut lines = Lines::new(lines::path(dir));
    let mut history = lines.read().unwrap_or_else(|error| {
        health.note(Part::History, Err(format!("calls.jsonl can't be read: {error}")));
        Default::default()
    });
    let operator_status = kept.map_or(OperatorStatus::Ready, |kept| kept.operator_status);
    let mut open = open.unwrap_or_default();
    for call in std::mem::take(&mut open.ended) {
        if !history.iter().any(|past| past.call_id == call.call_id) {
            lines.push(&call);
            history.push_back(call);
        }
    }
    history.drain(..history.len().saturating_sub(CAPACITY));
    // Killed between the two files: it has ended.
    let is_over = |call: &OpenCall| history.iter().any(|past| past.call_id == *call.id());
    (open.over, open.calls) = open.calls.into_iter().partition(is_over);
    let mut writer = Writer {
        dir: dir.to_owned(),
        clock,
        health,
        status: Slot::new(Part::Status, status),
        open: Slot { way: Way::Append, ..Slot::new(Part::OpenCalls, calls) },
        ticket: Slot::new(Part::Hooks, KeptFile::new(hook::ticket_path(dir))),
        lines,
        syncer: Syncer::start(Lines::new(lines::path(dir))),
    };
    // At once, so that what can't be written is known before it is needed.
    writer.status.take(Kept { operator_status });
    drop(writer.write());
    (writer, Found { operator_status, history, open })
}

impl Writer {
    /// Works until nobody is left to give it work.
    pub(super) fn run(mut self, jobs: &Receiver<Job>, owed: &AtomicUsize) {
        let mut pulse = Instant::now() + PULSE;
        loop {
            let first = if self.has_a_pulse() {
                jobs.recv_timeout(pulse.saturating_duration_since(Instant::now()))
            } else {
                jobs.recv().map_err(RecvTimeoutError::from)
            };
            match first {
                Ok(first) => {
                    // What has come meanwhile is written as one: so a slow disk is caught up with.
                    let batch: Vec<Job> = std::iter::once(first).chain(jobs.try_iter()).collect();
                    self.work(batch, owed);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if Instant::now() >= pulse {
                self.open.owed |= self.open.newest.as_ref().is_some_and(|open| !open.calls.is_empty());
                // With the sign of life goes what the calls were before.
                self.open.way = Way::Begin;
                self.write();
                self.open.way = Way::Append;
                pulse = Instant::now() + PULSE;
            }
        }
    }

    /// A kill would lose no call, neither one that has ended nor one that is up.
    fn is_all_kept(&self) -> bool {
        let ended = self.open.newest.as_ref().map_or(0, |open| open.ended.len());
        !self.open.owed && self.lines.count() <= ended
    }

    fn has_a_pulse(&self) -> bool {
        let up = self.open.newest.as_ref().is_some_and(|open| !open.calls.is_empty());
        up || self.status.owed || self.open.owed || self.ticket.owed || !self.lines.all_written()
    }

    fn work(&mut self, batch: Vec<Job>, owed: &AtomicUsize) {
        let mut told = Vec::new();
        for Job { changes, done } in batch {
            for change in changes {
                match change {
                    Change::Status(operator_status) => self.status.take(Kept { operator_status }),
                    Change::Ended(call) => self.lines.push(&call),
                    Change::Open(open) => self.open.take(open),
                    Change::Ticket(ticket) => self.ticket.take(ticket),
                }
            }
            told.push(done);
        }
        let replaced = self.write();
        let mut waiting = Vec::new();
        for done in told {
            match done {
                Done::Written(done) => {
                    owed.fetch_sub(1, Ordering::SeqCst);
                    // Who waits no longer needs no answer.
                    let _ = done.try_send(());
                }
                Done::Receipt(receipt) if self.is_all_kept() => receipt.keep(),
                Done::Receipt(_) => {}
                Done::Synced(done) => waiting.push(done),
            }
        }
        self.syncer.order(Order { status: replaced, waiting });
    }

    /// Writes what is owed; gives the file of the status where that was replaced.
    ///
    /// The history comes before the calls that are up: a call that ended is in one of them at any moment.
    fn write(&mut self) -> Option<File> {
        self.make_dir();
        if !self.lines.all_written() {
            let result = self.lines.write();
            self.health.note(Part::History, result.map_err(|error| format!("calls.jsonl can't be written: {error}")));
        }
        if let Some(open) = &mut self.open.newest {
            open.alive_at = self.clock.now();
            // So a call that ended is in one of the files even if one of them takes nothing.
            let ended = self.lines.waiting();
            self.open.owed |= open.ended != ended;
            open.ended = ended;
            // Where there is no room for these, what is up goes before.
            if !open.ended.is_empty() && self.open.file.replace(open).is_err() {
                open.ended.clear();
            }
        }
        self.open.write(&self.health);
        if self.open.owed && self.lines.all_written() {
            // Calls that have ended would be up again in the next life: better it knows of none.
            let _ = self.open.file.remove();
        }
        self.ticket.write(&self.health);
        self.status.write(&self.health)
    }

    /// Where it can't be made, the files say so.
    fn make_dir(&self) {
        if let Err(error) = make_dir(&self.dir) {
            tracing::debug!(%error, dir = %self.dir.display(), "the data directory can't be made");
        }
    }
}

impl<T: Serialize> Slot<T> {
    fn new(part: Part, file: KeptFile) -> Self {
        Self { part, file, newest: None, owed: false, way: Way::Replace }
    }

    fn take(&mut self, newest: T) {
        self.newest = Some(newest);
        self.owed = true;
    }

    /// Gives the file where that was replaced.
    fn write(&mut self, health: &Health) -> Option<File> {
        let newest = self.newest.as_ref().filter(|_| self.owed)?;
        let result: io::Result<Option<File>> = match self.way {
            Way::Replace => self.file.replace(newest).map(Some),
            Way::Begin => self.file.begin(newest).map(|()| None),
            Way::Append => self.file.append(newest).map(|()| None),
        };
        self.owed = result.is_err();
        let error = result.as_ref().err().map(|error| format!("{} can't be written: {error}", self.file.name()));
        health.note(self.part, error.map_or(Ok(()), Err));
        result.ok().flatten()
    }
}
