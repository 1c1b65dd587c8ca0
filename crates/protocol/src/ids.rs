//! Identifiers: of a call, and of an event in the backend's journal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names one call, from its first event to its `call_ended`. Made by the backend, opaque to everybody else, never reused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(String);

impl CallId {
    /// Takes any text as an id: whether such a call exists is for the book to say.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `id` of a journal event, on the wire `<epoch>-<seq>`.
///
/// An epoch is one life of the backend's journal; within it `seq` grows by one for each event. Numbers of different
/// epochs say nothing about each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// Which life of the journal; has no `-` in it.
    pub epoch: String,
    /// Place in that life; 0 is "nothing has happened yet".
    pub seq: u64,
}

/// A text that is not `<epoch>-<seq>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event id is <epoch>-<number>")]
pub struct InvalidEventId;

impl FromStr for EventId {
    type Err = InvalidEventId;

    fn from_str(text: &str) -> Result<Self, InvalidEventId> {
        let (epoch, seq) = text.split_once('-').ok_or(InvalidEventId)?;
        // `parse` alone would also take "+7".
        if epoch.is_empty() || epoch.len() > 64 || !seq.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidEventId);
        }
        let seq = seq.parse().map_err(|_| InvalidEventId)?;
        Ok(Self { epoch: epoch.to_owned(), seq })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.seq)
    }
}
