//! An engine without a softphone: the other party is played by [`Simulator::incoming`], [`Simulator::answer`] and
//! [`Simulator::hangup`], and a number that is dialled answers by itself after a moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use protocol::wire::rest::TransferTarget;
use protocol::{CallId, Capabilities, Capability, EndReason, PhoneNumber, PhoneStatus};
use tokio::time::sleep;

use super::{Action, Engine, EngineError, EngineEvent, EngineEvents};
use crate::ids::new_call_id;

/// How long a dialled number rings before it answers, is busy or fails.
pub const ANSWERS_AFTER: Duration = Duration::from_secs(2);
/// How many calls there can be at once.
const MAX_CALLS: usize = 16;

/// The simulated softphone.
pub struct Simulator {
    line: Arc<Line>,
    answers_after: Duration,
}

struct Line {
    calls: Mutex<Vec<SimCall>>,
    events: EngineEvents,
}

struct SimCall {
    id: CallId,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Rings,
    Dialled,
    Live,
    Held,
}

impl Simulator {
    /// A softphone that is there at once and tells of itself on `events`. Dialled numbers answer after `answers_after`.
    pub fn new(events: EngineEvents, answers_after: Duration) -> Self {
        let line = Line { calls: Mutex::new(Vec::new()), events };
        line.tell(EngineEvent::Phone(PhoneStatus::Available));
        Self { line: Arc::new(line), answers_after }
    }

    /// The other party rings.
    ///
    /// # Errors
    /// There are too many calls already.
    pub fn incoming(&self, number: String, display_name: Option<String>) -> Result<CallId, &'static str> {
        let mut calls = self.line.lock();
        if calls.len() >= MAX_CALLS {
            return Err("the simulator has no more lines: end a call first");
        }
        let id = new_call_id();
        calls.push(SimCall { id: id.clone(), phase: Phase::Rings });
        self.line.tell(EngineEvent::Incoming { call: id.clone(), number, display_name });
        Ok(id)
    }

    /// The other party answers what is being dialled.
    ///
    /// # Errors
    /// Nothing is being dialled.
    pub fn answer(&self) -> Result<(), &'static str> {
        let mut calls = self.line.lock();
        let dialled = calls.iter().find(|call| call.phase == Phase::Dialled).map(|call| call.id.clone());
        let id = dialled.ok_or("nothing is being dialled")?;
        self.line.connect(&mut calls, &id);
        Ok(())
    }

    /// The other party hangs up the live call, else declines what is being dialled, else gives up what rings, else
    /// hangs up what is on hold.
    ///
    /// # Errors
    /// There is no call.
    pub fn hangup(&self) -> Result<(), &'static str> {
        let mut calls = self.line.lock();
        let endings = [
            (Phase::Live, EndReason::Hangup),
            (Phase::Dialled, EndReason::Busy),
            (Phase::Rings, EndReason::Missed),
            (Phase::Held, EndReason::Hangup),
        ];
        for (phase, reason) in endings {
            if let Some(at) = calls.iter().position(|call| call.phase == phase) {
                self.line.end(&mut calls, at, reason);
                return Ok(());
            }
        }
        Err("there is no call")
    }

    fn dial(&self, id: CallId, number: &PhoneNumber) -> Result<(), EngineError> {
        let mut calls = self.line.lock();
        if !calls.is_empty() {
            return Err(EngineError::Refused);
        }
        calls.push(SimCall { id: id.clone(), phase: Phase::Dialled });
        self.line.tell(EngineEvent::Dialing { call: id.clone(), number: number.to_string() });
        tokio::spawn(other_party(Arc::downgrade(&self.line), id, fate(number), self.answers_after));
        Ok(())
    }
}

