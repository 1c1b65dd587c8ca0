//! The hub: every rule of the worker, as inputs to effects. No I/O, no clock: time is an argument, in milliseconds of
//! any steady clock.

use litemap::LiteMap;
use protocol::wire::command::Command;
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::{Event, Snapshot};
use protocol::wire::json::push_number;
use protocol::wire::port::{Accepted, Init, RawEvent, RequestTag, TabMessage, WorkerLock, WorkerMessage};
use protocol::wire::rest::{self, Body, Request, TabsReport, is_key};
use protocol::{
    Book, CallState, Capabilities, ConnectionStatus, EventId, GlobalState, OLDEST_PROTOCOL, OperatorStatus,
    PROTOCOL_VERSION, PhoneStatus,
};

use crate::commands::{Commands, Step};
use crate::connection::{Connection, StreamId, StreamOrder, Verdict};
use crate::ending::{failure, farewell, last_words};
use crate::ids::{PostIds, is_lock_name, name_of, numbered};
use crate::outbox::Outbox;
use crate::spare::Spare;
use crate::tabs::{Summary, Tabs};

pub use crate::commands::{Attempt, MAX_PENDING, PostError, PostOutcome};
pub use crate::ids::{PortId, PostId};
pub use crate::io::{Effect, HubInput, Malformed, Worker};

/// The one state of the browser, and those who look at it.
#[derive(Debug)]
pub struct Hub {
    book: Book,
    connection: Connection,
    /// The name by which the backend tells this worker from those of other sites.
    name: String,
    ports: LiteMap<PortId, ()>,
    tabs: Tabs,
    /// Ports that came by another: a bridge's port, and the tab that it brought.
    brought: LiteMap<PortId, PortId>,
    commands: Commands,
    posts: PostIds,
    /// Keys made so far, for commands that came without one.
    keys: u64,
    /// See [`Worker`].
    lock: Option<String>,
    /// Why the backend will not have this worker, since it was last connected.
    refused: Option<ErrorBody>,
    /// See [`Worker`]; where it is not known, what the backend served when this hub first heard of it.
    bundle: Option<String>,
    /// The worker of this build takes over.
    ended: Option<String>,
    spare: Spare,
    /// The last report of the tabs to the backend.
    summary: Option<PostId>,
    timer: Option<u64>,
    out: Outbox,
}

impl Hub {
    /// A hub that knows nothing yet; `seed` makes its name, and the jitter of its retries.
    pub fn new(seed: u64) -> Self {
        Self {
            book: Book::new(OperatorStatus::Offline, PhoneStatus::Unavailable, Capabilities::default()),
            connection: Connection::new(seed),
            name: name_of(seed),
            ports: LiteMap::new(),
            tabs: Tabs::default(),
            brought: LiteMap::new(),
            commands: Commands::default(),
            posts: PostIds::default(),
            keys: 0,
            lock: None,
            refused: None,
            bundle: None,
            ended: None,
            spare: Spare::default(),
            summary: None,
            timer: None,
            out: Outbox::default(),
        }
    }

    /// A hub that knows this of its worker.
    #[must_use]
    pub fn with(self, Worker { lock, bundle, name }: Worker) -> Self {
        Self { lock, bundle, spare: Spare::named(&name), ..self }
    }

    /// The name that goes with its streams.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The life of the backend that it knows.
    pub fn epoch(&self) -> Option<&str> {
        self.connection.epoch()
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
        if let Some(bundle) = &self.ended {
            if let Some((port, message)) = last_words(bundle, input) {
                self.out.send(port, message);
            }
            return self.out.take();
        }
        let before = self.connection.status();
        let news = self.take_in(input, now);
        if self.ended.is_some() {
            return self.out.take();
        }
        // First: at each state, exactly one tab holds itself for the primary one.
        self.assign_roles(now);
        if news.is_some() || self.connection.status() != before {
            self.broadcast(WorkerMessage::SyncState(self.state()));
        }
        if self.is_connected() {
            self.refused = None;
        }
        if let Some(raw) = news {
            self.broadcast(WorkerMessage::SseEvent(raw));
        }
        self.advance_commands(now);
        self.report_tabs(now);
        if self.spare.is_over(self.ports.is_empty(), now) {
            self.out.push(Effect::End);
        }
        self.out.extend(self.connection.take_orders().into_iter().map(Effect::Stream));
        self.set_timer();
        self.out.take()
    }

    /// Gives the event that has changed the book, if the input was one.
    fn take_in(&mut self, input: HubInput, now: u64) -> Option<RawEvent> {
        match input {
            HubInput::Started => self.connection.start(now),
            HubInput::Tick => {
                self.timer = None; // it is spent: a tick that came early must set another
                self.connection.tick(now);
                self.tabs.tick(now);
            }
            HubInput::Woke => self.connection.renew(now),
            HubInput::StreamOpened(stream) => {
                self.connection.opened(stream, now);
                self.tabs.stream_began();
            }
            HubInput::StreamLost(stream) => self.connection.lost(stream, now),
            HubInput::Refused(body) => self.refused_by_backend(body),
            HubInput::StreamEvent { stream, id, event, raw } => {
                let applied = self.stream_event(stream, id.as_ref(), event.as_ref(), now);
                return applied.then_some(raw);
            }
            HubInput::PortMessage { port, message, transferred } => self.port_message(port, message, transferred, now),
            HubInput::PortGone(port) => self.port_gone(port),
            HubInput::CommandSettled { post, outcome } => self.settled(post, outcome, now),
        }
        None
    }

