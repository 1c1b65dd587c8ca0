//! The calls that are up, in `open-calls.json`: what a backend that was killed leaves to its next life.

use protocol::wire::event::SnapshotCall;
use protocol::{CallId, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::history::PastCall;

/// The calls that are up, and until when that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCalls {
    /// The engine whose calls these are, by its name.
    pub engine: String,
    /// When the backend last lived with them, in Unix seconds. Renewed while calls are up.
    pub alive_at: UnixSeconds,
    /// In the order of attention, as in a snapshot.
    pub calls: Vec<OpenCall>,
    /// What the engine wants to find again; no other reads it.
    #[serde(default)]
    pub memo: serde_json::Value,
    /// Calls that have ended and are not in the history yet: its file takes nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<PastCall>,
    /// Calls that stood in the file as up and are in the history as ended: a kill came between the two. Known to the
    /// engine only, whose hooks may still speak of them.
    #[serde(skip)]
    pub over: Vec<OpenCall>,
}

impl OpenCalls {
    /// The calls that stood in the file, those that are over among them.
    pub fn listed(&self) -> impl Iterator<Item = &OpenCall> {
        self.calls.iter().chain(&self.over)
    }
}

/// One call that is up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCall {
    /// When it began to ring or was dialled, in Unix seconds.
    pub begin_time: UnixSeconds,
    /// The rest, as a snapshot has it.
    #[serde(flatten)]
    pub call: SnapshotCall,
}

impl OpenCall {
    /// The call's id.
    pub fn id(&self) -> &CallId {
        &self.call.call_id
    }
}
