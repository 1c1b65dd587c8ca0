//! Actions that wait for a hook or for their command's process, and what a delivered command changes.

use std::time::Instant;

use protocol::{CallId, PhoneNumber};

use super::super::number::{Likeness, Number};
use super::{Calls, CommandId, Outcome, Output, Ticket};
use crate::engine::{EngineError, EngineEvent};

/// An action without an answer yet.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) ticket: Ticket,
    pub(super) deadline: Instant,
    pub(super) command: CommandId,
    pub(super) what: For,
}

/// What an action waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// The Outgoing hook of this number; the call then has this id.
    Dial(CallId, PhoneNumber),
    /// The Answer or Start hook of this call.
    Answer(CallId),
    /// MicroSIP to get the command: no hook tells of its effect.
    Delivery,
}

/// What is so once a command is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Hold(CallId, bool),
    Microphone(bool),
}

impl Calls {
    pub(super) fn settle(&mut self, id: CommandId, outcome: Outcome) {
        let effect = self.effects.iter().position(|(command, _)| *command == id).map(|at| self.effects.remove(at).1);
        match effect {
            Some(Effect::Hold(call, on)) => self.settle_hold(&call, on, outcome),
            Some(Effect::Microphone(off)) => self.settle_microphone(off, outcome),
            None => {}
        }
        let settles = |w: &Waiting| w.command == id && (outcome == Outcome::Failed || w.what == For::Delivery);
        let (settled, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(settles);
        self.waiting = waiting;
        let result = if outcome == Outcome::Delivered { Ok(()) } else { Err(EngineError::Refused) };
        for waiting in settled {
            self.reply(waiting.ticket, result);
        }
    }

    fn settle_hold(&mut self, id: &CallId, on: bool, outcome: Outcome) {
        let Some(place) = self.place(id) else { return };
        let hold = &mut self.calls[place].hold;
        if outcome == Outcome::Failed {
            hold.will_be = !hold.will_be; // one toggle fewer
            return;
        }
        hold.is = on;
        self.out.push(Output::Event(EngineEvent::Updated { call: id.clone(), muted: None, held: Some(on) }));
    }

    fn settle_microphone(&mut self, off: bool, outcome: Outcome) {
        if outcome == Outcome::Failed {
            self.microphone.will_be = self.microphone.is;
            return;
        }
        self.microphone.is = off;
        let updated = |id: &CallId| EngineEvent::Updated { call: id.clone(), muted: Some(off), held: None };
        self.out.extend(self.calls.iter().map(|call| Output::Event(updated(&call.id))));
    }

    pub(super) fn settle_answer(&mut self, id: &CallId, result: Result<(), EngineError>) {
        let answers = |waiting: &Waiting| matches!(&waiting.what, For::Answer(call) if call == id);
        let (settled, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(answers);
        self.waiting = waiting;
        for waiting in settled {
            self.reply(waiting.ticket, result);
        }
    }

    /// The dial that an Outgoing hook with this number confirms.
    pub(super) fn take_dial(&mut self, number: &Number) -> Option<(Ticket, CallId, PhoneNumber)> {
        let confirms = |waiting: &Waiting| match &waiting.what {
            For::Dial(_, dialled) => {
                number.is_empty() || Number::new(dialled.as_str()).likeness(number) >= Likeness::Tail
            }
            For::Answer(_) | For::Delivery => false,
        };
        let place = self.waiting.iter().position(confirms)?;
        match self.waiting.remove(place) {
            Waiting { ticket, what: For::Dial(call, dialled), .. } => Some((ticket, call, dialled)),
            _ => None,
        }
    }
}
