//! The hub: every rule of the worker, as inputs to effects. No I/O, no clock: time is an argument, in milliseconds of
//! any steady clock.

use std::collections::{BTreeMap, BTreeSet};

use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::Event;
use protocol::wire::port::{Accepted, CommandError, Init, RawEvent, RequestTag, TabMessage, WorkerMessage};
use protocol::wire::rest::{self, Body, Request, TabsReport};
use protocol::{
    Book, CallId, CallState, Capabilities, ConnectionStatus, EventId, GlobalState, OperatorStatus, PROTOCOL_VERSION,
    PhoneStatus,
};

use crate::connection::{Connection, StreamId, StreamOrder, Verdict};
use crate::tabs::{Summary, Tabs};

pub use crate::ids::{PortId, PostId};

/// Everything that can happen to the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HubInput {
    /// The worker runs.
    Started,
    /// A message came.
    PortMessage {
        /// From here.
        port: PortId,
        /// What it says.
        message: Result<TabMessage, Malformed>,
        /// The port that rode along, under its new name.
        transferred: Option<PortId>,
    },
    /// The tab behind a port is gone.
    PortGone(PortId),
    /// The backend accepted a stream.
    StreamOpened(StreamId),
    /// An event came.
    StreamEvent {
        /// On this stream.
        stream: StreamId,
        /// Its number; a heartbeat has none.
        id: Option<EventId>,
        /// What it says; `None` where its data can't be read.
        event: Option<Event>,
        /// As it came.
        raw: RawEvent,
    },
    /// A stream broke or could not be opened.
    StreamLost(StreamId),
    /// A request was answered: with the call that a dial began, or with an error.
    CommandSettled {
        /// Which.
        post: PostId,
        /// How.
        outcome: Result<Option<CallId>, ErrorBody>,
    },
    /// The time that was set has come.
    Tick,
}

/// Commands of one tab that may be under way at once; further ones are refused.
pub const MAX_PENDING: usize = 64;

/// A message that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong with it.
    pub message: String,
    /// The tab's own name for it, if that at least could be read.
    pub request_id: Option<String>,
}

/// What the shells shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Post this message to these ports.
    Send {
        /// To these.
        to: Vec<PortId>,
        /// This.
        message: WorkerMessage,
    },
    /// Send a request to the backend and report how it settled.
    Post {
        /// Under this name.
        post: PostId,
        /// This.
        request: Request,
    },
    /// Open or close a stream.
    Stream(StreamOrder),
    /// Tick at this time, and at no other that was set before; `None`: not at all.
    SetTimer(Option<u64>),
    /// Listen to this port no more.
    ClosePort(PortId),
    /// Report the port gone when this Web Lock is granted.
    WatchLock {
        /// The port.
        port: PortId,
        /// The lock that its tab holds.
        lock: String,
    },
}

/// A command on its way.
#[derive(Debug)]
struct Pending {
    port: PortId,
    request: RequestTag,
}

/// The one state of the browser, and those who look at it.
#[derive(Debug)]
pub struct Hub {
    book: Book,
    connection: Connection,
    /// The name by which the backend tells this worker from those of other sites.
    name: String,
    ports: BTreeSet<PortId>,
    tabs: Tabs,
    /// Ports that came by another: a bridge's port, and the tab that it brought.
    brought: BTreeMap<PortId, PortId>,
    pending: BTreeMap<PostId, Pending>,
    posts: u32,
    /// The last report of the tabs to the backend.
    summary: Option<PostId>,
    timer: Option<u64>,
    effects: Vec<Effect>,
}

impl Hub {
    /// A hub that knows nothing yet; `seed` makes its name, and the jitter of its retries.
    pub fn new(seed: u64) -> Self {
        Self {
            book: Book::new(OperatorStatus::Offline, PhoneStatus::Unavailable, Capabilities::default()),
            connection: Connection::new(seed),
            name: format!("{seed:016x}"),
            ports: BTreeSet::new(),
            tabs: Tabs::default(),
            brought: BTreeMap::new(),
            pending: BTreeMap::new(),
            posts: 0,
            summary: None,
            timer: None,
            effects: Vec::new(),
        }
    }

