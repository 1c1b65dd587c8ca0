//! What drives a softphone: the one interface between the desk and an engine.
//!
//! The desk asks by [`Engine::perform`]; what really happens comes back as [`EngineEvent`]s, whoever caused it: the
//! operator in a tab, the operator in the softphone's own window, or the other party. Only events change the call book.

pub mod choice;
pub mod microsip;
mod past;
pub mod simulator;

use async_trait::async_trait;
use protocol::wire::rest::TransferTarget;
use protocol::{CallId, Capabilities, DtmfDigits, EndReason, PhoneNumber, PhoneStatus};
use tokio::sync::mpsc;

pub use past::{Past, Receipt, Received, Told};

/// A softphone, or something that behaves like one.
#[async_trait]
pub trait Engine: Send + Sync + 'static {
    /// Its name in logs and settings, in lower case.
    fn name(&self) -> &'static str;

    /// What it can do. The desk asks for nothing else.
    fn capabilities(&self) -> Capabilities;

    /// Whether it dials while another call is up.
    fn dials_beside_a_call(&self) -> bool;

    /// Hands one action to the softphone; `Ok` means that it was taken, for a dial that the phone is really dialling.
    ///
    /// # Errors
    /// The softphone can't be reached, or did not take it.
    async fn perform(&self, action: Action) -> Result<(), EngineError>;

    /// The desk has ended this call without the softphone's word. An engine with a book of its own ends it there too,
    /// before it looks at any later action: else the call that nobody sees would stand in the next one's way.
    fn forget(&self, _call: &CallId) {}

    /// Whether its calls go on when this program ends, to be taken up by its next life.
    fn outlives(&self) -> bool {
        false
    }
}

/// One thing that the desk wants of the softphone. The desk has checked it against the call's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin a call; the engine reports it as `Dialing` under this id.
    Dial {
        /// The id that the call shall have.
        call: CallId,
        /// Whom to call.
        number: PhoneNumber,
    },
    /// Answer a ringing call.
    Answer(CallId),
    /// Refuse a ringing call.
    Reject(CallId),
    /// Give up a call that is being dialled.
    Cancel(CallId),
    /// End a connected call.
    Hangup(CallId),
    /// Park a connected call, or take it back.
    Hold {
        /// Which.
        call: CallId,
        /// Parked or not; a state, not a toggle.
        on: bool,
    },
    /// The microphone off, or on.
    Mute {
        /// In which call.
        call: CallId,
        /// Off (muted) or not; a state, not a toggle.
        on: bool,
    },
    /// Send digits in a connected call.
    Dtmf {
        /// In which call.
        call: CallId,
        /// What to send.
        digits: DtmfDigits,
    },
    /// Hand a connected call over.
    Transfer {
        /// Which.
        call: CallId,
        /// To whom.
        target: TransferTarget,
    },
}

/// What happened at the softphone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineEvent {
    /// It came or went. When it goes, the desk ends its calls as `failed`.
    Phone(PhoneStatus),
    /// A call rings here.
    Incoming {
        /// A new id, from [`crate::ids::new_call_id`].
        call: CallId,
        /// As the caller sent it: untrusted, possibly empty.
        number: String,
        /// Likewise.
        display_name: Option<String>,
    },
    /// A call is being dialled, by us (the id of the action) or in the softphone's own window (a new id).
    Dialing {
        /// Which.
        call: CallId,
        /// Whom.
        number: String,
    },
    /// A call was answered.
    Connected(CallId),
    /// A call was muted, held, or the reverse.
    Updated {
        /// Which.
        call: CallId,
        /// The new state, if it changed.
        muted: Option<bool>,
        /// The new state, if it changed.
        held: Option<bool>,
    },
    /// A call that is about to end was connected for so long, by the softphone's own count.
    Lasted {
        /// Which.
        call: CallId,
        /// How long.
        seconds: u64,
    },
    /// A call is over.
    Ended {
        /// Which.
        call: CallId,
        /// Why.
        reason: EndReason,
    },
    /// What the engine wants to find again after a restart, from now on. It says nothing to anybody else.
    Remember(serde_json::Value),
    /// To be [kept](Receipt::keep) once all events before it are, those from before the start among them.
    Receipt(Receipt),
    /// These belong together: a kill at any instant keeps all of them, or none.
    Together(Vec<EngineEvent>),
    /// These happened before now, each at its own time.
    Late(Vec<Told>),
}

impl EngineEvent {
    /// The call that it is about.
    pub fn call(&self) -> Option<&CallId> {
        match self {
            Self::Incoming { call, .. }
            | Self::Dialing { call, .. }
            | Self::Connected(call)
            | Self::Updated { call, .. }
            | Self::Lasted { call, .. }
            | Self::Ended { call, .. } => Some(call),
            Self::Phone(_) | Self::Remember(_) | Self::Receipt(_) | Self::Together(_) | Self::Late(_) => None,
        }
    }
}

/// The engine's end of its line to the desk. Unbounded: an engine must never wait for the desk while a hook waits for it.
pub type EngineEvents = mpsc::UnboundedSender<EngineEvent>;

/// Why the softphone did not take an action. The texts are shown to the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// It does not run or can't be reached.
    #[error("the softphone is not running: start it and try again")]
    PhoneUnavailable,
    /// It was told and did nothing.
    #[error("the softphone did not take the command: look at its window and try again")]
    Refused,
    /// It has no such function.
    #[error("this softphone can't do that")]
    NotSupported,
}
