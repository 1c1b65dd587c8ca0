//! Drives MicroSIP: commands by messages to its window or by starting `microsip.exe ARG`, news by its hooks, life and death by watching the process.
//!
//! MicroSIP answers no command and names no call. So all knowledge of calls is [`calls::Calls`], a pure machine fed by
//! hooks, actions, the process watch and the clock; [`driver`] is the task around it.

mod calls;
mod command;
mod driver;
mod hook_event;
mod hook_id;
mod ini;
mod late;
mod launch;
mod locate;
mod missed;
mod number;
mod queue;
mod records;
mod resume;
pub mod setup;
mod spool;
mod watch;
#[cfg(windows)]
mod windows;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use protocol::{CallId, Capabilities, Capability};
use tokio::sync::{mpsc, oneshot};

use super::{Action, Engine, EngineError, EngineEvents, Past, Told};
use crate::store::Health;
use calls::Rules;
use late::Now;
use launch::Carriers;
use missed::Missed;
use resume::resume;
use watch::Watch;

pub use command::{MicroSipCommand, Version};
pub use driver::HookSender;
pub use hook_event::{HookEvent, UnknownHookEvent};
pub use hook_id::{HookId, NoHookId};
#[doc(hidden)]
pub use ini::single_mode_in;
pub use locate::{MicroSipAbsent, locate};
#[doc(hidden)]
pub use records::calls_listed_in;
pub use spool::{Spool, SpooledHook, Taken};

/// The engine's name.
const NAME: &str = "microsip";

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
    /// A dial starts MicroSIP where it does not run.
    pub start_on_dial: bool,
    /// Least time between the starts of two commands.
    pub command_gap: Duration,
    /// How often to look whether it runs.
    pub poll_every: Duration,
    /// Where hooks wait that found no backend.
    pub spool: Option<Spool>,
    /// Where it is told that the spool can't be read.
    pub health: Arc<Health>,
}

impl MicroSipConfig {
    /// The usual times, and `singleMode` as the settings beside (or belonging to) this executable say.
    pub fn new(exe: PathBuf) -> Self {
        Self {
            single_mode: ini::single_mode(&exe),
            exe,
            version: None,
            confirm_within: Duration::from_secs(5),
            start_on_dial: false,
            command_gap: Duration::from_millis(300),
            poll_every: Duration::from_secs(1),
            spool: None,
            health: Arc::default(),
        }
    }
}

/// The engine. Its tasks end when it and all of its [`HookSender`]s are dropped.
#[derive(Debug)]
pub struct MicroSip {
    inbox: mpsc::UnboundedSender<driver::Message>,
    single_mode: bool,
    version: Option<Version>,
    start_on_dial: bool,
}

impl MicroSip {
    /// Begins to watch MicroSIP and to take commands, taking up calls of an earlier life and the hooks that fired since.
    /// Also gives what happened meanwhile; once that is kept, the hooks are put away.
    ///
    /// Call it within a tokio runtime. It looks at all processes, which takes a moment.
    pub fn start(config: MicroSipConfig, past: Past, mut taken: Taken, events: EngineEvents) -> (Self, Vec<Told>) {
        let MicroSipConfig { single_mode, version, start_on_dial, confirm_within, .. } = config;
        let rules = Rules { single_mode, version, confirm_within, start_on_dial };
        let (past, mut told) = past.of(NAME);
        let run = Watch::new(&config.exe, Carriers::default()).look();
        let resumed = resume(rules, &past, std::mem::take(&mut taken.hooks), run, Now::read());
        told.extend(resumed.told);
        let missed = Missed::new(config.spool.clone(), config.health.clone(), taken);
        let inbox = driver::start(config, (resumed.calls, resumed.next), resumed.memo, missed, events);
        (Self { inbox, single_mode, version, start_on_dial }, told)
    }

    /// Where hooks come in.
    pub fn hooks(&self) -> HookSender {
        HookSender::new(self.inbox.clone())
    }
}

#[async_trait]
impl Engine for MicroSip {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> Capabilities {
        use Capability::{Answer, Dial, Dtmf, Hangup, Hold, Mute, Reject, Start, Transfer};
        let recent = Version::can_reject_and_mute(self.version);
        let always = [Dial, Answer, Hangup, Hold, Dtmf, Transfer];
        let sometimes = [(Reject, recent), (Mute, recent), (Start, self.start_on_dial)];
        let sometimes = sometimes.into_iter().filter_map(|(capability, there)| there.then_some(capability));
        Capabilities::new(always.into_iter().chain(sometimes))
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

    fn outlives(&self) -> bool {
        true
    }
}
