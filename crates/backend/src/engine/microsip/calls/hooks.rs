//! Which call a hook is about, and what it changes.
//!
//! Hooks may be missing, doubled, or name the other party otherwise than it was dialled. A doubtful hook is rather
//! ignored than taken for another call's: a call too many in the book can be hung up, one too few can't.

use std::time::Instant;

use protocol::{CallId, Direction};

use super::super::command::MicroSipCommand;
use super::super::hook_event::HookEvent;
use super::super::number::{Likeness, Number, for_display};
use super::super::records::Told;
use super::waiting::HangUp;
use super::{Calls, ECHO, Output, Stage, Tracked};
use crate::engine::EngineEvent;

impl Calls {
    pub(super) fn hook(&mut self, event: HookEvent, text: &str, records: &[Told], now: Instant) {
        self.last_hook = Some(now);
        let number = Number::new(text);
        let connects = matches!(event, HookEvent::Answer | HookEvent::Start);
        if connects && self.running == Some(false) && self.is_past(&number) {
            return; // on its way when its MicroSIP ended
        }
        let proves_life = !matches!(event, HookEvent::Incoming | HookEvent::Busy | HookEvent::End);
        if proves_life {
            self.available();
        }
        match event {
            HookEvent::Incoming => self.announced.push((number, now)),
            HookEvent::Ring => self.ring(number, text, now),
            HookEvent::Outgoing => self.outgoing(number, text, now),
            HookEvent::Answer => self.answered(number, text, now),
            HookEvent::Start => self.started(number, text, now),
            HookEvent::Busy | HookEvent::End => self.ended(event, &number, records, now),
        }
    }

    /// Each real ring has its own Incoming hook before it; without one, a ring like a recent one is its echo.
    fn ring(&mut self, number: Number, text: &str, now: Instant) {
        let announced = self.announced.iter().position(|(other, _)| *other == number);
        match announced {
            Some(place) => drop(self.announced.remove(place)),
            None if self.is_echo(&number, now, |call| call.stage == Stage::Ringing, |call| Some(call.begun)) => return,
            None => {}
        }
        let id = (self.make_id)();
        self.begin(Tracked::new(id, Stage::Ringing, number, for_display(text), now));
    }

    /// A dial of ours that waits, even if a dial plan changed its front; else a call dialled in MicroSIP's window.
    fn outgoing(&mut self, number: Number, text: &str, now: Instant) {
        let ours = self.take_dial(&number);
        if ours.is_none() && self.is_echo(&number, now, |call| call.stage == Stage::Dialing, |call| Some(call.begun)) {
            return;
        }
        self.displace_others(None, now);
        let call = match ours {
            Some((ticket, id, dialled)) => {
                self.reply(ticket, Ok(()));
                let shown = dialled.as_str().to_owned();
                let dialled = Some(Number::new(dialled.as_str()));
                Tracked { dialled, ..Tracked::new(id, Stage::Dialing, number, shown, now) }
            }
            None => Tracked::new((self.make_id)(), Stage::Dialing, number, for_display(text), now),
        };
        self.begin(call);
    }

    fn answered(&mut self, number: Number, text: &str, now: Instant) {
        let incoming = |call: &Tracked| call.direction == Direction::In;
        if self.is_echo(&number, now, incoming, |call| call.connected) {
            return;
        }
        let ringing = |call: &Tracked| call.stage == Stage::Ringing;
        let place = self.best(&number, ringing).or_else(|| self.only(ringing).filter(|_| number.is_empty()));
        let id = match place {
            Some(place) => self.calls[place].id.clone(),
            None if self.is_past(&number) => return,
            None => self.begin_unseen(Stage::Ringing, number, text, now),
        };
        self.connect(&id, now);
        if let Some(place) = self.place(&id) {
            self.calls[place].start_owed = true;
        }
    }

    fn started(&mut self, number: Number, text: &str, now: Instant) {
        // After the Answer hook it says nothing new; without number, it is that of the call just answered.
        let owed =
            |call: &&mut Tracked| call.start_owed && (number.is_empty() || call.likeness(&number) >= Likeness::Digits);
        if let Some(call) = self.calls.iter_mut().find(owed) {
            call.start_owed = false;
            return;
        }
        if self.is_echo(&number, now, |_| true, |call| call.connected) {
            return;
        }
        let dialing = |call: &Tracked| call.stage == Stage::Dialing;
        let ringing = |call: &Tracked| call.stage == Stage::Ringing;
        let place = self.best(&number, dialing).or_else(|| self.best(&number, ringing));
        // A redirected call starts under another number than was dialled; an incoming one never changes its.
        let place = place.or_else(|| self.only(dialing)).or_else(|| self.only(ringing).filter(|_| number.is_empty()));
        let talking = |call: &Tracked| call.stage == Stage::Talking;
        let id = match place {
            Some(place) => self.calls[place].id.clone(),
            None if self.best(&number, talking).is_some() || self.is_past(&number) => return,
            None => self.begin_unseen(Stage::Dialing, number, text, now),
        };
        self.connect(&id, now);
    }

