//! What goes into the hub, and what comes out of it.

use protocol::EventId;
use protocol::wire::error::ErrorBody;
use protocol::wire::event::Event;
use protocol::wire::port::{RawEvent, TabMessage, WorkerMessage};
use protocol::wire::rest::Request;

use crate::commands::{Attempt, PostOutcome};
use crate::connection::{StreamId, StreamOrder};
use crate::ids::{PortId, PostId};

/// What a worker knows of itself.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    /// The Web Lock that it holds, if its origin has them.
    pub lock: Option<String>,
    /// Its build, if that is the build which backends serve. Out of a browser's cache, it may be an old one.
    pub bundle: Option<String>,
    /// As its tabs call it (`SharedWorkerGlobalScope.name`).
    pub name: String,
}

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
    /// The backend answers, and will not have us: why.
    Refused(ErrorBody),
    /// A request was answered, or will not be.
    CommandSettled {
        /// Which.
        post: PostId,
        /// How.
        outcome: PostOutcome,
    },
    /// The machine has slept, or its network has changed.
    Woke,
    /// The time that was set has come.
    Tick,
}

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
        /// Of this command, if it is one.
        attempt: Option<Attempt>,
    },
    /// Wait for the answer to this request no more; nothing need be reported of it.
    Abort(PostId),
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
    /// End the worker, once what was sent has arrived.
    End,
}
