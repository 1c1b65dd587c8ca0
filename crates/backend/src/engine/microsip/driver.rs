//! The task around the call machine: feeds it, carries out what it says, and never waits for a command or the desk.

use std::collections::HashMap;
use std::time::Instant;

use protocol::UnixSeconds;
use tokio::sync::{mpsc, oneshot};

use super::MicroSipConfig;
use super::calls::{Calls, Input, Memo, Output, Ticket};
use super::hook_event::HookEvent;
use super::hook_id::{HookId, NextCall};
use super::late::{self, Now};
use super::launch::{Carriers, Courier};
use super::missed::Missed;
use super::queue::{self, Order, Queued};
use super::records::{self, Records};
use super::watch::{self, Run, Watch};
use crate::engine::{Action, EngineError, EngineEvent, EngineEvents, Receipt, Received, Told};

type Answer = oneshot::Sender<Result<(), EngineError>>;

/// What comes to the driver.
#[derive(Debug)]
pub(super) enum Message {
    /// From the queue or the desk.
    Input(Input),
    /// From MicroSIP. One that is told twice has the same id.
    Hook { event: HookEvent, number: String, id: Option<HookId>, receipt: Receipt },
    /// From the watch: see [`Input::Process`].
    Looked { run: Option<Run>, asked: Instant },
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
    ///
    /// One with an id that was taken in before is passed over. The result tells when what comes of it is kept: until
    /// then a kill loses it.
    pub fn hook(&self, event: HookEvent, number: String, id: Option<HookId>) -> Received {
        tracing::debug!(hook = %event, "hook");
        let (receipt, received) = Receipt::new();
        // Without an engine there is nobody left to tell.
        let _ = self.0.send(Message::Hook { event, number, id, receipt });
        received
    }
}

/// Starts the engine's tasks around this machine and gives the way in.
pub(super) fn start(
    config: MicroSipConfig,
    (calls, next): (Calls, NextCall),
    memo: Memo,
    missed: Missed,
    events: EngineEvents,
) -> mpsc::UnboundedSender<Message> {
    let records = Records::new(&config.exe);
    let (inbox, messages) = mpsc::unbounded_channel();
    let (orders, queued) = mpsc::unbounded_channel();

    let weak = inbox.downgrade();
    let settled = move |id, outcome| {
        if let Some(inbox) = weak.upgrade() {
            let _ = inbox.send(Message::Input(Input::Settled { id, outcome }));
        }
    };
    let carriers = Carriers::default();
    let courier = Courier { exe: config.exe.clone(), carriers: carriers.clone() };
    tokio::spawn(queue::run(queued, courier, config.command_gap, settled));
    tokio::spawn(watch(config, carriers, inbox.downgrade()));
    let told = memo.clone();
    let answers = HashMap::new();
    let driver =
        Driver { calls, next, memo, told, missed, records, last_hook: None, answers, next_ticket: 0, orders, events };
    tokio::spawn(driver.drive(messages));
    inbox
}

struct Driver {
    calls: Calls,
    next: NextCall,
    memo: Memo,
    /// What the desk has of it.
    told: Memo,
    missed: Missed,
    records: Records,
    /// When the hook that was taken in last fired.
    last_hook: Option<Instant>,
    answers: HashMap<Ticket, Answer>,
    next_ticket: u64,
    orders: mpsc::UnboundedSender<Queued>,
    events: EngineEvents,
}

impl Driver {
    async fn drive(mut self, mut messages: mpsc::UnboundedReceiver<Message>) {
        loop {
            let deadline = self.calls.deadline();
            let tick = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let message = tokio::select! {
                message = messages.recv() => message,
                () = tick => Some(Message::Input(Input::Tick)),
            };
            match message {
                Some(Message::Input(input)) => self.feed(input),
                Some(Message::Hook { event, number, id, receipt }) => {
                    self.catch_up(None).await;
                    let ends = matches!(event, HookEvent::Busy | HookEvent::End);
                    let records = if ends { self.records.read().await } else { Vec::new() };
                    self.hook(event, number, records, id.as_ref(), None);
                    drop(self.events.send(EngineEvent::Receipt(receipt)));
                }
                Some(Message::Looked { run, asked }) => {
                    self.catch_up(run).await;
                    self.feed(Input::Process { run, asked });
                }
                Some(Message::Perform { action, reply }) => {
                    self.next_ticket += 1;
                    let ticket = Ticket(self.next_ticket);
                    self.answers.insert(ticket, reply);
                    self.feed(Input::Act { ticket, action });
                }
                None => return,
            }
        }
    }