    /// A call whose first hook was lost.
    fn begin_unseen(&mut self, stage: Stage, number: Number, text: &str, now: Instant) -> CallId {
        let id = (self.make_id)();
        tracing::warn!(call.id = %id, "MicroSIP connected a call that it had not told of");
        self.begin(Tracked::new(id.clone(), stage, number, for_display(text), now));
        id
    }

    fn connect(&mut self, id: &CallId, now: Instant) {
        self.displace_others(Some(id), now);
        self.park_others(id);
        let Some(place) = self.place(id) else { return };
        let call = &mut self.calls[place];
        call.stage = Stage::Talking;
        call.connected = Some(now);
        let left = call.leaving.is_some();
        self.out.push(Output::Event(EngineEvent::Connected(id.clone())));
        self.settle_answer(id, Ok(()));
        if left {
            // The operator ended it in the same moment: it must not go on behind a closed panel. What was sent for its
            // last stage fits other calls only.
            self.is_over(id);
            let number = self.calls[place].number.clone();
            let command = self.send(MicroSipCommand::HangupAll, None);
            self.hang_ups.push(HangUp { command, calls: vec![(id.clone(), number)] });
        }
    }

    /// Its number; or, where the number was empty, MicroSIP names the domain instead. Of several, first one that the
    /// operator ended, then the oldest.
    fn ended(&mut self, event: HookEvent, number: &Number, records: &[Told], now: Instant) {
        let owed = |past: &super::Past| past.owed && past.number.likeness(number) >= Likeness::Digits;
        if let Some(past) = self.past.iter_mut().find(|past| owed(past)) {
            past.owed = false;
            self.is_over_unseen(number);
            return;
        }
        let busy_first = |call: &Tracked| event != HookEvent::Busy || call.stage != Stage::Talking;
        let place = self
            .best(number, |call| call.leaving.is_some())
            .or_else(|| self.best(number, busy_first))
            .or_else(|| self.best(number, |_| true));
        let nameless = |call: &Tracked| call.number.is_empty();
        let place = place.or_else(|| self.calls.iter().position(nameless).filter(|_| !self.is_past(number)));
        match place {
            Some(place) => {
                let call = &self.calls[place];
                let (reason, over) = (call.reason(event, now), call.id.clone());
                let record = call.record(number, records, now);
                let reason = record.map_or(reason, |record| call.reason_by(record, reason));
                let lasted = record.and_then(|record| call.lasted_by(record, now));
                self.out
                    .extend(lasted.map(|seconds| Output::Event(EngineEvent::Lasted { call: over.clone(), seconds })));
                self.end(place, reason, false, now);
                self.is_over(&over);
            }
            None => {
                tracing::debug!(hook = %event, "a hook about no call that is up");
                self.is_over_unseen(number);
            }
        }
    }

    /// The call of this kind whose number is most like this one, the oldest of equals.
    fn best(&self, number: &Number, kind: impl Fn(&Tracked) -> bool) -> Option<usize> {
        let likeness = |place: &usize| self.calls[*place].likeness(number);
        let least = |place: &usize| match self.calls[*place].direction {
            Direction::Out => Likeness::Tail,
            Direction::In => Likeness::Digits,
        };
        let places = (0..self.calls.len()).filter(|place| kind(&self.calls[*place]) && likeness(place) >= least(place));
        places.rev().max_by_key(likeness) // of equals `max` takes the last
    }

    fn only(&self, kind: impl Fn(&Tracked) -> bool) -> Option<usize> {
        let mut places = (0..self.calls.len()).filter(|place| kind(&self.calls[*place]));
        places.next().filter(|_| places.next().is_none())
    }

    fn is_echo(
        &self,
        number: &Number,
        now: Instant,
        kind: impl Fn(&Tracked) -> bool,
        at: impl Fn(&Tracked) -> Option<Instant>,
    ) -> bool {
        let recent = |call: &Tracked| at(call).is_some_and(|at| now < at + ECHO);
        self.calls.iter().any(|call| kind(call) && recent(call) && call.likeness(number) >= Likeness::Digits)
    }

    pub(super) fn is_past(&self, number: &Number) -> bool {
        self.past.iter().any(|past| past.number.likeness(number) >= Likeness::Digits)
    }
}
