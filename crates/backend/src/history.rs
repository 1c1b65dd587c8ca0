//! The call history: the last calls in memory, all of them in `calls.jsonl` of the data directory.
//!
//! The file only ever grows, by one line of JSON for each call. A line that can't be read is passed over, never removed.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use protocol::{CallId, Direction, EndReason, UnixSeconds};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

const FILE: &str = "calls.jsonl";

/// How many calls are kept in memory, and so can be asked for.
pub const CAPACITY: usize = 1000;

/// A call that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastCall {
    /// The call's id.
    pub call_id: CallId,
    /// Who began it.
    pub direction: Direction,
    /// The other party, as the softphone gave it.
    pub number: String,
    /// The other party's name, where one is known.
    pub display_name: Option<String>,
    /// When it began to ring or was dialled, in Unix seconds.
    pub begin_time: UnixSeconds,
    /// When it was connected, in Unix seconds; `None` if it never was.
    pub start_time: Option<UnixSeconds>,
    /// When it ended, in Unix seconds.
    pub end_time: UnixSeconds,
    /// Seconds that it was connected, 0 if never.
    pub duration: u64,
    /// Why it ended.
    pub reason: EndReason,
}

/// Where a page of the history begins; see [`History::page`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// Calls that ended before this one did.
    Call(CallId),
    /// Calls that ended before this time, in Unix seconds.
    Time(UnixSeconds),
}

/// The history of one desk.
#[derive(Debug)]
pub struct History {
    /// Oldest first.
    recent: Mutex<VecDeque<PastCall>>,
    writer: mpsc::Sender<Job>,
}

enum Job {
    Write(PastCall),
    Flush(oneshot::Sender<()>),
}

impl History {
    /// The history in this directory.
    ///
    /// # Errors
    /// The file can't be opened for reading and appending.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join(FILE);
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&path)?;
        let recent = read(&mut file, &path)?;
        let (writer, jobs) = mpsc::channel();
        // A thread of its own: a slow disk must not hold up the phone.
        thread::Builder::new().name("history".to_owned()).spawn(move || write(file, jobs))?;
        Ok(Self { recent: Mutex::new(recent), writer })
    }

    /// Adds a call that has just ended; the file follows.
    pub fn add(&self, call: PastCall) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == CAPACITY {
            recent.pop_front();
        }
        recent.push_back(call.clone());
        // Sent under the lock, so that the file has the order of the memory. It fails only when the thread is gone.
        if self.writer.send(Job::Write(call)).is_err() {
            tracing::error!("the call history is not written any more");
        }
    }

    /// At most `limit` calls, newest first, and whether there are older ones; `None` where `before` is not in the history.
    pub fn page(&self, limit: usize, before: Option<&Before>) -> Option<(Vec<PastCall>, bool)> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let end = match before {
            None => recent.len(),
            Some(Before::Call(id)) => recent.iter().position(|call| call.call_id == *id)?,
            // From the end: where the clock was set back, the newest calls decide.
            Some(Before::Time(time)) => recent.iter().rposition(|call| call.end_time < *time).map_or(0, |at| at + 1),
        };
        let page = recent.range(..end).rev().take(limit).cloned().collect();
        Some((page, end > limit))
    }

    /// Waits until all that was added so far is in the file.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.writer.send(Job::Flush(done)).is_ok() {
            // An error means that the thread is gone; it has said so.
            let _ = written.await;
        }
    }
}

fn read(file: &mut File, path: &Path) -> io::Result<VecDeque<PastCall>> {
    let mut calls = VecDeque::new();
    let mut lines = BufReader::new(&mut *file);
    let mut line = Vec::new();
    let mut number = 0_u64;
    let mut whole = true;
    while lines.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        whole = line.ends_with(b"\n");
        match serde_json::from_slice(&line) {
            Ok(call) => {
                if calls.len() == CAPACITY {
                    calls.pop_front();
                }
                calls.push_back(call);
            }
            Err(error) if !line.trim_ascii().is_empty() => {
                tracing::warn!(file = %path.display(), line = number, %error, "a line of the call history can't be read: passed over");
            }
            Err(_) => {}
        }
        line.clear();
    }
    if !whole {
        // A crash left half a line: the next call begins a new one.
        file.seek(SeekFrom::End(0))?;
        file.write_all(b"\n")?;
    }
    Ok(calls)
}

fn write(mut file: File, jobs: mpsc::Receiver<Job>) {
    for job in jobs {
        match job {
            Job::Write(call) => {
                let mut line = serde_json::to_vec(&call).expect("a call is strings and numbers");
                line.push(b'\n');
                if let Err(error) = file.write_all(&line) {
                    tracing::error!(%error, call.id = %call.call_id, "a call can't be written to the history");
                }
            }
            Job::Flush(done) => {
                if let Err(error) = file.sync_data() {
                    tracing::error!(%error, "the call history can't be flushed");
                }
                // Nobody waits any more: fine.
                let _ = done.send(());
            }
        }
    }
}
