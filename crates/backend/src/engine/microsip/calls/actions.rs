//! What the desk wants, as commands that MicroSIP has.

use std::time::{Duration, Instant};

use protocol::wire::rest::TransferTarget;
use protocol::{CallId, PhoneNumber};

use super::super::command::{MicroSipCommand, Version};
use super::waiting::{Effect, For, HangUp, Waiting};
use super::{Calls, CommandId, Stage, Ticket};
use crate::engine::{Action, EngineError};

/// How long a MicroSIP that is started has to dial: less than a command to the backend is waited for.
const START_WITHIN: Duration = Duration::from_secs(14);

/// An action is answered at once with this, or waits.
type Taken = Result<Option<(CommandId, For)>, EngineError>;

impl Calls {
    pub(super) fn act(&mut self, ticket: Ticket, action: Action, now: Instant) {
        // Seen not to run, that is: not while nobody has looked yet.
        let start = self.rules.start_on_dial && self.running == Some(false) && matches!(action, Action::Dial { .. });
        if self.running != Some(true) && !start {
            return self.reply(ticket, Err(EngineError::PhoneUnavailable));
        }
        let deadline = now + if start { START_WITHIN } else { self.rules.confirm_within };
        let taken = match action {
            Action::Dial { call, number } if start => self.start(call, number, deadline),
            Action::Dial { call, number } => self.dial(call, number, deadline),
            Action::Answer(call) => self.answer(&call, deadline),
            Action::Reject(call) | Action::Cancel(call) | Action::Hangup(call) => self.leave(&call, deadline),
            Action::Hold { call, on } => self.hold(&call, on, deadline),
            Action::Mute { call, on } => self.mute(&call, on, deadline),
            Action::Dtmf { call, digits } => {
                self.selected(&call).map(|_| self.deliver(MicroSipCommand::Dtmf(digits), deadline))
            }
            Action::Transfer { call, target } => self.transfer(&call, target, now),
        };
        match taken {
            Ok(Some((command, what))) => self.waiting.push(Waiting { ticket, deadline, command, what }),
            Ok(None) => self.reply(ticket, Ok(())),
            Err(error) => self.reply(ticket, Err(error)),
        }
    }

    /// In single mode MicroSIP drops a dial beside another call without a word.
    fn dial(&mut self, call: CallId, number: PhoneNumber, deadline: Instant) -> Taken {
        let up = self.calls.iter().any(|call| call.stage != Stage::Ringing);
        let dialing = self.waiting.iter().any(|waiting| matches!(waiting.what, For::Dial(..)));
        if self.rules.single_mode && (up || dialing) {
            return Err(EngineError::Refused);
        }
        let command = self.send(MicroSipCommand::Dial(number.clone()), Some(deadline));
        Ok(Some((command, For::Dial(call, number))))
    }

    /// MicroSIP is started with the number, and dials it once it is registered.
    fn start(&mut self, call: CallId, number: PhoneNumber, deadline: Instant) -> Taken {
        if self.waiting.iter().any(|waiting| matches!(waiting.what, For::Dial(..))) {
            return Err(EngineError::Refused);
        }
        let command = self.send(MicroSipCommand::Start(number.clone()), Some(deadline));
        Ok(Some((command, For::Dial(call, number))))
    }

    /// `/answer` takes the first ringing call, whichever is wanted: another can't be answered before it.
    fn answer(&mut self, id: &CallId, deadline: Instant) -> Taken {
        let first = self.calls.iter().find(|call| call.stage == Stage::Ringing);
        if first.is_none_or(|call| call.id != *id || call.leaving.is_some()) {
            return Err(EngineError::Refused);
        }
        // A second `/answer` would answer the next ringing call: wait for the first one's instead.
        let asked = self.waiting.iter().find(|waiting| waiting.what == For::Answer(id.clone()));
        let command = match asked {
            Some(asked) => asked.command,
            None => self.send(MicroSipCommand::Answer, Some(deadline)),
        };
        Ok(Some((command, For::Answer(id.clone()))))
    }