    /// The name that goes with its streams.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there were workers of other sites when the backend last spoke of it.
    pub fn had_company(&self) -> bool {
        self.tabs.had_company()
    }

    /// The state as every tab is shown it.
    pub fn state(&self) -> GlobalState {
        self.book.to_state(self.connection.status(), self.connection.seq())
    }

    /// Takes one input in and says what to do about it, in order.
    pub fn handle(&mut self, input: HubInput, now: u64) -> Vec<Effect> {
        let before = self.connection.status();
        let mut told = false;
        match input {
            HubInput::Started => self.connection.start(now),
            HubInput::Tick => {
                self.timer = None; // it is spent: a tick that came early must set another
                self.connection.tick(now);
                self.tabs.tick(now);
            }
            HubInput::StreamOpened(stream) => {
                self.connection.opened(stream, now);
                self.tabs.stream_began();
            }
            HubInput::StreamLost(stream) => self.connection.lost(stream, now),
            HubInput::StreamEvent { stream, id, event, raw } => {
                told = self.stream_event(stream, id.as_ref(), event.as_ref(), raw, now);
            }
            HubInput::PortMessage { port, message, transferred } => self.port_message(port, message, transferred, now),
            HubInput::PortGone(port) => self.port_gone(port),
            HubInput::CommandSettled { post, outcome } => self.settled(post, outcome),
        }
        if self.connection.status() != before && !told {
            self.broadcast(WorkerMessage::SyncState(self.state()));
        }
        self.assign_roles(now);
        self.report_tabs(now);
        self.effects.extend(self.connection.take_orders().into_iter().map(Effect::Stream));
        let deadline = self.connection.deadline().into_iter().chain(self.tabs.deadline()).min();
        if deadline != self.timer {
            self.timer = deadline;
            self.effects.push(Effect::SetTimer(self.timer));
        }
        std::mem::take(&mut self.effects)
    }

    /// Whether tabs were told the new state.
    fn stream_event(
        &mut self,
        stream: StreamId,
        id: Option<&EventId>,
        event: Option<&Event>,
        raw: RawEvent,
        now: u64,
    ) -> bool {
        let verdict = self.connection.judge(stream, id, event, now);
        match event {
            _ if self.connection.stream() != Some(stream) => {}
            Some(Event::TabRole(part)) => self.tabs.part(*part),
            Some(Event::Heartbeat {}) => self.tabs.heartbeat(),
            _ => {}
        }
        let (Verdict::Apply, Some(event)) = (verdict, event) else { return false };
        self.book.apply(event);
        // First: at each state, exactly one tab holds itself for the primary one.
        self.assign_roles(now);
        self.broadcast(WorkerMessage::SyncState(self.state()));
        self.broadcast(WorkerMessage::SseEvent(raw));
        true
    }

    fn port_message(
        &mut self,
        port: PortId,
        message: Result<TabMessage, Malformed>,
        transferred: Option<PortId>,
        now: u64,
    ) {
        self.tabs.spoke(port);
        match message {
            Ok(TabMessage::Init(init)) => {
                if let Some(tab) = transferred {
                    self.brought.insert(port, tab);
                }
                self.init(transferred.unwrap_or(port), init, now);
            }
            Ok(TabMessage::Report(report)) if self.tabs.has(port) => self.tabs.reported(port, report, now),
            Ok(TabMessage::Report(_)) => {
                let text = "a tab that reports says so in its INIT_PORT";
                self.refuse(port, ErrorType::ValidationError, text, None);
            }
            Ok(TabMessage::Gone) => {
                let tab = self.brought.get(&port).copied().unwrap_or(port);
                self.port_gone(tab);
            }
            Ok(TabMessage::Command { command, request }) => {
                if self.pending.values().filter(|pending| pending.port == port).count() >= MAX_PENDING {
                    let text = "this page has too many commands under way; wait for their answers";
                    return self.refuse(port, ErrorType::TooManyRequests, text, request.request_id);
                }
                if self.connection.status() != ConnectionStatus::Connected {
                    let text = "there is no connection with the phone service; it is being restored, try again then";
                    return self.refuse(port, ErrorType::NotConnected, text, request.request_id);
                }
                let Some(body) = command.to_request(self.book.active().map(|call| &call.id)) else {
                    return self.refuse(port, ErrorType::CallNotFound, "there is no active call", request.request_id);
                };
                self.posts += 1;
                let post = PostId(self.posts);
                self.pending.insert(post, Pending { port, request });
                self.effects.push(Effect::Post { post, request: body });
            }
            Err(Malformed { message, request_id }) => {
                self.refuse(port, ErrorType::ValidationError, &message, request_id);
            }
        }
    }

