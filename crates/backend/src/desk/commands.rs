//! The way out: each command of the operator is checked against the book and handed to the engine.
//!
//! The engine works in a task of its own: a client that goes away in mid-request leaves nothing half done.

use std::sync::Arc;

use protocol::wire::rest::TransferTarget;
use protocol::{Call, CallId, CallState, Capability, DtmfDigits, EndReason, PhoneNumber, PhoneStatus};
use tokio::time::{Instant, sleep};

use super::inner::Inner;
use super::{Desk, HANGUP_CONFIRM};
use crate::engine::{Action, EngineError, EngineEvent};
use crate::error::Error;
use crate::ids::new_call_id;

const NOT_RINGING: Error = Error::InvalidState("only a ringing call can be answered");
const NOT_CONNECTED: Error = Error::InvalidState("the call is not connected: wait until it is answered");
const ON_HOLD: Error = Error::InvalidState("the call is on hold: take it back first");
const SAME_CALL: Error = Error::InvalidState("a call can't be transferred to itself");

impl Desk {
    /// Begins a call.
    ///
    /// # Errors
    /// A call is up or being dialled beside which the engine does not dial; or the softphone did not take it.
    pub async fn dial(self: &Arc<Self>, number: PhoneNumber) -> Result<CallId, Error> {
        let call = new_call_id();
        {
            let mut inner = self.lock();
            let up = if self.engine.dials_beside_a_call() {
                inner.book.calls().iter().any(|call| call.state == CallState::Dialing)
            } else {
                !inner.book.calls().is_empty()
            };
            if up || !inner.dialing.is_empty() {
                return Err(Error::CallAlreadyActive);
            }
            able(&inner, Capability::Dial)?;
            if !inner.book.capabilities.has(Capability::Start) {
                runs(&inner)?;
            }
            inner.dialing.insert(call.clone(), number.clone());
        }
        let pending = PendingDial { desk: self.clone(), call: call.clone() };
        let desk = self.clone();
        let action = Action::Dial { call: call.clone(), number: number.clone() };
        self.spawned(async move {
            desk.engine.perform(action).await.map_err(initiation)?;
            // The engine's own word for it may still be on its way; whichever comes second changes nothing.
            if desk.lock().dialing.contains_key(&pending.call) {
                desk.take_in(EngineEvent::Dialing { call: pending.call.clone(), number: number.into() });
            }
            Ok(())
        })
        .await?;
        Ok(call)
    }

    /// Answers a ringing call.
    ///
    /// # Errors
    /// The call is gone or does not ring, or the softphone did not take it.
    pub async fn answer(self: &Arc<Self>, call: CallId) -> Result<(), Error> {
        {
            let mut inner = self.lock();
            if find(&inner, &call)?.state != CallState::Incoming {
                return Err(NOT_RINGING);
            }
            ready(&inner, Capability::Answer)?;
            let fresh = |since: &Instant| since.elapsed() < HANGUP_CONFIRM;
            if inner.answering.get(&call).is_some_and(fresh) {
                return Ok(()); // another tab was first: the phone has been told
            }
            inner.answering.insert(call.clone(), Instant::now());
        }
        let desk = self.clone();
        self.spawned(async move {
            let result = desk.engine.perform(Action::Answer(call.clone())).await;
            if result.is_err() {
                desk.lock().answering.remove(&call);
            }
            result.map_err(initiation)
        })
        .await
    }

    /// Ends a call: rejects one that rings, gives up one that is being dialled, hangs up one that is connected.
    ///
    /// Whatever the softphone does, the call is over here within [`HANGUP_CONFIRM`]; unless its engine can't end this one
    /// call now and so tells it nothing.
    ///
    /// # Errors
    /// The call is gone, or the softphone did not take it; then the call is ended here all the same.
    pub async fn hangup(self: &Arc<Self>, call: CallId) -> Result<(), Error> {
        let (action, reason, since) = {
            let mut inner = self.lock();
            let (action, reason, capability) = match find(&inner, &call)?.state {
                CallState::Incoming => (Action::Reject(call.clone()), EndReason::Rejected, Capability::Reject),
                CallState::Dialing => (Action::Cancel(call.clone()), EndReason::Hangup, Capability::Hangup),
                CallState::Talking => (Action::Hangup(call.clone()), EndReason::Hangup, Capability::Hangup),
            };
            ready(&inner, capability)?;
            let fresh = |since: &Instant| since.elapsed() < HANGUP_CONFIRM;
            if inner.ending.get(&call).is_some_and(fresh) {
                return Ok(()); // another tab was first: the phone has been told
            }
            let since = Instant::now();
            inner.ending.insert(call.clone(), since);
            (action, reason, since)
        };
        let watchdog = (Arc::downgrade(self), call.clone());
        tokio::spawn(async move {
            sleep(HANGUP_CONFIRM).await;
            if let (Some(desk), call) = (watchdog.0.upgrade(), watchdog.1)
                && desk.lock().ending.get(&call) == Some(&since)
            {
                desk.end_unconfirmed(&call, reason);
            }
        });
        let desk = self.clone();
        self.spawned(async move {
            let result = desk.engine.perform(action).await;
            match result {
                Ok(()) => {}
                // The softphone was not told, and the call is up for sure: it can be ended later.
                Err(EngineError::NotSupported) => drop(desk.lock().ending.remove(&call)),
                Err(_) => desk.end_unconfirmed(&call, reason),
            }
            result.map_err(termination)
        })
        .await
    }

