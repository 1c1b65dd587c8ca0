//! A tab as the hub sees it: what it was shown, what it asked for, and what it was told of that.

use std::collections::BTreeSet;

use protocol::wire::command::Command;
use protocol::wire::port::{Accepted, CommandError, RequestTag, WorkerMessage};
use protocol::{CallId, GlobalState};
use serde_json::Value;

/// How a command ended: well, or with an error of this type.
pub type End = Option<String>;

#[derive(Clone, Debug)]
pub struct Given {
    pub id: u32,
    pub command: Command,
    pub at: u64,
    pub end: Option<End>,
}

impl Given {
    pub fn key(&self) -> String {
        format!("key-{}", self.id)
    }

    pub fn tag(&self, again: Option<u64>) -> RequestTag {
        RequestTag { request_id: Some(self.id.to_string()), ack: true, key: Some(self.key()), again }
    }
}

pub struct Tab {
    pub port: u32,
    pub shown: Option<GlobalState>,
    pub given: Vec<Given>,
    ended: BTreeSet<CallId>,
}

impl Tab {
    pub fn new(port: u32) -> Self {
        Self { port, shown: None, given: Vec::new(), ended: BTreeSet::new() }
    }

    /// Gives the command that has ended by this message, if one has.
    pub fn told(&mut self, message: &WorkerMessage) -> Option<&Given> {
        let (id, end) = match message {
            WorkerMessage::SyncState(state) => {
                let back = state.calls().find(|call| self.ended.contains(&call.id));
                assert!(back.is_none(), "an ended call has come back: {back:?}");
                self.shown = Some(state.clone());
                return None;
            }
            WorkerMessage::SseEvent(raw) => {
                if raw.event == "call_ended" {
                    let data: Value = serde_json::from_str(&raw.data).unwrap();
                    self.ended.insert(CallId::new(data["call_id"].as_str().unwrap()));
                }
                return None;
            }
            WorkerMessage::Accepted(Accepted { request_id, .. }) => (request_id, None),
            WorkerMessage::Error(CommandError { error, request_id: Some(id), .. }) => (id, Some(error.clone())),
            _ => return None,
        };
        let given = self.given.iter_mut().find(|given| given.id.to_string() == *id).expect("it was given by this tab");
        assert_eq!(given.end, None, "a second answer, {end:?}, to {:?}", given.command);
        given.end = Some(end);
        Some(given)
    }
}