    fn init(&mut self, port: PortId, init: Init, now: u64) {
        if init.protocol != PROTOCOL_VERSION {
            let text = format!(
                "this page speaks version {} of the phone's messages, the worker version {PROTOCOL_VERSION}: reload the page",
                init.protocol
            );
            return self.refuse(port, ErrorType::UnsupportedProtocol, &text, None);
        }
        self.ports.insert(port);
        self.send(port, WorkerMessage::SyncState(self.state()));
        if let Some(report) = init.tab {
            self.tabs.joined(port, report, init.lock.is_some(), now);
        }
        if let Some(lock) = init.lock {
            self.effects.push(Effect::WatchLock { port, lock });
        }
    }

    fn port_gone(&mut self, port: PortId) {
        self.ports.remove(&port);
        self.tabs.gone(port);
        self.effects.push(Effect::ClosePort(port));
        let bridge = self.brought.iter().find(|(_, tab)| **tab == port).map(|(bridge, _)| *bridge);
        if let Some(bridge) = bridge {
            self.brought.remove(&bridge);
            self.effects.push(Effect::ClosePort(bridge));
        }
        // The command itself goes on: a call answered in a tab that was closed at once is answered.
        self.pending.retain(|_, pending| pending.port != port);
    }

    fn assign_roles(&mut self, now: u64) {
        let ringing = self.book.calls().iter().any(|call| call.state == CallState::Incoming);
        for (port, message) in self.tabs.choose(ringing, now) {
            self.send(port, message);
        }
    }

    /// Tells the backend what the tabs are good for, where it has to choose among workers.
    fn report_tabs(&mut self, now: u64) {
        if let Some(Summary { used_ago, sound, notices }) = self.tabs.summary(now) {
            let body = Body::Tabs(TabsReport { worker: self.name.clone(), used_ago, sound, notices });
            self.posts += 1;
            self.summary = Some(PostId(self.posts));
            self.effects.push(Effect::Post { post: PostId(self.posts), request: Request { path: rest::TABS, body } });
        }
    }

    fn settled(&mut self, post: PostId, outcome: Result<Option<CallId>, ErrorBody>) {
        if self.summary == Some(post) && outcome.is_err() {
            self.tabs.summary_lost();
        }
        let Some(Pending { port, request: RequestTag { request_id, ack, .. } }) = self.pending.remove(&post) else {
            return;
        };
        match (outcome, request_id) {
            (Ok(call_id), Some(request_id)) if ack => {
                self.send(port, WorkerMessage::Accepted(Accepted { request_id, call_id }));
            }
            (Ok(_), _) => {}
            (Err(body), request_id) => self.send(port, WorkerMessage::Error(CommandError::new(body, request_id))),
        }
    }

    fn refuse(&mut self, port: PortId, error: ErrorType, message: &str, request_id: Option<String>) {
        self.send(port, WorkerMessage::Error(CommandError::new(ErrorBody::new(error, message), request_id)));
    }

    fn send(&mut self, port: PortId, message: WorkerMessage) {
        self.effects.push(Effect::Send { to: vec![port], message });
    }

    fn broadcast(&mut self, message: WorkerMessage) {
        if !self.ports.is_empty() {
            self.effects.push(Effect::Send { to: self.ports.iter().copied().collect(), message });
        }
    }
}
