//! The call history as it can be asked for: the last calls, in memory. [`crate::store`] keeps all of them in a file.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{CallId, Direction, EndReason, UnixSeconds};
use serde::{Deserialize, Serialize};

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
}

impl History {
    /// A history that begins with these calls, oldest first.
    pub fn new(recent: VecDeque<PastCall>) -> Self {
        Self { recent: Mutex::new(recent) }
    }

    /// Adds a call that has just ended.
    pub fn add(&self, call: PastCall) {
        let mut recent = self.lock();
        if recent.len() == CAPACITY {
            recent.pop_front();
        }
        recent.push_back(call);
    }

    /// Whether a call of this id is among the last.
    pub fn has(&self, id: &CallId) -> bool {
        self.lock().iter().any(|call| call.call_id == *id)
    }

    /// At most `limit` calls, newest first, and whether there are older ones; `None` where `before` is not in the history.
    pub fn page(&self, limit: usize, before: Option<&Before>) -> Option<(Vec<PastCall>, bool)> {
        let recent = self.lock();
        let end = match before {
            None => recent.len(),
            Some(Before::Call(id)) => recent.iter().position(|call| call.call_id == *id)?,
            // From the end: where the clock was set back, the newest calls decide.
            Some(Before::Time(time)) => recent.iter().rposition(|call| call.end_time < *time).map_or(0, |at| at + 1),
        };
        let page = recent.range(..end).rev().take(limit).cloned().collect();
        Some((page, end > limit))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<PastCall>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
