//! Drives MicroSIP: commands by starting `microsip.exe ARG`, news by its hooks, life and death by watching the process.
//!
//! MicroSIP answers no command and names no call. So all knowledge of calls is [`calls::Calls`], a pure machine fed by
//! hooks, actions, the process watch and the clock; [`driver`] is the task around it.

mod calls;
mod command;
mod driver;
mod hook_event;
mod ini;
mod launch;
mod locate;
mod number;
mod queue;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use protocol::{CallId, Capabilities, Capability};
use tokio::sync::{mpsc, oneshot};

use super::{Action, Engine, EngineError, EngineEvents};
use calls::Rules;

pub use command::{MicroSipCommand, Version};
pub use driver::HookSender;
pub use hook_event::{HookEvent, UnknownHookEvent};
#[doc(hidden)]
pub use ini::single_mode_in;
pub use locate::{MicroSipAbsent, locate};

/// How the engine finds and judges MicroSIP.
#[derive(Clone, Debug)]
pub struct MicroSipConfig {
    /// The executable; see [`locate`].
    pub exe: PathBuf,
    /// MicroSIP's version where it is known; else one that can do all is assumed.
    pub version: Option<Version>,
    /// MicroSIP's `singleMode`: one call at a time.
    pub single_mode: bool,
    /// How long a dial or an answer waits for the hook that proves it, and a hang-up for the end of its call.
    pub confirm_within: Duration,
    /// Least time between the starts of two commands.
    pub command_gap: Duration,
    /// How often to look whether it runs.
    pub poll_every: Duration,
}

impl MicroSipConfig {
    /// The usual times, and `singleMode` as the settings beside (or belonging to) this executable say.
    pub fn new(exe: PathBuf) -> Self {
        Self {
            single_mode: ini::single_mode(&exe),
            exe,
            version: None,
            confirm_within: Duration::from_secs(5),
            command_gap: Duration::from_millis(300),
            poll_every: Duration::from_secs(1),
        }
    }
}

/// The engine. Its tasks end when it and all of its [`HookSender`]s are dropped.
#[derive(Debug)]
pub struct MicroSip {
    inbox: mpsc::UnboundedSender<driver::Message>,
    single_mode: bool,
    version: Option<Version>,
}

impl MicroSip {
    /// Begins to watch MicroSIP and to take commands. Call it within a tokio runtime.
    pub fn start(config: MicroSipConfig, events: EngineEvents) -> Self {
        let MicroSipConfig { single_mode, version, .. } = config;
        let rules = Rules { single_mode, version, confirm_within: config.confirm_within };
        Self { inbox: driver::start(config, rules, events), single_mode, version }
    }

    /// Where hooks come in.
    pub fn hooks(&self) -> HookSender {
        HookSender::new(self.inbox.clone())
    }
}

#[async_trait]
impl Engine for MicroSip {
    fn name(&self) -> &'static str {
        "microsip"
    }

    fn capabilities(&self) -> Capabilities {
        use Capability::{Answer, Dial, Dtmf, Hangup, Hold, Mute, Reject, Transfer};
        let recent = Version::can_reject_and_mute(self.version);
        let always = [Dial, Answer, Hangup, Hold, Dtmf, Transfer];
        Capabilities::new(always.into_iter().chain([Reject, Mute].into_iter().filter(|_| recent)))
    }

    fn dials_beside_a_call(&self) -> bool {
        !self.single_mode
    }

    async fn perform(&self, action: Action) -> Result<(), EngineError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inbox.send(driver::Message::Perform { action, reply });
        sent.map_err(|_| EngineError::PhoneUnavailable)?;
        answer.await.unwrap_or(Err(EngineError::PhoneUnavailable))
    }

    fn forget(&self, call: &CallId) {
        // Without its task the engine knows of no call.
        let _ = self.inbox.send(driver::Message::Input(calls::Input::Forget(call.clone())));
    }
}
