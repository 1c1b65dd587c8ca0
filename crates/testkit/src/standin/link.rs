//! The line to an instance: JSON lines over loopback TCP, found by a file beside the executable.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::state::State;

/// Where an instance listens; written by it when it is ready.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Door {
    pub(super) port: u16,
    pub(super) pid: u32,
}

impl Door {
    pub(super) fn path(exe: &Path) -> PathBuf {
        exe.with_extension("door.json")
    }

    /// The door of the instance that last ran from this path, dead or alive.
    pub(super) fn read(exe: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::path(exe)).ok()?).ok()
    }

    /// Appears whole or not at all.
    pub(super) fn write(&self, exe: &Path) -> anyhow::Result<()> {
        let new = exe.with_extension("door.new");
        std::fs::write(&new, serde_json::to_vec(self)?)?;
        Ok(std::fs::rename(new, Self::path(exe))?)
    }
}

/// What comes over the line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Request {
    /// Another process hands over its command line.
    Deliver { raw: String },
    /// A test plays.
    Play(Op),
}

/// What goes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// Which instance this is; the first line, before any request.
    Hello {
        pid: u32,
    },
    /// Handed over, or played; with the call that it was about.
    Done {
        call: Option<u32>,
    },
    /// There is no such call.
    NoCall,
    /// The other process would show a modal error and exit with 1.
    Modal,
    State(Box<State>),
}

/// What a test can make happen; without a call's number, the first that fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "op")]
pub enum Op {
    /// A caller calls.
    Ring {
        /// User part, chosen by the caller.
        user: String,
        /// Domain part.
        domain: String,
        /// Display name.
        name: String,
        /// Do-not-disturb or a deny rule refuses it before it rings.
        refused: bool,
    },
    /// The called party answers.
    Answer {
        /// Which.
        call: Option<u32>,
    },
    /// The called party is busy or declines.
    Busy {
        /// Which.
        call: Option<u32>,
    },
    /// The called number does not exist or does not answer.
    Fail {
        /// Which.
        call: Option<u32>,
    },
    /// The caller gives up ringing.
    GiveUp {
        /// Which.
        call: Option<u32>,
    },
    /// Another device of the operator answers.
    TakenElsewhere {
        /// Which.
        call: Option<u32>,
    },
    /// The other party hangs up a connected call.
    Hangup {
        /// Which.
        call: Option<u32>,
    },
    /// The operator answers in the window.
    WindowAnswer {
        /// Which.
        call: Option<u32>,
    },
    /// The operator rejects in the window.
    WindowReject {
        /// Which.
        call: Option<u32>,
    },
    /// A call ends without any hook.
    LoseWithoutHook {
        /// Which.
        call: Option<u32>,
    },
    /// The operator does in the window what this command line would do.
    Command {
        /// The command line.
        raw: String,
    },
    /// The SIP stack goes down, or comes up.
    StackDown {
        /// Down.
        on: bool,
    },
    /// The next hook does not run, and MicroSIP waits for it in vain.
    HangNextHook,
    /// Other processes find the ini locked, or free again.
    LockIni {
        /// Locked.
        on: bool,
    },
    /// The process dies at once.
    Crash,
    /// Tell everything.
    State,
}
