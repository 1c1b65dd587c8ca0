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
    /// MicroSIP toggles, from whatever is so by then.
    Hold(CallId),
    Microphone(bool),
}

/// A command that ends calls, until it is delivered or lost.
#[derive(Clone, Debug)]
pub(super) struct HangUp {
    pub(super) command: CommandId,
    /// Those of its calls that may still be up: also where they have ended here without a hook.
    pub(super) calls: Vec<(CallId, Number)>,
}

impl Calls {
    pub(super) fn settle(&mut self, id: CommandId, outcome: Outcome) {
        let effect = self.effects.iter().position(|(command, _)| *command == id).map(|at| self.effects.remove(at).1);
        match effect {
            Some(Effect::Hold(call)) => self.settle_hold(&call, outcome),
            Some(Effect::Microphone(off)) => self.settle_microphone(off, outcome),
            None => {}
        }
        self.hang_ups.retain(|hang_up| hang_up.command != id);
        let settles = |w: &Waiting| w.command == id && (outcome == Outcome::Failed || w.what == For::Delivery);
        let (settled, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(settles);
        self.waiting = waiting;
        let result = if outcome == Outcome::Delivered { Ok(()) } else { Err(EngineError::Refused) };
        for waiting in settled {
            self.reply(waiting.ticket, result);
        }
    }

    fn settle_hold(&mut self, id: &CallId, outcome: Outcome) {
        let Some(place) = self.place(id) else { return };
        let hold = &mut self.calls[place].hold;
        if outcome == Outcome::Failed {
            hold.will_be = !hold.will_be; // one toggle fewer
            return;
        }
        hold.is = !hold.is; // not what its sender wanted: a toggle before it may have failed since
        let held = Some(hold.is);
        self.out.push(Output::Event(EngineEvent::Updated { call: id.clone(), muted: None, held }));
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

    /// This call is over in MicroSIP too, or at least not where a hang-up on its way looks for it.
    pub(super) fn is_over(&mut self, id: &CallId) {
        for hang_up in &mut self.hang_ups {
            hang_up.calls.retain(|(call, _)| call != id);
        }
        let (done, wanted) = std::mem::take(&mut self.hang_ups).into_iter().partition(|h| h.calls.is_empty());
        self.hang_ups = wanted;
        let done: Vec<HangUp> = done;
        for HangUp { command, .. } in done {
            self.out.push(Output::Withdraw(command));
            let (settled, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|w| w.command == command);
            self.waiting = waiting;
            let settled: Vec<Waiting> = settled;
            for waiting in settled {
                self.reply(waiting.ticket, Ok(()));
            }
        }
    }

    /// The late End hook of a call that has ended here without one; where it had no number, the hook names the domain.
    pub(super) fn is_over_unseen(&mut self, number: &Number) {
        let unseen = || {
            let calls = self.hang_ups.iter().flat_map(|hang_up| &hang_up.calls);
            calls.filter(|(call, _)| self.place(call).is_none())
        };
        let named = unseen().find(|(_, other)| other.likeness(number) >= Likeness::Digits);
        let found = named.or_else(|| unseen().find(|(_, other)| other.is_empty() && !self.is_past(number)));
        if let Some(id) = found.map(|(call, _)| call.clone()) {
            self.is_over(&id);
        }
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
