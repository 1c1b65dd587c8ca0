//! The backend's side of commands: the real memory of keys, a phone that is no more than a book, and a count of what was
//! really done for each key, which outlives every life of the backend.

use std::collections::BTreeMap;
use std::time::Duration;

use backend::idempotency::{Claim, Keys};
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::Event;
use protocol::wire::rest::{self, Body, Request};
use protocol::{CallId, CallState};
use worker::hub::PostId;

use crate::backend::{Backend, call, connected, dialing, ended, status, updated};

pub type Answer = Result<Option<CallId>, ErrorBody>;

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The worker that sent it, by its life.
    pub worker: u32,
    pub post: PostId,
    pub key: String,
    pub attempt: u32,
    pub request: Request,
    pub sent_at: u64,
}

pub struct Service {
    keys: Keys<Answer>,
    born: u64,
    /// Claimed, and not yet carried out.
    running: Vec<Ask>,
    /// Wait for the answer of a key.
    waiting: Vec<Ask>,
    /// How often the command of a key was carried out.
    pub effects: BTreeMap<String, u32>,
    calls: u32,
}

impl Service {
    pub fn new() -> Self {
        let (running, waiting) = (Vec::new(), Vec::new());
        Self { keys: Keys::default(), born: 0, running, waiting, effects: BTreeMap::new(), calls: 0 }
    }

    /// A new life: what it was asked is forgotten, what it did is done. Gives the requests whose answers will never come.
    pub fn restart(&mut self, now: u64) -> Vec<Ask> {
        (self.keys, self.born) = (Keys::default(), now);
        self.running.clear();
        std::mem::take(&mut self.waiting)
    }

    /// A call that nobody had before.
    pub fn new_call(&mut self) -> u32 {
        self.calls += 1;
        self.calls
    }

    /// A request arrives. A slow one is carried out by [`Service::finish`].
    pub fn arrive(&mut self, ask: Ask, slow: bool, phone: &mut Backend, now: u64) -> (Vec<(Ask, Answer)>, Vec<Event>) {
        let again = ask.attempt > 1;
        let claim = self.keys.claim(&ask.key, fingerprint(&ask.request), again, self.age(now));
        self.waiting.push(ask.clone());
        match claim {
            Claim::First(_) => {
                self.running.push(ask);
                if slow { (Vec::new(), Vec::new()) } else { self.finish(self.running.len() - 1, phone, now) }
            }
            Claim::Repeated(answered) => {
                let answer = answered.borrow().clone();
                (answer.map(|answer| self.answered(&ask.key, &answer)).unwrap_or_default(), Vec::new())
            }
            Claim::Unknowable(_) => {
                let answer = Err(ErrorBody::new(ErrorType::OutcomeUnknown, "nobody knows"));
                self.keys.settle(&ask.key, answer.clone(), self.age(now));
                (self.answered(&ask.key, &answer), Vec::new())
            }
            Claim::Different => panic!("two commands under the key {}", ask.key),
            Claim::Full => panic!("too many commands for the test"),
        }
    }

    /// How many are being carried out.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Carries a command out, and answers all who wait for it.
    pub fn finish(&mut self, place: usize, phone: &mut Backend, now: u64) -> (Vec<(Ask, Answer)>, Vec<Event>) {
        let ask = self.running.remove(place);
        let (answer, event) = match self.carry_out(&ask.request, phone) {
            Ok((call, event)) => {
                *self.effects.entry(ask.key.clone()).or_default() += 1;
                (Ok(call), event)
            }
            Err(error) => (Err(ErrorBody::new(error, "it can't be done now")), None),
        };
        self.keys.settle(&ask.key, answer.clone(), self.age(now));
        (self.answered(&ask.key, &answer), event.into_iter().collect())
    }

    fn answered(&mut self, key: &str, answer: &Answer) -> Vec<(Ask, Answer)> {
        let (these, others) = std::mem::take(&mut self.waiting).into_iter().partition(|ask| ask.key == key);
        self.waiting = others;
        let these: Vec<Ask> = these;
        these.into_iter().map(|ask| (ask, answer.clone())).collect()
    }

    fn carry_out(&mut self, request: &Request, phone: &Backend) -> Result<(Option<CallId>, Option<Event>), ErrorType> {
        let find = |id: &CallId| phone.book.call(id).ok_or(ErrorType::CallNotFound);
        let number = |id: &CallId| id.as_str().trim_start_matches("call-").parse().unwrap();
        match &request.body {
            Body::Dial(_) if !phone.book.calls().is_empty() => Err(ErrorType::CallAlreadyActive),
            Body::Dial(_) => {
                let n = self.new_call();
                Ok((Some(call(n)), Some(dialing(n))))
            }
            Body::OfCall(of) if request.path == rest::HANGUP => Ok((None, Some(ended(number(&find(&of.call_id)?.id))))),
            Body::OfCall(of) => match find(&of.call_id)?.state {
                CallState::Incoming => Ok((None, Some(connected(number(&of.call_id))))),
                _ => Err(ErrorType::InvalidState),
            },
            Body::Switch(switch) => match find(&switch.call_id)? {
                found if found.state != CallState::Talking => Err(ErrorType::InvalidState),
                found if found.muted == switch.on => Ok((None, None)),
                found => Ok((None, Some(updated(number(&found.id), switch.on, found.held)))),
            },
            Body::SetStatus(to) if phone.book.operator_status == to.status => Ok((None, None)),
            Body::SetStatus(to) => Ok((None, Some(status(to.status)))),
            other => panic!("{other:?} is not of this test"),
        }
    }

    fn age(&self, now: u64) -> Duration {
        Duration::from_millis(now - self.born)
    }
}

/// As good as a hash: what the command is.
fn fingerprint(request: &Request) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (request.path, serde_json::to_string(&request.body).unwrap()).hash(&mut hasher);
    hasher.finish()
}
