//! A hub on a stand: whatever is fed to it, what it says and does is looked at after each step.

use std::collections::{BTreeMap, BTreeSet};

use protocol::wire::json::Json;
use protocol::wire::port::{TabRole, WorkerMessage};
use protocol::{Call, CallState, GlobalState};
use serde_json::Value;
use worker::connection::{StreamId, StreamOrder};
use worker::hub::{Effect, Hub, HubInput, MAX_PENDING, PortId, PostId};

/// The hub, and what its effects have led to.
pub(crate) struct Stand {
    hub: Hub,
    now: u64,
    timer: Option<u64>,
    stream: Option<StreamId>,
    /// Requests without an answer, the oldest first.
    posts: Vec<PostId>,
    /// Ports that are listened to.
    ports: BTreeSet<PortId>,
    /// How many there ever were.
    adopted: u32,
    roles: BTreeMap<PortId, TabRole>,
    /// It has stepped aside for another build's.
    ended: bool,
}

impl Stand {
    /// A hub that has just been started.
    pub(crate) fn new() -> Self {
        let mut stand = Self {
            hub: Hub::new(7),
            now: 1_000,
            timer: None,
            stream: None,
            posts: Vec::new(),
            ports: BTreeSet::new(),
            adopted: 0,
            roles: BTreeMap::new(),
            ended: false,
        };
        stand.feed(HubInput::Started);
        stand
    }

    /// The stream that the hub wants open.
    pub(crate) fn stream(&self) -> Option<StreamId> {
        self.stream
    }

    /// The oldest request without an answer.
    pub(crate) fn take_post(&mut self) -> Option<PostId> {
        (!self.posts.is_empty()).then(|| self.posts.remove(0))
    }

    /// Listens to a port, under a new name.
    pub(crate) fn adopt(&mut self) -> PortId {
        self.adopted += 1;
        self.ports.insert(PortId(self.adopted));
        PortId(self.adopted)
    }

    /// Whether this port is listened to.
    pub(crate) fn hears(&self, port: PortId) -> bool {
        self.ports.contains(&port)
    }

    /// Lets time pass to the hub's next tick.
    pub(crate) fn tick(&mut self) {
        self.now = self.now.max(self.timer.unwrap_or(self.now));
        self.feed(HubInput::Tick);
    }

    /// Feeds it one input.
    pub(crate) fn feed(&mut self, input: HubInput) {
        if matches!(input, HubInput::StreamLost(stream) if self.stream == Some(stream)) {
            self.stream = None;
        }
        let mut shown = None;
        for effect in self.hub.handle(input, self.now) {
            self.performs(effect, &mut shown);
        }
        let state = self.hub.state();
        is_possible(&state);
        assert!(shown.is_none_or(|shown| shown == state), "tabs were shown another state than there is");
        assert!(self.ended || self.timer.is_some(), "the connection waits for nothing");
        assert!(!self.ended || self.stream.is_none(), "a worker that has ended keeps its stream");
        assert!(self.roles.values().filter(|role| role.primary).count() <= 1, "two tabs hold themselves for the first");
    }

    fn performs(&mut self, effect: Effect, shown: &mut Option<GlobalState>) {
        match effect {
            Effect::Stream(StreamOrder::Open { stream, .. }) => {
                assert_eq!(self.stream.replace(stream), None, "a second stream beside an open one");
            }
            Effect::Stream(StreamOrder::Close(stream)) => {
                assert!(self.stream.take().is_none_or(|open| open == stream), "closes what is not open");
            }
            Effect::Post { post, .. } => {
                self.posts.push(post);
                // The reports of the tabs come on top.
                assert!(self.posts.len() <= (MAX_PENDING + 1) * self.ports.len().max(1) + 64, "no bound to what waits");
            }
            Effect::Abort(post) => {
                assert!(self.posts.contains(&post), "{post:?} is not under way");
                self.posts.retain(|open| *open != post);
            }
            Effect::End => self.ended = true,
            Effect::SetTimer(timer) => self.timer = timer,
            Effect::ClosePort(port) => {
                self.ports.remove(&port);
                self.roles.remove(&port);
            }
            Effect::Send { to, message } => {
                assert!(!to.is_empty() && to.iter().all(|port| self.ports.contains(port)), "{to:?} is nobody");
                let posted: Result<Value, _> = serde_json::from_str(&Json::message(message.name(), &message));
                assert!(posted.is_ok(), "{message:?} can't be posted");
                match message {
                    WorkerMessage::SyncState(state) => *shown = Some(state),
                    WorkerMessage::TabRole(role) => self.roles.extend(to.into_iter().map(|port| (port, role))),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// What no tab may ever see otherwise.
fn is_possible(state: &GlobalState) {
    let calls: Vec<&Call> = state.calls().collect();
    assert!(calls.iter().filter(|call| call.is_live()).count() <= 1, "two calls are live: {state:?}");
    assert_eq!(
        calls.iter().map(|call| &call.id).collect::<BTreeSet<_>>().len(),
        calls.len(),
        "a call twice: {state:?}"
    );
    for call in &calls {
        assert!(call.state == CallState::Talking || call.start_time.is_none(), "a timer without a talk: {call:?}");
        assert!(call.state == CallState::Talking || !call.held, "on hold before it was connected: {call:?}");
    }
    assert!(state.active_call.is_some() || state.other_calls.is_empty(), "no active call: {state:?}");
}
