//! A hub on the bench: inputs in, effects out, with short names for both.

use protocol::wire::command::Command;
use protocol::wire::error::ErrorBody;
use protocol::wire::event::Event;
use protocol::wire::port::{Init, RawEvent, RequestTag, TabMessage, WorkerMessage};
use protocol::wire::rest::Request;
use protocol::{CallId, EventId, GlobalState};
use worker::connection::{StreamId, StreamOrder};
use worker::hub::{Attempt, Effect, Hub, HubInput, PortId, PostError, PostId};

use crate::backend::Backend;

pub struct Bench {
    pub hub: Hub,
    pub now: u64,
    pub effects: Vec<Effect>,
}

impl Bench {
    pub fn new() -> Self {
        Self::begun(7, 1_000)
    }

    /// One that begins now.
    pub fn begun(seed: u64, now: u64) -> Self {
        let mut bench = Self { hub: Hub::new(seed), now, effects: Vec::new() };
        bench.input(HubInput::Started);
        bench
    }

    /// Connected with this backend, with these tabs; their first messages are taken off.
    pub fn connected(backend: &Backend, tabs: &[u32]) -> Self {
        let mut bench = Self::new();
        for tab in tabs {
            bench.init(*tab);
        }
        let stream = bench.opened_stream().0;
        bench.input(HubInput::StreamOpened(stream));
        let (id, event) = backend.snapshot();
        bench.event(stream, Some(id), event);
        bench.effects.clear();
        bench
    }

    pub fn input(&mut self, input: HubInput) {
        let effects = self.hub.handle(input, self.now);
        self.effects.extend(effects);
    }

    pub fn init(&mut self, tab: u32) {
        let message = Ok(TabMessage::Init(Init::plain()));
        self.input(HubInput::PortMessage { port: PortId(tab), message, transferred: None });
    }

    pub fn say(&mut self, tab: u32, message: TabMessage) {
        self.input(HubInput::PortMessage { port: PortId(tab), message: Ok(message), transferred: None });
    }

    pub fn command(&mut self, tab: u32, command: Command, request: RequestTag) {
        let message = Ok(TabMessage::Command { command, request });
        self.input(HubInput::PortMessage { port: PortId(tab), message, transferred: None });
    }

    pub fn event(&mut self, stream: StreamId, id: Option<EventId>, event: Event) {
        let raw = RawEvent { event: event.name().to_owned(), data: serde_json::to_string(&event).unwrap_or_default() };
        self.input(HubInput::StreamEvent { stream, id, event: Some(event), raw });
    }

    pub fn settle(&mut self, post: PostId, outcome: Result<Option<CallId>, ErrorBody>) {
        self.input(HubInput::CommandSettled { post, outcome: outcome.map_err(PostError::Refused) });
    }

    /// Nothing comes back for this request.
    pub fn lose(&mut self, post: PostId) {
        self.input(HubInput::CommandSettled { post, outcome: Err(PostError::NoAnswer) });
    }

    /// Lets the time pass to the hub's next tick, which it has asked for.
    pub fn next_tick(&mut self) {
        let timer = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::SetTimer(at) => Some(*at),
            _ => None,
        });
        self.now = self.now.max(timer.flatten().expect("a timer is set"));
        self.input(HubInput::Tick);
    }

    /// The stream that was asked for last, and after which event.
    pub fn opened_stream(&self) -> (StreamId, Option<EventId>) {
        self.opens().last().expect("a stream was asked for")
    }

    /// Every stream that was asked for, and after which event.
    pub fn opens(&self) -> impl Iterator<Item = (StreamId, Option<EventId>)> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::Stream(StreamOrder::Open { stream, after, .. }) => Some((*stream, after.clone())),
            _ => None,
        })
    }

    /// Whether the stream that was asked for last shall end after its first events.
    pub fn asked_once(&self) -> bool {
        let mut opens = self.effects.iter().rev().filter_map(|effect| match effect {
            Effect::Stream(StreamOrder::Open { once, .. }) => Some(*once),
            _ => None,
        });
        opens.next().expect("a stream was asked for")
    }

    pub fn posts(&self) -> Vec<(PostId, Request)> {
        let posts = self.effects.iter().filter_map(|effect| match effect {
            Effect::Post { post, request, .. } => Some((*post, request.clone())),
            _ => None,
        });
        posts.collect()
    }

    /// Every attempt at a command so far.
    pub fn attempts(&self) -> Vec<(PostId, Attempt)> {
        let attempts = self.effects.iter().filter_map(|effect| match effect {
            Effect::Post { post, attempt: Some(attempt), .. } => Some((*post, attempt.clone())),
            _ => None,
        });
        attempts.collect()
    }

    /// What this tab was told.
    pub fn told(&self, tab: u32) -> Vec<WorkerMessage> {
        let told = self.effects.iter().filter_map(|effect| match effect {
            Effect::Send { to, message } if to.contains(&PortId(tab)) => Some(message.clone()),
            _ => None,
        });
        told.collect()
    }

    /// The last state that this tab was told.
    pub fn shown(&self, tab: u32) -> GlobalState {
        let states = self.told(tab).into_iter().rev().find_map(|message| match message {
            WorkerMessage::SyncState(state) => Some(state),
            _ => None,
        });
        states.expect("the tab was told a state")
    }
}
