//! Whether anything was lost: the pages' logs and the history against the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use anyhow::{Result, ensure};
use protocol::ConnectionStatus;
use protocol::wire::error::ErrorType;
use protocol::wire::event::Event;
use serde_json::Value;

use super::journal::{Epoch, Journal};
use super::log::Log;
use super::world::World;

/// How much was looked at.
pub(super) struct Checked {
    pages: usize,
    entries: usize,
    epochs: usize,
    events: usize,
    calls: usize,
}

impl Display for Checked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { pages, entries, epochs, events, calls } = self;
        write!(
            f,
            "checked: {entries} entries in the logs of {pages} pages against {events} events of {calls} calls in {epochs} lives of the backend"
        )
    }
}

pub(super) async fn check(world: &World) -> Result<Checked> {
    let history = history(world).await?;
    let mut journal = world.recorder.journal();
    let mut wrong: Vec<String> = journal.faults.clone();
    world.logs.iter().for_each(|log| against_journal(log, &mut journal.epochs, &mut wrong));
    world.logs.iter().for_each(|log| told_once(log, &mut wrong));
    let calls = calls(&journal, &mut wrong);
    for begun in &world.begun {
        // Killed as soon as it had said so, the backend tells its next life of the call, and nobody else.
        if !calls.contains_key(begun) && !history.contains(begun) && !world.unsure.contains(begun) {
            wrong.push(format!("{begun} was begun, and is neither in the journal nor in the history"));
        }
    }
    never_both(world, &journal, &mut wrong);
    against_history(&calls, &world.begun, &history, &mut wrong);
    ensure!(wrong.is_empty(), "{} things are wrong:\n    {}", wrong.len(), wrong[..wrong.len().min(20)].join("\n    "));
    Ok(Checked {
        pages: world.logs.len(),
        entries: world.logs.iter().map(|log| log.entries.len()).sum(),
        epochs: journal.epochs.len(),
        events: journal.epochs.iter().map(|epoch| epoch.events.len()).sum(),
        calls: calls.len(),
    })
}

/// Each state that a page has shown was the backend's, and they came in the backend's order.
fn against_journal(log: &Log, epochs: &mut [Epoch], wrong: &mut Vec<String>) {
    let (mut epoch, mut seq, newest) = (0, 0, epochs.len() - 1);
    for entry in &log.entries {
        let Some(state) = &entry.state else { continue };
        if state.connection_status == ConnectionStatus::Disconnected {
            // Of a worker that has just begun, and says so.
            if state.calls().next().is_some() {
                wrong.push(format!("{}: a call without a connection at {}: {state:?}", log.name, entry.at));
            }
            continue;
        }
        // The earliest that it can have been leaves most room for what follows.
        let follows = |at: &usize| *at > epoch || state.seq >= seq;
        let heard = (epoch..=newest).filter(follows).find(|at| epochs[*at].had(state));
        let found = heard.or_else(|| (epoch..newest).filter(follows).find(|at| epochs[*at].may_have_had(state)));
        match found {
            Some(at) => (epoch, seq) = (at, state.seq),
            None => wrong.push(format!(
                "{}: what it showed at {} was not the backend's after epoch {epoch} number {seq}: {}",
                log.name,
                entry.at,
                serde_json::to_string(state).unwrap_or_default()
            )),
        }
    }
}

/// No page was told twice of the same, or of a call after its end.
fn told_once(log: &Log, wrong: &mut Vec<String>) {
    let mut told = BTreeSet::new();
    for entry in &log.entries {
        let (Some(event), Some(call)) = (&entry.event, &entry.call) else { continue };
        let ended = event != "ended" && told.contains(&("ended", call.as_str()));
        if ended || !told.insert((event.as_str(), call.as_str())) {
            wrong.push(format!("{}: told {event} of {call} again at {}", log.name, entry.at));
        }
    }
}

/// All calls of the journal, and how each ended: by an event, or with its backend.
fn calls(journal: &Journal, wrong: &mut Vec<String>) -> BTreeMap<String, Option<String>> {
    let mut calls = BTreeMap::new();
    for (number, epoch) in journal.epochs.iter().enumerate() {
        // What an earlier life was killed over may have been on its disk, and not yet on the wire.
        let mut may_be_left = number > 0;
        for event in &epoch.events {
            let begun = match event {
                Event::CallIncoming(it) => Some(&it.call_id),
                Event::CallDialing(it) => Some(&it.call_id),
                _ => None,
            };
            may_be_left &= begun.is_none();
            match event {
                Event::CallEnded(it) => {
                    let known = calls.insert(it.call_id.as_str().to_owned(), Some(format!("{:?}", it.reason)));
                    if known != Some(None) && !(known.is_none() && may_be_left) {
                        wrong.push(format!("{:?} ended twice, or without a beginning", it.call_id));
                    }
                }
                _ => begun.iter().for_each(|call| drop(calls.insert(call.as_str().to_owned(), None))),
            }
        }
        let up = epoch.states.values().next_back().map_or(0, |state| state.calls().count());
        if number + 1 == journal.epochs.len() && up > 0 {
            wrong.push(format!("{up} calls are up at the end, when all parties have hung up"));
        }
    }
    calls
}

/// No tab was told that a dial failed which became a call, unless it was told that this can't be known.
fn never_both(world: &World, journal: &Journal, wrong: &mut Vec<String>) {
    let events = journal.epochs.iter().flat_map(|epoch| &epoch.events);
    let dialled: Vec<&str> = events
        .filter_map(|event| match event {
            Event::CallDialing(it) => Some(it.number.as_str()),
            _ => None,
        })
        .collect();
    for (number, code) in &world.refused {
        if code != ErrorType::OutcomeUnknown.as_str() && dialled.contains(&number.as_str()) {
            wrong.push(format!("{number} was dialled, and the tab was told {code}"));
        }
    }
    let twice = dialled.iter().enumerate().filter(|(at, number)| dialled[..*at].contains(number));
    twice.for_each(|(_, number)| wrong.push(format!("{number} was dialled twice")));
}

/// Each call that ended is in the history, once; nothing else is, but calls whose backend was killed under them.
fn against_history(
    calls: &BTreeMap<String, Option<String>>,
    begun: &[String],
    history: &[String],
    wrong: &mut Vec<String>,
) {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for call in history {
        *times.entry(call).or_default() += 1;
        if !calls.contains_key(call) && !begun.contains(call) {
            wrong.push(format!("{call} is in the history, and not in the journal"));
        }
    }
    for (call, end) in calls {
        let times = times.get(call.as_str()).copied().unwrap_or_default();
        if times > 1 || (times == 0 && end.is_some()) {
            wrong.push(format!("{call}, which ended so: {end:?}, is in the history {times} times"));
        }
    }
}

/// Ids of all calls in the history's file, which the backend only ever adds to.
async fn history(world: &World) -> Result<Vec<String>> {
    let lines = world.desk.backend.history_file().await?;
    let read = |line: &str| serde_json::from_str::<Value>(line).ok()?["call_id"].as_str().map(str::to_owned);
    Ok(lines.lines().filter_map(read).collect())
}