    /// MicroSIP runs its hooks one after the other: those that did not reach us came before the one that does.
    ///
    /// `run` is what a look has just found, if that is why.
    async fn catch_up(&mut self, run: Option<Run>) {
        let hooks = self.missed.hooks().await;
        let run = run.or(self.memo.run);
        let now = Now::read();
        for missed in hooks {
            if !late::is_of(run, missed.at, now) {
                tracing::warn!(hook = %missed.event, "a hook of an earlier run of MicroSIP: passed over");
                continue;
            }
            tracing::warn!(hook = %missed.event, "a hook had not reached the backend in time: taken in now");
            self.hook(
                missed.event,
                missed.number,
                Vec::new(),
                Some(&missed.id),
                Some(late::time_of(missed.at, self.last_hook, now)),
            );
        }
        if let Some(receipt) = self.missed.receipt() {
            drop(self.events.send(EngineEvent::Receipt(receipt)));
        }
    }

    /// `late`: when it fired, if that was not now.
    fn hook(
        &mut self,
        event: HookEvent,
        number: String,
        records: Vec<records::Told>,
        id: Option<&HookId>,
        late: Option<(UnixSeconds, Instant)>,
    ) {
        if self.missed.is_put_away() {
            self.memo.hooks.forget_old();
        }
        if id.is_none_or(|id| self.memo.hooks.is_new(id)) {
            let instant = late.map_or_else(Instant::now, |(_, instant)| instant);
            self.last_hook = Some(instant);
            self.next.set(id.map(HookId::call_id));
            self.feed_at(Input::Hook { event, number, records }, instant, late.map(|(at, _)| at));
            self.next.set(None);
        }
    }

    fn feed(&mut self, input: Input) {
        self.feed_at(input, Instant::now(), None);
    }

    /// `late`: the same time for the desk, if it is not now.
    fn feed_at(&mut self, input: Input, instant: Instant, late: Option<UnixSeconds>) {
        let outputs = self.calls.handle(input, instant);
        let mut events: Vec<EngineEvent> = self.what_to_remember().into_iter().collect();
        let told = |output: &Output| if let Output::Event(event) = output { Some(event.clone()) } else { None };
        let at_its_time = |event| match late {
            Some(at) => EngineEvent::Late(vec![Told { at, event }]),
            None => event,
        };
        events.extend(outputs.iter().filter_map(told).map(at_its_time));
        // Whoever is gone needs no news; the others still do.
        if !events.is_empty() {
            drop(self.events.send(EngineEvent::Together(events)));
        }
        for output in outputs {
            match output {
                Output::Event(_) => {}
                Output::Command { id, command, expires } => {
                    drop(self.orders.send(Queued::Order(Order { id, command, expires })));
                }
                Output::Withdraw(id) => drop(self.orders.send(Queued::Withdraw(id))),
                Output::Reply { ticket, result } => {
                    self.answers.remove(&ticket).map(|answer| answer.send(result));
                }
            }
        }
    }

    /// What has changed of what is to be remembered.
    fn what_to_remember(&mut self) -> Option<EngineEvent> {
        let hooks = std::mem::take(&mut self.memo.hooks);
        self.memo = Memo { hooks, ..self.calls.memo() };
        if self.memo == self.told {
            return None;
        }
        self.told = self.memo.clone();
        Some(EngineEvent::Remember(serde_json::to_value(&self.memo).unwrap_or_default()))
    }
}

/// Looks every so often; on Windows also as soon as the run that was found has ended.
async fn watch(config: MicroSipConfig, carriers: Carriers, inbox: mpsc::WeakUnboundedSender<Message>) {
    let mut watch = Watch::new(&config.exe, carriers);
    loop {
        let asked = Instant::now();
        let looked = tokio::task::spawn_blocking(move || {
            let found = watch.look();
            (watch, found)
        });
        let Ok((back, run)) = looked.await else { return };
        watch = back;
        let Some(inbox) = inbox.upgrade() else { return };
        if inbox.send(Message::Looked { run, asked }).is_err() {
            return;
        }
        drop(inbox);
        watch::pause(run, config.poll_every).await;
    }
}