    fn set_timer(&mut self) {
        let commands = self.commands.deadline(self.is_connected());
        let deadline = self
            .connection
            .deadline()
            .into_iter()
            .chain(self.tabs.deadline())
            .chain(commands)
            .chain(self.spare.deadline())
            .min();
        if deadline != self.timer {
            self.timer = deadline;
            self.out.push(Effect::SetTimer(self.timer));
        }
    }

    fn is_connected(&self) -> bool {
        self.connection.status() == ConnectionStatus::Connected
    }

    /// Whether the event has changed the book.
    fn stream_event(&mut self, stream: StreamId, id: Option<&EventId>, event: Option<&Event>, now: u64) -> bool {
        let verdict = self.connection.judge(stream, id, event, now);
        match event {
            _ if self.connection.stream() != Some(stream) => {}
            Some(Event::TabRole(part)) => self.tabs.part(*part),
            Some(Event::Heartbeat {}) => self.tabs.heartbeat(),
            _ => {}
        }
        let (Verdict::Apply, Some(event)) = (verdict, event) else { return false };
        if let Event::Snapshot(Snapshot { bundle, .. }) = event
            && self.bundle.get_or_insert_with(|| bundle.clone()) != bundle
        {
            self.step_aside(bundle.clone());
            return false;
        }
        self.book.apply(event);
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
        if !matches!(message, Ok(TabMessage::Init(_))) {
            // Nobody would ever speak of it again.
            self.out.extend(transferred.map(Effect::ClosePort));
        }
        match message {
            Ok(TabMessage::Init(init)) => {
                if let Some(tab) = transferred {
                    self.brought.insert(port, tab);
                }
                self.init(transferred.unwrap_or(port), transferred.map(|_| port), init, now);
            }
            Ok(TabMessage::Report(report)) if self.tabs.has(port) => {
                self.tabs.reported(port, report, now);
                if report.online {
                    self.connection.renew(now);
                }
                if report.used {
                    self.connection.hurry(now);
                }
            }
            Ok(TabMessage::Report(_)) => {
                let text = "a tab that reports says so in its INIT_PORT";
                self.out.refuse(port, ErrorType::ValidationError, text, None);
            }
            Ok(TabMessage::Gone) => {
                let tab = self.brought.get(&port).copied().unwrap_or(port);
                self.port_gone(tab);
            }
            Ok(TabMessage::Command { command, request }) => self.command(port, command, request, now),
            Err(Malformed { message, request_id }) => {
                self.out.refuse(port, ErrorType::ValidationError, &message, request_id);
            }
        }
    }

    fn command(&mut self, port: PortId, command: Command, tag: RequestTag, now: u64) {
        if !self.commands.has_room(port, now) {
            let text = "this page sends too many commands; wait for their answers, and a moment";
            return self.out.refuse(port, ErrorType::TooManyRequests, text, tag.request_id);
        }
        if tag.key.as_ref().is_some_and(|key| !is_key(key.as_bytes())) {
            let text = "`key` must be 1 to 64 visible ASCII characters";
            return self.out.refuse(port, ErrorType::ValidationError, text, tag.request_id);
        }
        // One that was given before is waited with: its tab has seen it go.
        if tag.again.is_none() && !self.is_connected() {
            let text = "there is no connection with the phone service; it is being restored, try again then";
            return self.out.refuse(port, ErrorType::NotConnected, text, tag.request_id);
        }
        // Which call was active when it was first given, only the worker knew that was given it.
        let active = self.book.active().filter(|_| tag.again.is_none());
        let Some(request) = command.to_request(active.map(|call| &call.id)) else {
            let (error, text) = match tag.again {
                None => (ErrorType::CallNotFound, "there is no active call"),
                Some(_) => (ErrorType::OutcomeUnknown, "a command that is given again must name its call"),
            };
            return self.out.refuse(port, error, text, tag.request_id);
        };
        self.keys += 1;
        let key = tag.key.clone().unwrap_or_else(|| numbered(&self.name, self.keys));
        self.commands.give(port, request, tag, key, now);
    }

    fn advance_commands(&mut self, now: u64) {
        for step in self.commands.advance(self.is_connected(), now, &mut self.posts) {
            self.perform(step);
        }
    }

