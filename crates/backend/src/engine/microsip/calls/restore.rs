//! What the machine leaves to its next life beside the calls, and how it takes both up.

use std::time::Instant;

use protocol::{CallId, UnixSeconds};
use serde::{Deserialize, Serialize};

use super::super::hook_id::SeenHooks;
use super::super::watch::Run;
use super::{Calls, Stage, Switch, Tracked};
use crate::store::OpenCalls;

/// What can't be read off the calls that tabs see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in super::super) struct Memo {
    /// Whose calls these are.
    pub(in super::super) run: Option<Run>,
    /// The microphone is off, in whatever call comes.
    pub(in super::super) muted: bool,
    /// Calls that the operator has ended; their ends have not been told yet.
    pub(in super::super) left: Vec<CallId>,
    /// Calls that were handed over; likewise.
    pub(in super::super) transferred: Vec<CallId>,
    /// What has been taken in, lest it be told again.
    pub(in super::super) hooks: SeenHooks,
}

impl Calls {
    /// What to remember of now, but for the hooks.
    pub(in super::super) fn memo(&self) -> Memo {
        let ids = |such: fn(&Tracked) -> bool| {
            self.calls.iter().filter(|call| such(call)).map(|call| call.id.clone()).collect()
        };
        Memo {
            run: self.run,
            muted: self.microphone.is,
            left: ids(|call| call.leaving.is_some()),
            transferred: ids(|call| call.transferred.is_some()),
            hooks: SeenHooks::default(),
        }
    }

    /// Takes calls up that are in the book already. `at` gives the instant of a Unix time.
    pub(in super::super) fn restore(&mut self, open: &OpenCalls, memo: &Memo, at: impl Fn(UnixSeconds) -> Instant) {
        let mut calls: Vec<_> = open.listed().collect();
        calls.sort_by_key(|call| call.begin_time);
        for kept in calls {
            let mut call = Tracked::restored(&kept.call, at(kept.begin_time), kept.call.start_time.map(&at));
            call.transferred = memo.transferred.contains(&call.id).then(|| at(open.alive_at));
            self.calls.push(call);
        }
        self.microphone = Switch { is: memo.muted, will_be: memo.muted };
    }

    /// The calls that are up, and of each since when and whether it is connected.
    pub(in super::super) fn up(&self) -> Vec<(CallId, Instant, bool)> {
        self.calls.iter().map(|call| (call.id.clone(), call.begun, call.stage == Stage::Talking)).collect()
    }

    /// Forgets a call without a word.
    pub(in super::super) fn drop_call(&mut self, id: &CallId) {
        self.calls.retain(|call| call.id != *id);
    }
}
