//! What MicroSIP's calls are, as far as hooks tell: a pure machine. Inputs and the time go in, outputs come out.
//!
//! Hooks carry no call id, so calls are known by direction, stage and number. The rules, for each doubtful case, stand
//! where they are applied: `hooks` for what comes from MicroSIP, `actions` for what goes to it.

mod actions;
mod hooks;
mod restore;
mod tracked;
mod waiting;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use protocol::{CallId, EndReason, PhoneStatus};

use super::command::{MicroSipCommand, Version};
use super::hook_event::HookEvent;
use super::number::Number;
use super::records;
use super::watch::Run;
use crate::engine::{Action, EngineError, EngineEvent};
pub(super) use restore::Memo;
use tracked::{Stage, Tracked};
use waiting::{Effect, HangUp, Waiting};

/// Two hooks alike within this time are one hook that came twice.
const ECHO: Duration = Duration::from_secs(2);
/// How long a hook of a run that is over may still be on its way: its program starts, and hands over.
const LATE: Duration = Duration::from_secs(15);

/// Names an action that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ticket(pub(super) u64);

/// Names a command on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CommandId(pub(super) u64);

/// What became of a command's process. Success proves only that MicroSIP has got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Delivered,
    Failed,
}

/// Everything that can happen.
#[derive(Clone, Debug)]
pub(super) enum Input {
    /// MicroSIP ran a hook. At an end its list of calls may say more.
    Hook { event: HookEvent, number: String, records: Vec<records::Told> },
    /// The desk wants something.
    Act { ticket: Ticket, action: Action },
    /// The desk has given this call up.
    Forget(CallId),
    /// A command's process ended.
    Settled { id: CommandId, outcome: Outcome },
    /// A look at the processes that began at `asked`, and which run of MicroSIP it found.
    Process { run: Option<Run>, asked: Instant },
    /// Time has passed.
    Tick,
}

/// Everything that can come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// For the desk.
    Event(EngineEvent),
    /// For MicroSIP.
    Command { id: CommandId, command: MicroSipCommand, expires: Option<Instant> },
    /// A command that must not be started any more, if it is not yet. It is still settled.
    Withdraw(CommandId),
    /// For who waits for an action.
    Reply { ticket: Ticket, result: Result<(), EngineError> },
}

/// What does not change while the engine runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) single_mode: bool,
    pub(super) version: Option<Version>,
    pub(super) confirm_within: Duration,
    pub(super) start_on_dial: bool,
}

/// A thing that MicroSIP toggles or keeps globally: what is so, and what will be once all commands are carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Switch {
    is: bool,
    will_be: bool,
}

/// An end that a hook told of, or that was concluded and whose hook may still come (`owed`); remembered for a while.
#[derive(Clone, Debug)]
struct Past {
    number: Number,
    until: Instant,
    owed: bool,
}

/// The machine.
pub(super) struct Calls {
    rules: Rules,
    make_id: Box<dyn FnMut() -> CallId + Send>,
    running: Option<bool>,
    /// What the looks have found.
    run: Option<Run>,
    last_hook: Option<Instant>,
    calls: Vec<Tracked>,
    announced: Vec<(Number, Instant)>,
    past: Vec<Past>,
    waiting: Vec<Waiting>,
    effects: Vec<(CommandId, Effect)>,
    hang_ups: Vec<HangUp>,
    microphone: Switch,
    next_command: u64,
    out: Vec<Output>,
}

impl Calls {
    /// No calls, and MicroSIP not yet seen.
    pub(super) fn new(rules: Rules, make_id: impl FnMut() -> CallId + Send + 'static) -> Self {
        Self {
            rules,
            make_id: Box::new(make_id),
            running: None,
            run: None,
            last_hook: None,
            calls: Vec::new(),
            announced: Vec::new(),
            past: Vec::new(),
            waiting: Vec::new(),
            effects: Vec::new(),
            hang_ups: Vec::new(),
            microphone: Switch::default(),
            next_command: 0,
            out: Vec::new(),
        }
    }

    /// Takes one input in. Deadlines that have passed by `now` are acted on first.
    pub(super) fn handle(&mut self, input: Input, now: Instant) -> Vec<Output> {
        self.forget_old(now);
        self.expire(now);
        match input {
            Input::Hook { event, number, records } => self.hook(event, &number, &records, now),
            Input::Act { ticket, action } => self.act(ticket, action, now),
            Input::Forget(call) => self.forget(&call, now),
            Input::Settled { id, outcome } => self.settle(id, outcome),
            Input::Process { run, asked } => self.see_process(run, asked, now),
            Input::Tick => {}
        }
        std::mem::take(&mut self.out)
    }

