//! What a stand-in knows of itself, as tests read it.

use serde::{Deserialize, Serialize};

/// Everything that a test may want to assert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Calls that are up, oldest first.
    pub calls: Vec<CallRecord>,
    /// The call that hold, DTMF and transfer are about.
    pub selected: Option<u32>,
    /// The microphone is off, for whatever call.
    pub muted: bool,
    /// Its SIP stack is not up: commands are lost.
    pub stack_down: bool,
    /// Every command line that another process handed over, in order.
    pub commands: Vec<CommandRecord>,
    /// Texts that went out as instant messages.
    pub messages: Vec<String>,
    /// Digits sent, with the call.
    pub dtmf: Vec<(u32, String)>,
    /// Blind transfers, with the call.
    pub transfers: Vec<(u32, String)>,
    /// Every hook that was run, in order.
    pub hooks: Vec<HookRecord>,
    /// Calls that have ended, oldest first.
    pub history: Vec<HistoryRecord>,
    /// Processes that came while another still handed its command over: each a modal error.
    pub overlaps: u32,
    /// Processes that found the ini locked: each a modal error.
    pub locked_out: u32,
    /// The settings were deleted.
    pub reset: bool,
}

/// One call that is up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Its number in this stand-in, from 1.
    pub id: u32,
    /// Begun by the other party.
    pub incoming: bool,
    /// User part of the other party's address.
    pub user: String,
    /// Domain of the other party's address.
    pub domain: String,
    /// Name that the other party sent.
    pub name: String,
    /// How far it is.
    pub stage: CallStage,
    /// Parked.
    pub held: bool,
    /// Digits to send once connected.
    pub dtmf_on_connect: Option<String>,
    /// When it was connected, Unix seconds.
    pub connected_at: Option<u64>,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallStage {
    /// Incoming, not answered.
    Ringing,
    /// Outgoing, not answered.
    Calling,
    /// Answered.
    Connected,
}

/// One command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// As it was handed over.
    pub raw: String,
    /// What came of it.
    pub effect: Effect,
    /// By a message to the window, and not by a process.
    pub posted: bool,
}

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// It did something.
    Done,
    /// There was nothing to do it to, or single mode dropped it.
    Dropped,
    /// The SIP stack was not up.
    Lost,
}

/// One run of a hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRecord {
    /// The ini's key.
    pub key: String,
    /// What was put behind the command.
    pub argument: String,
    /// It outlived the wait, or could not be started.
    pub failed: bool,
    /// What the process exited with, if it did in time.
    pub code: Option<i32>,
}

/// One line of `[Calls]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRecord {
    /// The other party.
    pub number: String,
    /// Its name.
    pub name: String,
    /// 0 outgoing, 1 incoming, 2 missed, 3 taken elsewhere.
    pub kind: u8,
    /// Unix seconds.
    pub at: u64,
    /// Seconds connected.
    pub seconds: u64,
    /// Why it ended.
    pub info: String,
}

impl State {
    /// The raw command lines, in order.
    pub fn raw_commands(&self) -> Vec<&str> {
        self.commands.iter().map(|command| command.raw.as_str()).collect()
    }

    /// The hooks' keys without `cmd`, in order.
    pub fn hook_names(&self) -> Vec<&str> {
        self.hooks.iter().map(|hook| hook.key.trim_start_matches("cmd")).collect()
    }
}
