//! What an earlier life of the backend has left to its engine, what the engine makes of it, and how this life knows that
//! a later one will find what it was told.

use std::collections::HashSet;

use protocol::{CallId, EndReason, UnixSeconds};
use tokio::sync::mpsc::{self, error::TryRecvError};

use super::EngineEvent;
use crate::store::OpenCalls;

/// What was when the backend ended, or was killed.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The calls that were up.
    pub open: OpenCalls,
    /// Calls that are in the history already.
    pub ended: HashSet<CallId>,
}

/// Something that happened before the desk was there to hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, in Unix seconds.
    pub at: UnixSeconds,
    /// What.
    pub event: EngineEvent,
}

impl Past {
    /// All calls ended with the backend: how, nobody knows.
    pub fn lost(&self) -> Vec<Told> {
        let ended =
            |call: &crate::store::OpenCall| EngineEvent::Ended { call: call.id().clone(), reason: EndReason::Failed };
        self.open.calls.iter().map(|call| Told { at: self.open.alive_at, event: ended(call) }).collect()
    }

    /// The same for an engine of this name, to which another's calls mean nothing; with what becomes of these.
    pub fn of(mut self, engine: &str) -> (Self, Vec<Told>) {
        if self.open.engine == engine {
            return (self, Vec::new());
        }
        let lost = self.lost();
        self.open = OpenCalls::default();
        (self, lost)
    }
}

/// Goes along with events to the desk; once all before it is kept, whoever holds the other end hears of it. Also if it is
/// dropped instead: then it may not be kept.
#[derive(Clone, Debug)]
pub struct Receipt(mpsc::Sender<()>);

/// The other end of a [`Receipt`].
#[derive(Debug)]
pub struct Received(mpsc::Receiver<()>);

impl Receipt {
    /// Both ends.
    pub fn new() -> (Self, Received) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), Received(receiver))
    }

    /// All before it is kept: a kill does not lose it.
    pub fn keep(self) {
        // It holds one, and whoever is gone needs no news.
        let _ = self.0.try_send(());
    }
}

impl PartialEq for Receipt {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_channel(&other.0)
    }
}

impl Eq for Receipt {}

impl Received {
    /// Whether all is kept, if that is known already.
    pub fn fate(&mut self) -> Option<bool> {
        match self.0.try_recv() {
            Ok(()) => Some(true),
            Err(TryRecvError::Disconnected) => Some(false),
            Err(TryRecvError::Empty) => None,
        }
    }

    /// Waits until it is known whether all is kept.
    pub async fn is_kept(mut self) -> bool {
        self.0.recv().await.is_some()
    }
}
