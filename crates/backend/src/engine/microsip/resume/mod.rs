//! Taking up where an earlier life of the backend was killed: a pure function of what it left, of the hooks that fired
//! since, and of which MicroSIP runs now.
//!
//! The hooks are played to the call machine as if they came one after the other at their times. Those from before this
//! run of MicroSIP are played to a machine of their own, whose calls are over by now.

use std::time::{Duration, Instant};

use protocol::{CallId, EndReason, PhoneStatus, UnixSeconds};

use super::calls::{Calls, Input, Memo, Output, Rules};
use super::hook_id::NextCall;
use super::late::Now;
use super::spool::SpooledHook;
use super::watch::Run;
use crate::engine::{EngineEvent, Past, Told};
use crate::store::OpenCalls;

/// A hook older than this is nobody's concern any more, not even for the history, in milliseconds: a month.
const FORGOTTEN: u64 = 30 * 24 * 60 * 60 * 1000;
/// What a hook older than this began is not up any more, in milliseconds.
const TOO_OLD: u64 = 24 * 60 * 60 * 1000;
/// A clock may be ahead by this, in milliseconds; what is later than that was never now: nobody knows when it was.
const TOO_NEW: u64 = 5 * 60 * 1000;
/// Nobody lets a phone ring for longer: then its end was lost.
const RINGS_AT_MOST: Duration = Duration::from_secs(15 * 60);

/// How things stand now.
pub(super) struct Resumed {
    /// The machine, in the midst of its calls.
    pub(super) calls: Calls,
    /// What it calls the next call.
    pub(super) next: NextCall,
    /// What it remembers, the hooks that it knows among it.
    pub(super) memo: Memo,
    /// What happened meanwhile.
    pub(super) told: Vec<Told>,
}

/// Reconciles what was left, `hooks` and the run of MicroSIP that is there now.
pub(super) fn resume(rules: Rules, past: &Past, hooks: Vec<SpooledHook>, run: Option<Run>, now: Now) -> Resumed {
    let mut memo: Memo = serde_json::from_value(past.open.memo.clone()).unwrap_or_default();
    let mut hooks: Vec<_> = hooks.into_iter().filter(|hook| memo.hooks.is_new(&hook.id)).collect();
    let doubtful = |hook: &&SpooledHook| hook.at.saturating_add(TOO_OLD) <= now.millis || !is_past(hook, now);
    let doubtful: Vec<CallId> = hooks.iter().filter(doubtful).map(|hook| hook.id.call_id()).collect();
    hooks = in_order(hooks, now);
    let same_run = run.is_some_and(|run| match memo.run {
        Some(before) => before.is(run),
        None => past.open.calls.iter().all(|call| run.began <= call.begin_time),
    });
    // So exact is the time at which a process began; where another run was before, rather none of its calls than one
    // that nobody can end.
    let since = run.map(|run| if same_run { run.began.saturating_sub(1) } else { run.began + 2 });
    let of_this_run = |hook: &SpooledHook| since.is_some_and(|since| hook.at / 1000 >= since);
    let recent = hooks.split_off(hooks.iter().position(of_this_run).unwrap_or(hooks.len()));

    let earliest = past.open.listed().map(|call| call.begin_time.saturating_mul(1000));
    let earliest = earliest.chain(hooks.iter().chain(&recent).map(|hook| hook.at)).min();
    let earliest = earliest.unwrap_or(now.millis).min(now.millis);
    let mut told = Vec::new();
    let (before, since) = if same_run { (None, Some(&past.open)) } else { (Some(&past.open), None) };

    // This machine's time may begin now: it will be gone before anybody compares.
    let clocks = Clocks { millis: earliest, latest: now.millis, instant: now.instant };
    let mut gone = Replay::new(rules, past, memo.clone(), clocks);
    gone.take_up(before);
    hooks.iter().for_each(|hook| gone.hook(hook));
    let alive_at = before.map_or(0, |open| open.alive_at).max(hooks.last().map_or(0, |hook| hook.at / 1000));
    gone.all_lost(alive_at.min(now.millis / 1000));
    told.append(&mut gone.told);

    // This machine goes on: its time must be the present's.
    let earliest = earliest.max(run.map_or(now.millis, |run| run.began.saturating_sub(2) * 1000)).min(now.millis);
    let began = now.instant.checked_sub(Duration::from_millis(now.millis - earliest)).unwrap_or(now.instant);
    let clocks = Clocks { millis: earliest, latest: now.millis, instant: began };
    let mut here = Replay::new(rules, past, memo.clone(), clocks);
    if let Some(run) = run {
        here.calls.handle(Input::Process { run: Some(run), asked: clocks.instant }, clocks.instant);
    }
    here.take_up(since);
    recent.iter().for_each(|hook| here.hook(hook));
    here.drop_ended();
    here.lose_all(&doubtful, recent.last().map_or(now.millis, |hook| hook.at) / 1000);
    here.lost_for_long(now);
    told.append(&mut here.told);

    if run.is_some() {
        told.push(Told { at: now.millis / 1000, event: EngineEvent::Phone(PhoneStatus::Available) });
    }
    let calls = here.calls;
    memo = Memo { hooks: memo.hooks, ..calls.memo() };
    let kept = serde_json::to_value(&memo).unwrap_or_default();
    told.push(Told { at: now.millis / 1000, event: EngineEvent::Remember(kept) });
    Resumed { calls, next: here.next, memo, told }
}