    /// The right hang-up for the call's stage, which may have changed since the desk looked. Never too late: a call
    /// that goes on behind a closed panel is worse than a late hang-up. Only when it is over for sure is the command
    /// withdrawn: late, it would hit the next call.
    fn leave(&mut self, id: &CallId, deadline: Instant) -> Taken {
        let place = self.place(id).ok_or(EngineError::Refused)?;
        if self.calls[place].leaving.is_some() {
            return Ok(None);
        }
        let stage = self.calls[place].stage;
        let command = match stage {
            Stage::Ringing if !Version::can_reject_and_mute(self.rules.version) => {
                return Err(EngineError::NotSupported);
            }
            Stage::Ringing => MicroSipCommand::HangupIncoming,
            Stage::Dialing if Version::can_cancel(self.rules.version) => MicroSipCommand::HangupCalling,
            Stage::Dialing | Stage::Talking => MicroSipCommand::HangupAll,
        };
        // MicroSIP ends all that the command fits, not this one alone: a call behind the one that is spoken in can't be
        // ended without that one.
        let all = command == MicroSipCommand::HangupAll;
        if all && self.spares_another(place) {
            return Err(EngineError::NotSupported);
        }
        let ends = |other: Stage| if all { other != Stage::Ringing } else { other == stage };
        let mut calls = Vec::new();
        for call in self.calls.iter_mut().filter(|call| ends(call.stage) && call.leaving.is_none()) {
            call.leaving = Some(deadline);
            calls.push((call.id.clone(), call.number.clone()));
        }
        let command = self.send(command, None);
        self.hang_ups.push(HangUp { command, calls });
        Ok(Some((command, For::Delivery)))
    }

    /// Is there a call that must not end with this one? Beside the one connected last the others are on hold; one that
    /// is being dialled is the operator's newest wish.
    fn spares_another(&self, place: usize) -> bool {
        let id = &self.calls[place].id;
        let mut others = self.calls.iter().filter(|call| call.id != *id && call.leaving.is_none());
        others.any(|other| other.stage == Stage::Dialing || self.selected(&other.id).is_ok())
    }

    /// MicroSIP only toggles: nothing is sent where the call is, or is about to be, as wanted.
    fn hold(&mut self, id: &CallId, on: bool, deadline: Instant) -> Taken {
        let place = self.selected(id)?;
        if self.calls[place].hold.will_be == on {
            return Ok(None);
        }
        self.calls[place].hold.will_be = on;
        let sent = self.deliver(MicroSipCommand::ToggleHold, deadline);
        self.effects.extend(sent.iter().map(|(command, _)| (*command, Effect::Hold(id.clone()))));
        Ok(sent)
    }

    /// The microphone is MicroSIP's, not a call's: it stays as it is for the next call.
    fn mute(&mut self, id: &CallId, on: bool, deadline: Instant) -> Taken {
        if !Version::can_reject_and_mute(self.rules.version) {
            return Err(EngineError::NotSupported);
        }
        self.place(id).ok_or(EngineError::Refused)?;
        if self.microphone.will_be == on {
            return Ok(None);
        }
        self.microphone.will_be = on;
        let command = if on { MicroSipCommand::MicMute } else { MicroSipCommand::MicUnmute };
        let sent = self.deliver(command, deadline);
        self.effects.extend(sent.iter().map(|(command, _)| (*command, Effect::Microphone(on))));
        Ok(sent)
    }

    fn transfer(&mut self, id: &CallId, target: TransferTarget, now: Instant) -> Taken {
        let TransferTarget::Phone(number) = target else { return Err(EngineError::NotSupported) };
        let place = self.selected(id)?;
        self.calls[place].transferred = Some(now);
        Ok(self.deliver(MicroSipCommand::Transfer(number), now + self.rules.confirm_within))
    }

    fn deliver(&mut self, command: MicroSipCommand, expires: Instant) -> Option<(CommandId, For)> {
        Some((self.send(command, Some(expires)), For::Delivery))
    }

    /// Hold, DTMF and transfer go to the call that MicroSIP has selected: the one connected last.
    fn selected(&self, id: &CallId) -> Result<usize, EngineError> {
        let talking = (0..self.calls.len()).filter(|place| self.calls[*place].stage == Stage::Talking);
        let selected = talking.max_by_key(|place| self.calls[*place].connected);
        selected.filter(|place| self.calls[*place].id == *id).ok_or(EngineError::Refused)
    }
}