    fn perform(&mut self, step: Step) {
        match step {
            Step::Post(post, request, attempt) => {
                self.out.push(Effect::Post { post, request, attempt: Some(attempt) });
            }
            Step::Abort(post) => self.out.push(Effect::Abort(post)),
            Step::Tell(port, RequestTag { request_id, ack, .. }, outcome) => match (outcome, request_id) {
                (Ok(call_id), Some(request_id)) if ack => {
                    self.out.send(port, WorkerMessage::Accepted(Accepted { request_id, call_id }));
                }
                (Ok(_), _) => {}
                (Err(body), request_id) => self.out.send(port, failure(body, request_id)),
            },
        }
    }

    fn init(&mut self, port: PortId, bridge: Option<PortId>, init: Init, now: u64) {
        if !(OLDEST_PROTOCOL..=PROTOCOL_VERSION).contains(&init.protocol) {
            let mut text = "this page speaks version ".to_owned();
            push_number(&mut text, init.protocol.into());
            text.push_str(" of the phone's messages, the worker version ");
            push_number(&mut text, PROTOCOL_VERSION.into());
            text.push_str(": reload the page");
            self.out.refuse(port, ErrorType::UnsupportedProtocol, &text, None);
            // A tab of ours takes another port for its next attempt.
            if init.tab.is_some() {
                self.port_gone(port);
            }
            return;
        }
        if init.lock.as_ref().is_some_and(|lock| !is_lock_name(lock)) {
            let text = "`lock` must be the name of a Web Lock: 1 to 256 bytes, not beginning with a hyphen";
            return self.out.refuse(port, ErrorType::ValidationError, text, None);
        }
        self.ports.insert(port, ());
        self.out.send(port, WorkerMessage::SyncState(self.state()));
        if let Some(report) = init.tab {
            self.tabs.joined(port, report, init.lock.is_some(), now);
            // A lock of the worker's origin: to a page of another origin its name means nothing, but its bridge can wait for it.
            if let Some(lock) = self.lock.clone() {
                self.out.send(bridge.unwrap_or(port), WorkerMessage::WorkerLock(WorkerLock { lock }));
            }
            if let Some(body) = self.refused.clone() {
                self.out.send(port, failure(body, None));
            }
        }
        if let Some(lock) = init.lock {
            self.out.push(Effect::WatchLock { port, lock });
        }
    }

    fn port_gone(&mut self, port: PortId) {
        let bridge = self.brought.iter().find(|(_, tab)| **tab == port).map(|(bridge, _)| *bridge);
        // A bridge may have been a tab as well: any page can post anything.
        for gone in std::iter::once(port).chain(bridge) {
            self.brought.remove(&gone);
            self.ports.remove(&gone);
            self.tabs.gone(gone);
            self.commands.port_gone(gone);
            self.out.push(Effect::ClosePort(gone));
        }
    }

    fn assign_roles(&mut self, now: u64) {
        let ringing = self.book.calls().iter().any(|call| call.state == CallState::Incoming);
        for (port, message) in self.tabs.choose(ringing, now) {
            self.out.send(port, message);
        }
    }

    /// Tells the backend what the tabs are good for, where it has to choose among workers.
    fn report_tabs(&mut self, now: u64) {
        if let Some(Summary { used_ago, sound, notices }) = self.tabs.summary(now) {
            let body = Body::Tabs(TabsReport { worker: self.name.clone(), used_ago, sound, notices });
            let post = self.posts.next();
            self.summary = Some(post);
            self.out.push(Effect::Post { post, request: Request { path: rest::TABS, body }, attempt: None });
        }
    }

    fn settled(&mut self, post: PostId, outcome: PostOutcome, now: u64) {
        if self.summary == Some(post) && outcome.is_err() {
            self.tabs.summary_lost();
        }
        if let Some(step) = self.commands.settled(post, outcome, now) {
            self.perform(step);
        }
    }

    /// Tells tabs once, however often it is tried: only somebody's settings can change it.
    fn refused_by_backend(&mut self, body: ErrorBody) {
        if !self.is_connected() && self.refused.as_ref() != Some(&body) {
            self.out.send_all(self.tabs_and_plain().0, failure(body.clone(), None));
            self.refused = Some(body);
        }
    }

    /// The backend serves another build: its worker takes over. One at a time, so this one's stream ends first.
    fn step_aside(&mut self, bundle: String) {
        self.out.extend(self.connection.stream().map(|stream| Effect::Stream(StreamOrder::Close(stream))));
        self.connection.take_orders();
        let (tabs, plain) = self.tabs_and_plain();
        for step in self.commands.abandon(|port| !tabs.contains(&port)) {
            self.perform(step);
        }
        self.out.send_all(tabs, farewell(&bundle, true));
        self.out.send_all(plain, farewell(&bundle, false));
        self.out.push(Effect::End);
        self.ended = Some(bundle);
    }

    /// The ports of tabs that report, and of those that know the contract's messages alone.
    fn tabs_and_plain(&self) -> (Vec<PortId>, Vec<PortId>) {
        self.ports.keys().copied().partition(|port| self.tabs.has(*port))
    }

    fn broadcast(&mut self, message: WorkerMessage) {
        self.out.send_all(self.ports.keys().copied().collect(), message);
    }
}
