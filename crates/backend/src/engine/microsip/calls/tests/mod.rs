//! Scenarios are rows: what happens, and what comes of it, both as words.
//!
//! Steps: a hook and its number (`ring 100`), an action of the desk (`hold c1 on`; its answer is `ok` or an error with
//! the action's number), a command's fate (`delivered`, `failed`: the oldest that is on its way; `< X` is one that is
//! withdrawn), a line of MicroSIP's list at the next hook (`listed in 100 -3s 65`), a look at the processes (`gone`, `back`, `restarted`), and time passing (`+5s`). Calls that MicroSIP begins are named c1, c2 and so on.

mod hook_table;
mod hostile;
mod listed;
mod operator;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use protocol::CallId;
use protocol::wire::rest::TransferTarget;

use super::super::records::{Kind, Record, Told};
use super::*;

struct World {
    calls: Calls,
    now: Instant,
    tickets: u64,
    on_the_way: VecDeque<CommandId>,
    sent: Vec<String>,
    /// What MicroSIP's list says at the next hook.
    records: Vec<Told>,
}

impl World {
    fn new(rules: Rules) -> Self {
        let mut made = 0;
        let calls = Calls::new(rules, move || {
            made += 1;
            CallId::new(format!("c{made}"))
        });
        let mut world = Self {
            calls,
            now: Instant::now(),
            tickets: 0,
            on_the_way: VecDeque::new(),
            sent: Vec::new(),
            records: Vec::new(),
        };
        world.handle(Input::Process { run: Some(FIRST), asked: world.now });
        world
    }

    fn handle(&mut self, input: Input) -> Vec<String> {
        let outputs = self.calls.handle(input, self.now);
        outputs.into_iter().map(|output| self.word(output)).collect()
    }

    fn word(&mut self, output: Output) -> String {
        match output {
            Output::Command { id, command, .. } => {
                self.on_the_way.push_back(id);
                self.sent.push(command.to_string());
                let starts = matches!(command, MicroSipCommand::Start(_));
                format!("> {}{command}", if starts { "start " } else { "" })
            }
            // Ids count from 1. It stays on the way: it may have been started.
            Output::Withdraw(id) => format!("< {}", self.sent[id.0 as usize - 1]),
            Output::Reply { ticket, result: Ok(()) } => format!("ok {}", ticket.0),
            Output::Reply { ticket, result: Err(error) } => format!("{error:?} {}", ticket.0),
            Output::Event(event) => match event {
                EngineEvent::Phone(status) => format!("{status:?}"),
                EngineEvent::Incoming { call, number, .. } => format!("Incoming {call} {number}").trim().to_owned(),
                EngineEvent::Dialing { call, number } => format!("Dialing {call} {number}"),
                EngineEvent::Connected(call) => format!("Connected {call}"),
                EngineEvent::Updated { call, muted: Some(on), .. } => format!("Muted {call} {on}"),
                EngineEvent::Updated { call, held, .. } => format!("Held {call} {}", held == Some(true)),
                EngineEvent::Ended { call, reason } => format!("Ended {call} {reason:?}"),
                EngineEvent::Lasted { call, seconds } => format!("Lasted {call} {seconds}"),
                other => unreachable!("the driver tells that: {other:?}"),
            },
        }
    }

    fn step(&mut self, step: &str) -> Vec<String> {
        let (what, rest) = step.split_once(' ').unwrap_or((step, ""));
        if let Some(seconds) = what.strip_prefix('+') {
            self.now += Duration::from_secs(seconds.trim_end_matches('s').parse().expect("seconds"));
            return self.handle(Input::Tick);
        }
        if let Ok(event) = what.parse() {
            let records = std::mem::take(&mut self.records);
            return self.handle(Input::Hook { event, number: rest.to_owned(), records });
        }
        match what {
            "listed" => {
                self.records.push(listed(rest, self.now));
                return Vec::new();
            }
            "gone" => return self.handle(Input::Process { run: None, asked: self.now + ECHO }),
            "restarted" => return self.handle(Input::Process { run: Some(SECOND), asked: self.now }),
            "forget" => return self.handle(Input::Forget(CallId::new(rest))),
            "back" => return self.handle(Input::Process { run: Some(FIRST), asked: self.now }),
            "delivered" | "failed" => {
                let id = self.on_the_way.pop_front().expect("a command is on its way");
                let outcome = if what == "failed" { Outcome::Failed } else { Outcome::Delivered };
                return self.handle(Input::Settled { id, outcome });
            }
            _ => {}
        }
        self.tickets += 1;
        let action = action(what, rest);
        self.handle(Input::Act { ticket: Ticket(self.tickets), action })
    }
}

/// `in 100 -3s 65`: the kind, the number, when it began, and how many seconds it was connected.
fn listed(text: &str, now: Instant) -> Told {
    let words: Vec<&str> = text.split(' ').collect();
    let [kind, number, ago, seconds] = words[..] else { panic!("{text}") };
    let kind = match kind {
        "out" => Kind::Out,
        "in" => Kind::In,
        "missed" => Kind::Missed,
        "elsewhere" => Kind::Elsewhere,
        other => panic!("{other}"),
    };
    let ago = Duration::from_secs(ago.trim_matches(['-', 's']).parse().expect("seconds"));
    let seconds = seconds.parse().expect("seconds");
    Told { record: Record { key: 0, number: Number::new(number), kind, at: 0, seconds }, at: now - ago }
}

fn action(what: &str, rest: &str) -> Action {
    let (id, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let call = CallId::new(id);
    let on = more == "on";
    match what {
        "dial" => Action::Dial { call, number: more.parse().expect("a number") },
        "take" => Action::Answer(call),
        "reject" => Action::Reject(call),
        "cancel" => Action::Cancel(call),
        "hangup" => Action::Hangup(call),
        "hold" => Action::Hold { call, on },
        "mute" => Action::Mute { call, on },
        "dtmf" => Action::Dtmf { call, digits: more.parse().expect("digits") },
        "transfer" => Action::Transfer { call, target: TransferTarget::Phone(more.parse().expect("a number")) },
        "join" => Action::Transfer { call, target: TransferTarget::Call(CallId::new(more)) },
        other => panic!("no such step: {other}"),
    }
}

const FIRST: Run = Run { began: 1, pid: 7 };
/// The same process id, used again.
const SECOND: Run = Run { began: 2, pid: 7 };

const SINGLE: Rules =
    Rules { single_mode: true, version: None, confirm_within: Duration::from_secs(5), start_on_dial: false };
const STARTS: Rules = Rules { start_on_dial: true, ..SINGLE };
const MANY: Rules = Rules { single_mode: false, ..SINGLE };

/// Plays each row's steps (separated by `;`), and compares all that came of them.
fn check(rules: Rules, rows: &[(&str, &str)]) {
    for (steps, expected) in rows {
        let mut world = World::new(rules);
        let seen: Vec<String> = steps.split(';').flat_map(|step| world.step(step.trim())).collect();
        let expected: Vec<&str> = expected.split(';').map(str::trim).filter(|word| !word.is_empty()).collect();
        assert_eq!(seen, expected, "after {steps}");
    }
}
