//! Commands under way: each is sent until it is answered, under one key, so that it is carried out once; and each ends,
//! in an answer or in words. No I/O, no clock.

use litemap::LiteMap;
use protocol::CallId;
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::port::RequestTag;
use protocol::wire::rest::{self, Body, COMMAND_MS, Request};

use crate::ids::{PortId, PostId, PostIds};

/// Commands of one tab that may be under way at once; further ones are refused.
pub const MAX_PENDING: usize = 64;

/// How long one attempt may take. The backend answers sooner, unless the wire is dead; and knows the key if it did not.
const ATTEMPT_MS: u64 = 7_000;
/// The pause before another attempt: of those that failed at once there shall not be many.
const PAUSE_MS: u64 = 250;

/// One attempt at a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The command's key, see [`rest::KEY_HEADER`].
    pub key: String,
    /// See [`rest::ATTEMPT_HEADER`].
    pub number: u32,
}

/// Why a request did not come to its good end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostError {
    /// The backend has answered that it will not.
    Refused(ErrorBody),
    /// Nothing that the backend could have said came back: it may have been carried out or not.
    NoAnswer,
}

/// How a request settled: with the call that a dial began, or why not.
pub type PostOutcome = Result<Option<CallId>, PostError>;

/// What to do about commands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send it.
    Post(PostId, Request, Attempt),
    /// Wait for this one no more.
    Abort(PostId),
    /// It is over: tell its tab.
    Tell(PortId, RequestTag, Result<Option<CallId>, ErrorBody>),
}

/// Commands that a tab may give at once, faster than one in [`EACH_MS`]: a script in a loop must not use up what the backend
/// grants all tabs together.
const BURST: u64 = MAX_PENDING as u64;
const EACH_MS: u64 = 100;

/// All of them, by the order in which they were given.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    given: u64,
    pending: LiteMap<u64, Pending>,
    /// When each tab may give [`BURST`] at once again.
    measure: LiteMap<PortId, u64>,
}

#[derive(Debug)]
struct Pending {
    port: PortId,
    tag: RequestTag,
    request: Request,
    key: String,
    /// Attempts so far, those of another worker counted as one.
    attempts: u32,
    /// The attempt whose answer is waited for.
    post: Option<PostId>,
    /// When that one is given up; without one, when the next may begin.
    next_at: u64,
    /// When the command is.
    end_at: u64,
    /// Something later was asked for that another attempt would undo: microphone off, on, and then off again.
    outdone: bool,
}

impl Commands {
    /// Takes a command in.
    pub(crate) fn give(&mut self, port: PortId, request: Request, tag: RequestTag, key: String, now: u64) {
        self.given += 1;
        let age = tag.again.unwrap_or(0).min(COMMAND_MS);
        let attempts = u32::from(tag.again.is_some());
        let end_at = now + COMMAND_MS - age;
        self.pending
            .iter_mut()
            .for_each(|(_, earlier)| earlier.outdone |= switches_the_same(&earlier.request, &request));
        let pending = Pending { port, tag, request, key, attempts, post: None, next_at: now, end_at, outdone: false };
        self.pending.insert(self.given, pending);
    }

    /// Whether this tab may give another: it has few under way, and did not give too many too fast.
    pub(crate) fn has_room(&mut self, port: PortId, now: u64) -> bool {
        let under_way = self.pending.values().filter(|pending| pending.port == port).count();
        let free_at = self.measure.get(&port).copied().unwrap_or(0).max(now) + EACH_MS;
        let has_room = under_way < MAX_PENDING && free_at <= now + BURST * EACH_MS;
        if has_room {
            self.measure.insert(port, free_at);
        }
        has_room
    }

    /// Gives up all that these tabs wait for; what was sent goes on.
    pub(crate) fn abandon(&mut self, of: impl Fn(PortId) -> bool) -> Vec<Step> {
        let (given_up, kept): (_, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(|(_, it)| of(it.port));
        kept.into_iter().for_each(|(id, it)| drop(self.pending.insert(id, it)));
        let given_up: Vec<(u64, Pending)> = given_up;
        given_up.into_iter().map(|(_, it)| Step::Tell(it.port, it.tag, Err(lost(it.attempts)))).collect()
    }

    /// A tab is gone. What was sent for it goes on: a call answered in a tab that was closed at once is answered.
    pub(crate) fn port_gone(&mut self, port: PortId) {
        self.pending.retain(|_, pending| pending.port != port);
        self.measure.remove(&port);
    }

    /// A request settled; what is told of it, if it was a command's.
    pub(crate) fn settled(&mut self, post: PostId, outcome: PostOutcome, now: u64) -> Option<Step> {
        let id = *self.pending.iter().find(|(_, pending)| pending.post == Some(post))?.0;
        let outcome = match outcome {
            Ok(call) => Ok(call),
            Err(PostError::Refused(body)) if !self.says_nothing(id, &body) => Err(body),
            Err(_) => {
                let pending = self.pending.get_mut(&id)?;
                (pending.post, pending.next_at) = (None, now + PAUSE_MS);
                return None;
            }
        };
        let pending = self.pending.remove(&id)?;
        Some(Step::Tell(pending.port, pending.tag, outcome))
    }

    /// Does what is due. `posts` makes the names of requests.
    pub(crate) fn advance(&mut self, connected: bool, now: u64, posts: &mut PostIds) -> Vec<Step> {
        let mut steps = Vec::new();
        let ids: Vec<u64> = self.pending.keys().copied().collect();
        for id in ids {
            let Some(pending) = self.pending.get_mut(&id) else { continue };
            let over = now >= pending.end_at;
            if over || now >= pending.next_at {
                steps.extend(pending.post.take().map(Step::Abort));
            }
            if over || (pending.outdone && pending.attempts > 0 && pending.post.is_none()) {
                let body = lost(pending.attempts);
                steps.extend(self.pending.remove(&id).map(|it| Step::Tell(it.port, it.tag, Err(body))));
            } else if connected && pending.post.is_none() && now >= pending.next_at {
                let post = posts.next();
                pending.attempts += 1;
                (pending.post, pending.next_at) = (Some(post), now + ATTEMPT_MS);
                let attempt = Attempt { key: pending.key.clone(), number: pending.attempts };
                steps.push(Step::Post(post, pending.request.clone(), attempt));
            }
        }
        steps
    }

    /// When [`Commands::advance`] is due, if ever.
    pub(crate) fn deadline(&self, connected: bool) -> Option<u64> {
        let due = |pending: &Pending| match pending.post.is_some() || connected {
            true => pending.next_at.min(pending.end_at),
            false => pending.end_at,
        };
        self.pending.values().map(due).min()
    }

    /// That an attempt came too fast says nothing of those before it: one of them may have been carried out.
    fn says_nothing(&self, id: u64, body: &ErrorBody) -> bool {
        let repeated = self.pending.get(&id).is_some_and(|pending| pending.attempts > 1);
        repeated && body.error == ErrorType::TooManyRequests.as_str()
    }
}

fn switches_the_same(one: &Request, other: &Request) -> bool {
    one.path == other.path
        && match (&one.body, &other.body) {
            (Body::Switch(one), Body::Switch(other)) => one.call_id == other.call_id,
            _ => one.path == rest::STATUS,
        }
}

fn lost(attempts: u32) -> ErrorBody {
    match attempts {
        0 => ErrorBody::new(ErrorType::NotConnected, "the phone service could not be reached; nothing was sent"),
        _ => ErrorBody::new(
            ErrorType::OutcomeUnknown,
            "the phone service did not answer; look whether the command was carried out before you repeat it",
        ),
    }
}
