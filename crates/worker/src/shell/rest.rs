//! REST: sends one request to the backend and reports how it settled.

use std::cell::RefCell;

use gloo_net::http::{Headers, Response};
use js_sys::Promise;
use litemap::LiteMap;
use protocol::wire::fields::Read;
use protocol::wire::json::{Json, push_number};
use protocol::wire::rest::{
    ATTEMPT_HEADER, DIAL, Dialed, EPOCH_HEADER, HEALTH, KEY_HEADER, Request, STATE, WORKER_HEADER,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, RequestInit};

use super::Worker;
use crate::hub::{Attempt, HubInput, PostError, PostId, PostOutcome};

/// The requests under way.
#[derive(Default)]
pub(super) struct Posts {
    open: RefCell<LiteMap<PostId, Option<AbortController>>>,
    flush: RefCell<Vec<AbortController>>,
}

/// As many as Chrome keeps for one server, the stream's own left out.
const KEPT: usize = 5;

impl Posts {
    /// Sends the request; the answer comes to the hub as `CommandSettled`.
    pub(super) fn send(&self, worker: &Worker, post: PostId, request: Request, attempt: Option<Attempt>) {
        let abort = AbortController::new().ok();
        self.open.borrow_mut().insert(post, abort.clone());
        let init = init(abort.as_ref());
        init.set_method("POST");
        init.set_body(&Json::of(&request.body).into());
        init.set_headers(&headers(worker, attempt).into_raw());
        let path = request.path;
        ask(worker, path, &init, move |worker, answer| {
            if worker.0.posts.open.borrow_mut().remove(&post).is_some() {
                worker.input(HubInput::CommandSettled { post, outcome: outcome(path, answer) });
            }
        });
    }

    /// Gives the request up, and its place among the few connections that a browser opens.
    pub(super) fn abort(&self, post: PostId) {
        if let Some(Some(abort)) = self.open.borrow_mut().remove(&post) {
            abort.abort();
        }
    }

    /// Asks on every connection that the browser keeps; what comes of it is of no interest, but dead ones end with it.
    pub(super) fn flush(&self, worker: &Worker) {
        let probes = std::iter::repeat_with(|| AbortController::new().ok()).take(KEPT).flatten();
        *self.flush.borrow_mut() = probes.collect();
        for probe in &*self.flush.borrow() {
            ask(worker, HEALTH, &init(Some(probe)), |_, _| {});
        }
    }

    /// Ends what has not been answered.
    pub(super) fn end_flush(&self) {
        self.flush.take().iter().for_each(AbortController::abort);
    }
}

/// Asks the backend why it gave no stream, and tells the hub.
pub(super) fn ask_why(worker: &Worker) {
    ask(worker, STATE, &init(None), |worker, answer| {
        if let Some(Answer { ok: false, text }) = answer
            && let Some(body) = parse(&text)
        {
            worker.input(HubInput::Refused(body));
        }
    });
}

/// What came back, whole.
struct Answer {
    ok: bool,
    text: String,
}

fn init(abort: Option<&AbortController>) -> RequestInit {
    let init = RequestInit::new();
    if let Some(abort) = abort {
        init.set_signal(Some(&abort.signal()));
    }
    init
}

fn headers(worker: &Worker, attempt: Option<Attempt>) -> Headers {
    let headers = Headers::new();
    headers.set("content-type", "application/json");
    headers.set(WORKER_HEADER, &worker.name());
    if let Some(Attempt { key, number }) = attempt {
        let mut text = String::new();
        push_number(&mut text, number.into());
        headers.set(KEY_HEADER, &key);
        headers.set(ATTEMPT_HEADER, &text);
        if let Some(epoch) = worker.epoch() {
            headers.set(EPOCH_HEADER, &epoch);
        }
    }
    headers
}

/// What is done with the answer, if one came.
type Then = Box<dyn FnOnce(&Worker, Option<Answer>)>;

fn ask(worker: &Worker, path: &str, init: &RequestInit, then: impl FnOnce(&Worker, Option<Answer>) + 'static) {
    // Not by gloo-net's requests: they bring a parser of addresses and of queries, and what prints any value.
    exchange(worker.clone(), worker.0.scope.fetch_with_str_and_init(path, init), Box::new(then));
}

/// One kind of future for all: each is compiled by itself.
fn exchange(worker: Worker, fetched: Promise, then: Then) {
    spawn_local(async move {
        let answer = async {
            let response = Response::from(JsFuture::from(fetched).await.ok()?.unchecked_into::<web_sys::Response>());
            Some(Answer { ok: response.ok(), text: response.text().await.ok()? })
        };
        let answer = answer.await;
        then(&worker, answer);
    });
}

fn outcome(path: &str, answer: Option<Answer>) -> PostOutcome {
    match answer {
        None => Err(PostError::NoAnswer),
        Some(Answer { ok: true, text }) if path == DIAL => {
            // The call that a dial began; others have none.
            parse::<Dialed>(&text).map(|dialed| Some(dialed.call_id)).ok_or(PostError::NoAnswer)
        }
        Some(Answer { ok: true, .. }) => Ok(None),
        // What is not in our words was said by somebody on the way, who can't know what became of the request.
        Some(Answer { text, .. }) => Err(parse(&text).map_or(PostError::NoAnswer, PostError::Refused)),
    }
}

fn parse<T: Read>(text: &str) -> Option<T> {
    js_wire::read(js_wire::parse(text)?).ok()
}
