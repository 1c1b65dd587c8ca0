//! REST: sends one request to the backend and reports how it settled.

use std::cell::RefCell;

use gloo_net::http::{Request as HttpRequest, Response};
use litemap::LiteMap;
use protocol::wire::error::ErrorBody;
use protocol::wire::fields::Read;
use protocol::wire::json::{Json, push_number};
use protocol::wire::rest::{
    ATTEMPT_HEADER, DIAL, Dialed, EPOCH_HEADER, HEALTH, KEY_HEADER, Request, STATE, WORKER_HEADER,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

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
        let worker = worker.clone();
        spawn_local(async move {
            let outcome = ask(&request, attempt.as_ref(), &worker, abort.as_ref()).await;
            if worker.0.posts.open.borrow_mut().remove(&post).is_some() {
                worker.input(HubInput::CommandSettled { post, outcome });
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
    pub(super) fn flush(&self) {
        let probes = std::iter::repeat_with(|| AbortController::new().ok()).take(KEPT).flatten();
        *self.flush.borrow_mut() = probes.collect();
        for probe in &*self.flush.borrow() {
            let request = HttpRequest::get(HEALTH).abort_signal(Some(&probe.signal())).send();
            spawn_local(async move { drop(request.await) });
        }
    }

    /// Ends what has not been answered.
    pub(super) fn end_flush(&self) {
        self.flush.take().iter().for_each(AbortController::abort);
    }
}

/// Asks the backend why it gave no stream, and tells the hub.
pub(super) fn ask_why(worker: &Worker) {
    let worker = worker.clone();
    spawn_local(async move {
        let Ok(response) = HttpRequest::get(STATE).send().await else { return };
        if let (false, Some(body)) = (response.ok(), json(&response).await) {
            worker.input(HubInput::Refused(body));
        }
    });
}

async fn ask(
    request: &Request,
    attempt: Option<&Attempt>,
    worker: &Worker,
    abort: Option<&AbortController>,
) -> PostOutcome {
    let body = Json::of(&request.body);
    let mut builder = HttpRequest::post(request.path)
        .abort_signal(abort.map(AbortController::signal).as_ref())
        .header("content-type", "application/json")
        .header(WORKER_HEADER, &worker.name());
    if let Some(Attempt { key, number }) = attempt {
        builder = builder.header(KEY_HEADER, key).header(ATTEMPT_HEADER, &decimal(*number));
        if let Some(epoch) = worker.epoch() {
            builder = builder.header(EPOCH_HEADER, &epoch);
        }
    }
    let built = builder.body(body).map_err(|_| PostError::NoAnswer)?;
    let response = built.send().await.map_err(|_| PostError::NoAnswer)?;
    if response.ok() {
        return taken(request, &response).await;
    }
    // What is not in our words was said by somebody on the way, who can't know what became of the request.
    Err(json::<ErrorBody>(&response).await.map_or(PostError::NoAnswer, PostError::Refused))
}

/// The call that a dial began; others have none.
async fn taken(request: &Request, response: &Response) -> PostOutcome {
    let Some(value) = text(response).await else { return Err(PostError::NoAnswer) };
    if request.path != DIAL {
        return Ok(None);
    }
    parse::<Dialed>(&value).map(|dialed| Some(dialed.call_id)).ok_or(PostError::NoAnswer)
}

async fn json<T: Read>(response: &Response) -> Option<T> {
    parse(&text(response).await?)
}

async fn text(response: &Response) -> Option<String> {
    response.text().await.ok()
}

fn parse<T: Read>(text: &str) -> Option<T> {
    js_wire::read(js_wire::parse(text)?).ok()
}

fn decimal(number: u32) -> String {
    let mut text = String::new();
    push_number(&mut text, number.into());
    text
}