    /// When to tick next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let waiting = self.waiting.iter().map(|waiting| waiting.deadline);
        waiting.chain(self.calls.iter().filter_map(|call| call.leaving)).min()
    }

    fn see_process(&mut self, run: Option<Run>, asked: Instant, now: Instant) {
        let Some(run) = run else {
            // A hook after the look began knows better: MicroSIP has come up since.
            let outdated = self.last_hook.is_some_and(|hook| hook >= asked);
            if self.running != Some(false) && !outdated {
                self.gone(now);
            }
            return;
        };
        if self.run.is_some_and(|before| before != run) && self.running == Some(true) {
            self.gone(now); // and back, between two looks
        }
        self.run = Some(run);
        self.available();
    }

    fn available(&mut self) {
        if self.running.replace(true) != Some(true) {
            self.out.push(Output::Event(EngineEvent::Phone(PhoneStatus::Available)));
        }
    }

    /// Its calls went with it, and its microphone starts open again.
    fn gone(&mut self, now: Instant) {
        self.running = Some(false);
        self.run = None;
        let gone = self.calls.drain(..).map(|call| Past { number: call.number, until: now + LATE, owed: false });
        self.past = gone.collect();
        self.announced.clear();
        self.effects.clear();
        // Late, they would reach another run, or even start one.
        let hang_ups = std::mem::take(&mut self.hang_ups);
        self.out.extend(hang_ups.into_iter().map(|hang_up| Output::Withdraw(hang_up.command)));
        self.microphone = Switch::default();
        self.out.push(Output::Event(EngineEvent::Phone(PhoneStatus::Unavailable)));
        for waiting in std::mem::take(&mut self.waiting) {
            self.reply(waiting.ticket, Err(EngineError::PhoneUnavailable));
        }
    }

    fn forget_old(&mut self, now: Instant) {
        self.announced.retain(|(_, at)| now < *at + self.rules.confirm_within);
        self.past.retain(|past| now < past.until);
    }

    fn expire(&mut self, now: Instant) {
        let (late, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|w| w.deadline <= now);
        self.waiting = waiting;
        for waiting in late {
            self.reply(waiting.ticket, Err(EngineError::Refused));
        }
        // A hang-up that MicroSIP does not confirm ends the call all the same.
        while let Some(place) = self.calls.iter().position(|call| call.leaving.is_some_and(|until| until <= now)) {
            let call = &self.calls[place];
            tracing::warn!(call.id = %call.id, "MicroSIP did not confirm the end of a call");
            let reason = call.reason(HookEvent::End, now);
            self.end(place, reason, true, now);
        }
    }

    fn forget(&mut self, id: &CallId, now: Instant) {
        if let Some(place) = self.place(id) {
            let reason = self.calls[place].reason(HookEvent::End, now);
            self.end(place, reason, true, now);
        }
    }

    fn begin(&mut self, call: Tracked) {
        let id = call.id.clone();
        let number = call.shown.clone();
        self.out.push(Output::Event(match call.stage {
            Stage::Ringing => EngineEvent::Incoming { call: id.clone(), number, display_name: None },
            Stage::Dialing | Stage::Talking => EngineEvent::Dialing { call: id.clone(), number },
        }));
        self.calls.push(call);
        if self.microphone.is {
            self.out.push(Output::Event(EngineEvent::Updated { call: id, muted: Some(true), held: None }));
        }
    }

    /// Removes a call. `owed`: its hook has not come yet, and must not be taken for another call's.
    fn end(&mut self, place: usize, reason: EndReason, owed: bool, now: Instant) {
        let call = self.calls.remove(place);
        self.past.push(Past { number: call.number, until: now + ECHO, owed });
        self.out.push(Output::Event(EngineEvent::Ended { call: call.id.clone(), reason }));
        self.settle_answer(&call.id, Err(EngineError::Refused));
    }

    /// In single mode a call that goes ahead leaves no other but ringing ones, whether their hooks came or not.
    fn displace_others(&mut self, id: Option<&CallId>, now: Instant) {
        let other = |call: &Tracked| call.stage != Stage::Ringing && Some(&call.id) != id;
        while self.rules.single_mode {
            let Some(place) = self.calls.iter().position(other) else { return };
            let reason = match self.calls[place].stage {
                Stage::Talking => self.calls[place].reason(HookEvent::End, now),
                Stage::Dialing | Stage::Ringing => EndReason::Hangup,
            };
            let over = self.calls[place].id.clone();
            self.end(place, reason, true, now);
            self.is_over(&over);
        }
    }

    /// Beside others MicroSIP talks in one call: the others are on hold, whatever was on its way to them.
    fn park_others(&mut self, id: &CallId) {
        for call in self.calls.iter_mut().filter(|call| call.stage == Stage::Talking && call.id != *id) {
            self.effects.retain(|(_, effect)| !matches!(effect, Effect::Hold(held) if *held == call.id));
            if !call.hold.is {
                let held = EngineEvent::Updated { call: call.id.clone(), muted: None, held: Some(true) };
                self.out.push(Output::Event(held));
            }
            call.hold = Switch { is: true, will_be: true };
        }
    }

    fn reply(&mut self, ticket: Ticket, result: Result<(), EngineError>) {
        self.out.push(Output::Reply { ticket, result });
    }

    fn send(&mut self, command: MicroSipCommand, expires: Option<Instant>) -> CommandId {
        self.next_command += 1;
        let id = CommandId(self.next_command);
        self.out.push(Output::Command { id, command, expires });
        id
    }

    fn place(&self, id: &CallId) -> Option<usize> {
        self.calls.iter().position(|call| call.id == *id)
    }
}
