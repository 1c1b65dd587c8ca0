//! The task around the call machine: feeds it, carries out what it says, and never waits for a command or the desk.

use std::collections::HashMap;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use super::MicroSipConfig;
use super::calls::{Calls, Input, Output, Rules, Ticket};
use super::hook_event::HookEvent;
use super::launch::{Carriers, Process};
use super::queue::{self, Order, Queued};
use super::watch::Watch;
use crate::engine::{Action, EngineError, EngineEvents};
use crate::ids::new_call_id;

type Answer = oneshot::Sender<Result<(), EngineError>>;

/// What comes to the driver.
#[derive(Debug)]
pub(super) enum Message {
    /// From MicroSIP, the queue or the watch.
    Input(Input),
    /// From the desk.
    Perform { action: Action, reply: Answer },
}

/// Takes hooks in: at once, in order, whatever the engine is doing.
#[derive(Clone, Debug)]
pub struct HookSender(mpsc::UnboundedSender<Message>);

impl HookSender {
    pub(super) fn new(inbox: mpsc::UnboundedSender<Message>) -> Self {
        Self(inbox)
    }

    /// Hands a hook to the engine. The number is whatever the caller chose to send.
    pub fn hook(&self, event: HookEvent, number: String) {
        tracing::debug!(hook = %event, "hook");
        // Without an engine there is nobody left to tell.
        let _ = self.0.send(Message::Input(Input::Hook { event, number }));
    }
}

/// Starts the engine's tasks and gives the way in.
pub(super) fn start(config: MicroSipConfig, rules: Rules, events: EngineEvents) -> mpsc::UnboundedSender<Message> {
    let (inbox, messages) = mpsc::unbounded_channel();
    let (orders, queued) = mpsc::unbounded_channel();

    let weak = inbox.downgrade();
    let settled = move |id, outcome| {
        if let Some(inbox) = weak.upgrade() {
            let _ = inbox.send(Message::Input(Input::Settled { id, outcome }));
        }
    };
    let carriers = Carriers::default();
    let process = Process { exe: config.exe.clone(), carriers: carriers.clone() };
    tokio::spawn(queue::run(queued, process, config.command_gap, settled));
    tokio::spawn(watch(config, carriers, inbox.downgrade()));
    tokio::spawn(drive(Calls::new(rules, new_call_id), messages, orders, events));
    inbox
}

async fn drive(
    mut calls: Calls,
    mut messages: mpsc::UnboundedReceiver<Message>,
    orders: mpsc::UnboundedSender<Queued>,
    events: EngineEvents,
) {
    let mut answers: HashMap<Ticket, Answer> = HashMap::new();
    let mut next_ticket = 0;
    loop {
        let deadline = calls.deadline();
        let tick = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at.into()).await,
                None => std::future::pending().await,
            }
        };
        let input = tokio::select! {
            message = messages.recv() => match message {
                Some(Message::Input(input)) => input,
                Some(Message::Perform { action, reply }) => {
                    next_ticket += 1;
                    let ticket = Ticket(next_ticket);
                    answers.insert(ticket, reply);
                    Input::Act { ticket, action }
                }
                None => return,
            },
            () = tick => Input::Tick,
        };
        for output in calls.handle(input, Instant::now()) {
            // Whoever is gone needs no news; the others still do.
            match output {
                Output::Event(event) => drop(events.send(event)),
                Output::Command { id, command, expires } => {
                    drop(orders.send(Queued::Order(Order { id, command, expires })));
                }
                Output::Withdraw(id) => drop(orders.send(Queued::Withdraw(id))),
                Output::Reply { ticket, result } => {
                    answers.remove(&ticket).map(|answer| answer.send(result));
                }
            }
        }
    }
}

async fn watch(config: MicroSipConfig, carriers: Carriers, inbox: mpsc::WeakUnboundedSender<Message>) {
    let mut watch = Watch::new(&config.exe, carriers);
    let mut every = tokio::time::interval(config.poll_every);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let asked = Instant::now();
        let looked = tokio::task::spawn_blocking(move || {
            let found = watch.look();
            (watch, found)
        });
        let Ok((back, run)) = looked.await else { return };
        watch = back;
        let Some(inbox) = inbox.upgrade() else { return };
        if inbox.send(Message::Input(Input::Process { run, asked })).is_err() {
            return;
        }
    }
}