    /// Parks a connected call, or takes it back.
    ///
    /// # Errors
    /// The call is gone or not connected, or the softphone did not take it.
    pub async fn hold(self: &Arc<Self>, call: CallId, on: bool) -> Result<(), Error> {
        self.check(&call, Capability::Hold, connected)?;
        self.perform(Action::Hold { call, on }).await
    }

    /// Switches the microphone off, or on.
    ///
    /// # Errors
    /// The call is gone or not connected, or the softphone did not take it.
    pub async fn mute(self: &Arc<Self>, call: CallId, on: bool) -> Result<(), Error> {
        self.check(&call, Capability::Mute, connected)?;
        self.perform(Action::Mute { call, on }).await
    }

    /// Sends digits.
    ///
    /// # Errors
    /// The call is gone, not connected or on hold, or the softphone did not take it.
    pub async fn dtmf(self: &Arc<Self>, call: CallId, digits: DtmfDigits) -> Result<(), Error> {
        self.check(&call, Capability::Dtmf, |call| {
            connected(call)?;
            if call.held { Err(ON_HOLD) } else { Ok(()) }
        })?;
        self.perform(Action::Dtmf { call, digits }).await
    }

    /// Hands a connected call over to a number, or to the other party of another connected call.
    ///
    /// # Errors
    /// A call is gone or not connected, or the softphone did not take it.
    pub async fn transfer(self: &Arc<Self>, call: CallId, target: TransferTarget) -> Result<(), Error> {
        match &target {
            TransferTarget::Phone(_) => self.check(&call, Capability::Transfer, connected)?,
            TransferTarget::Call(to) if *to == call => return Err(SAME_CALL),
            TransferTarget::Call(to) => {
                self.check(&call, Capability::AttendedTransfer, connected)?;
                self.check(to, Capability::AttendedTransfer, connected)?;
            }
        }
        self.perform(Action::Transfer { call, target }).await
    }

    fn check(
        &self,
        call: &CallId,
        capability: Capability,
        state: impl FnOnce(&Call) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let inner = self.lock();
        state(find(&inner, call)?)?;
        ready(&inner, capability)
    }

    async fn perform(self: &Arc<Self>, action: Action) -> Result<(), Error> {
        let desk = self.clone();
        self.spawned(async move { desk.engine.perform(action).await.map_err(termination) }).await
    }

    async fn spawned(&self, work: impl Future<Output = Result<(), Error>> + Send + 'static) -> Result<(), Error> {
        tokio::spawn(work).await.unwrap_or_else(|error| {
            tracing::error!(%error, engine = self.engine.name(), "the engine failed in a command");
            Err(Error::Internal)
        })
    }
}

/// A dial on its way: however the way ends, by a panic too, the line is free again.
struct PendingDial {
    desk: Arc<Desk>,
    call: CallId,
}

impl Drop for PendingDial {
    fn drop(&mut self) {
        self.desk.lock().dialing.remove(&self.call);
    }
}

fn find<'a>(inner: &'a Inner, call: &CallId) -> Result<&'a Call, Error> {
    inner.book.call(call).ok_or(Error::CallNotFound)
}

fn ready(inner: &Inner, capability: Capability) -> Result<(), Error> {
    able(inner, capability)?;
    runs(inner)
}

fn able(inner: &Inner, capability: Capability) -> Result<(), Error> {
    if inner.book.capabilities.has(capability) { Ok(()) } else { Err(Error::NotSupported) }
}

fn runs(inner: &Inner) -> Result<(), Error> {
    match inner.book.phone_status {
        PhoneStatus::Available => Ok(()),
        PhoneStatus::Unavailable => Err(Error::PhoneUnavailable),
    }
}

fn connected(call: &Call) -> Result<(), Error> {
    if call.state == CallState::Talking { Ok(()) } else { Err(NOT_CONNECTED) }
}

fn initiation(error: EngineError) -> Error {
    failed(error, Error::InitiationFailed)
}

fn termination(error: EngineError) -> Error {
    failed(error, Error::TerminationFailed)
}

fn failed(error: EngineError, refused: fn(EngineError) -> Error) -> Error {
    match error {
        EngineError::PhoneUnavailable => Error::PhoneUnavailable,
        EngineError::NotSupported => Error::NotSupported,
        EngineError::Refused => refused(error),
    }
}