#[async_trait]
impl Engine for Simulator {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new(Capability::ALL)
    }

    fn dials_beside_a_call(&self) -> bool {
        false
    }

    async fn perform(&self, action: Action) -> Result<(), EngineError> {
        if let Action::Dial { call, number } = &action {
            return self.dial(call.clone(), number);
        }
        let line = &self.line;
        let mut calls = line.lock();
        let find = |id: &CallId, phases: &[Phase]| {
            let at = calls.iter().position(|call| call.id == *id && phases.contains(&call.phase));
            at.ok_or(EngineError::Refused)
        };
        let connected = [Phase::Live, Phase::Held];
        match action {
            Action::Dial { .. } => {}
            Action::Answer(id) => {
                find(&id, &[Phase::Rings])?;
                line.connect(&mut calls, &id);
            }
            Action::Reject(id) => {
                let at = find(&id, &[Phase::Rings])?;
                line.end(&mut calls, at, EndReason::Rejected);
            }
            Action::Cancel(id) => {
                let at = find(&id, &[Phase::Dialled])?;
                line.end(&mut calls, at, EndReason::Hangup);
            }
            Action::Hangup(id) => {
                let at = find(&id, &connected)?;
                line.end(&mut calls, at, EndReason::Hangup);
            }
            Action::Hold { call, on } => {
                let at = find(&call, &connected)?;
                if !on {
                    line.park_others(&mut calls, &call);
                }
                calls[at].phase = if on { Phase::Held } else { Phase::Live };
                line.tell(EngineEvent::Updated { call, muted: None, held: Some(on) });
            }
            Action::Mute { call, on } => {
                find(&call, &connected)?;
                line.tell(EngineEvent::Updated { call, muted: Some(on), held: None });
            }
            Action::Dtmf { call, .. } => {
                find(&call, &[Phase::Live])?;
            }
            Action::Transfer { call, target } => {
                find(&call, &connected)?;
                let other = match target {
                    TransferTarget::Phone(_) => None,
                    TransferTarget::Call(other) => Some(other).filter(|other| *other != call),
                };
                for id in [Some(call), other].into_iter().flatten() {
                    if let Some(at) = calls.iter().position(|call| call.id == id) {
                        line.end(&mut calls, at, EndReason::Transferred);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, Vec<SimCall>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Told under the lock, so that the desk hears things in the order in which they happened.
    fn tell(&self, event: EngineEvent) {
        // It fails only when the desk is gone; then nobody cares.
        let _ = self.events.send(event);
    }

    fn connect(&self, calls: &mut [SimCall], id: &CallId) {
        self.park_others(calls, id);
        for call in calls.iter_mut().filter(|call| call.id == *id) {
            call.phase = Phase::Live;
            self.tell(EngineEvent::Connected(id.clone()));
        }
    }

    fn park_others(&self, calls: &mut [SimCall], id: &CallId) {
        for call in calls.iter_mut().filter(|call| call.phase == Phase::Live && call.id != *id) {
            call.phase = Phase::Held;
            self.tell(EngineEvent::Updated { call: call.id.clone(), muted: None, held: Some(true) });
        }
    }

    fn end(&self, calls: &mut Vec<SimCall>, at: usize, reason: EndReason) {
        let call = calls.remove(at).id;
        self.tell(EngineEvent::Ended { call, reason });
    }
}

/// What becomes of a dialled number: `None` is an answer.
fn fate(number: &PhoneNumber) -> Option<EndReason> {
    let number = number.as_str();
    let user = number.strip_prefix("sip:").and_then(|address| address.split('@').next()).unwrap_or(number);
    match user {
        user if user.ends_with("486") => Some(EndReason::Busy),
        user if user.ends_with("404") => Some(EndReason::Failed),
        _ => None,
    }
}

async fn other_party(line: Weak<Line>, id: CallId, fate: Option<EndReason>, after: Duration) {
    sleep(after).await;
    let Some(line) = line.upgrade() else { return };
    let mut calls = line.lock();
    let Some(at) = calls.iter().position(|call| call.id == id && call.phase == Phase::Dialled) else { return };
    match fate {
        Some(reason) => line.end(&mut calls, at, reason),
        None => line.connect(&mut calls, &id),
    }
}