/// Those that may matter still, in the order of the file, whatever the clock did meanwhile.
fn in_order(hooks: Vec<SpooledHook>, now: Now) -> Vec<SpooledHook> {
    let before = hooks.len();
    let mut hooks = hooks;
    hooks.retain(|hook| hook.at.saturating_add(FORGOTTEN) > now.millis);
    if hooks.len() < before {
        tracing::warn!(hooks = before - hooks.len(), "hooks of more than a month ago are passed over");
    }
    // A time that can't be is that of the hook before, or of the first that can.
    let mut latest = hooks.iter().find(|hook| is_past(hook, now)).map_or(now.millis, |hook| hook.at).min(now.millis);
    for hook in &mut hooks {
        if is_past(hook, now) {
            latest = hook.at.max(latest).min(now.millis);
        }
        hook.at = latest;
    }
    hooks
}

fn is_past(hook: &SpooledHook, now: Now) -> bool {
    hook.at < now.millis + TOO_NEW
}

/// Gives the instant of a past time.
#[derive(Clone, Copy)]
struct Clocks {
    millis: u64,
    instant: Instant,
    /// Nothing was later, whatever a file says.
    latest: u64,
}

impl Clocks {
    fn at(self, millis: u64) -> Instant {
        self.instant + Duration::from_millis(millis.min(self.latest).saturating_sub(self.millis))
    }
}

/// A machine that lives through the past.
struct Replay<'a> {
    calls: Calls,
    past: &'a Past,
    memo: Memo,
    clocks: Clocks,
    next: NextCall,
    told: Vec<Told>,
}

impl<'a> Replay<'a> {
    fn new(rules: Rules, past: &'a Past, memo: Memo, clocks: Clocks) -> Self {
        let next = NextCall::default();
        let maker = next.clone();
        Self { calls: Calls::new(rules, move || maker.take()), past, memo, clocks, next, told: Vec::new() }
    }

    fn take_up(&mut self, open: Option<&OpenCalls>) {
        let Some(open) = open else { return };
        let clocks = self.clocks;
        self.calls.restore(open, &self.memo, |seconds| clocks.at(seconds.saturating_mul(1000)));
    }

    fn hook(&mut self, hook: &SpooledHook) {
        let id = hook.id.call_id();
        if self.past.open.listed().any(|call| *call.id() == id) {
            return; // begun already: a kill came before the hook was put away
        }
        self.next.set(Some(id));
        let input = Input::Hook { event: hook.event, number: hook.number.clone(), records: Vec::new() };
        let outputs = self.calls.handle(input, self.clocks.at(hook.at));
        self.next.set(None);
        // Commands and answers are for nobody: who wanted them is gone.
        for output in outputs {
            match output {
                Output::Event(EngineEvent::Phone(_)) => {}
                Output::Event(event) => self.tell(hook.at / 1000, event),
                Output::Command { .. } | Output::Withdraw(_) | Output::Reply { .. } => {}
            }
        }
    }

    /// Lived through before, and in the history. Not before the last hook: till then they take the hooks that are theirs.
    fn drop_ended(&mut self) {
        for (id, ..) in self.calls.up() {
            if self.past.ended.contains(&id) {
                self.calls.drop_call(&id);
            }
        }
    }

    /// Of these the end was lost.
    fn lose_all(&mut self, doubtful: &[CallId], at: UnixSeconds) {
        for (id, ..) in self.calls.up() {
            if doubtful.contains(&id) {
                self.lose(id, at);
            }
        }
    }

    /// The run is over, and with it all that was up.
    fn all_lost(&mut self, at: UnixSeconds) {
        for (id, ..) in self.calls.up() {
            self.lose(id, at);
        }
    }

    fn lost_for_long(&mut self, now: Now) {
        for (id, begun, connected) in self.calls.up() {
            if !connected && now.instant.saturating_duration_since(begun) > RINGS_AT_MOST {
                self.lose(id, now.millis / 1000);
            }
        }
    }

    fn lose(&mut self, id: CallId, at: UnixSeconds) {
        self.calls.drop_call(&id);
        self.tell(at, EngineEvent::Ended { call: id, reason: EndReason::Failed });
    }

    fn tell(&mut self, at: UnixSeconds, event: EngineEvent) {
        let event = match event {
            EngineEvent::Ended { call, reason } => EngineEvent::Ended { reason: self.reason(&call, reason), call },
            other => other,
        };
        if !event.call().is_some_and(|call| self.past.ended.contains(call)) {
            self.told.push(Told { at, event });
        }
    }

    /// What the operator had ended did not end by itself.
    fn reason(&self, call: &CallId, reason: EndReason) -> EndReason {
        match reason {
            EndReason::Missed if self.memo.left.contains(call) => EndReason::Rejected,
            EndReason::Failed if self.memo.left.contains(call) => EndReason::Hangup,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
