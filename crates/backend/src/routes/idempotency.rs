//! Around every command: requests of one `Idempotency-Key` are one command.
//!
//! It runs in a task of its own, so that one whose client goes away in mid-request is there for the client's next attempt.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::Duration;

use axum::body::{self, Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::wire::rest::{ATTEMPT_HEADER, EPOCH_HEADER, KEY_HEADER, MAX_KEY, is_key};

use super::App;
use super::body::json;
use super::limits::refused;
use crate::error::Error;
use crate::idempotency::Claim;

/// An answer that can be given again.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// The middleware around the commands.
pub(super) async fn once_per_key(State(app): State<App>, request: Request, next: Next) -> Result<Response, Error> {
    let Some(key) = key(request.headers())? else { return Ok(next.run(request).await) };
    let of_earlier_life = request.headers().get(EPOCH_HEADER).is_some_and(|epoch| *epoch != *app.desk.epoch());
    let again = attempt(request.headers())? > 1 || of_earlier_life;
    // What can't be read is no command yet: it may be sent again under the same key.
    let (parts, bytes) = json(request).await?;
    let mut answered = match app.idempotency.claim(&key, fingerprint(parts.uri.path(), &bytes), again) {
        Claim::First(answered) => {
            let request = Request::from_parts(parts, Body::from(bytes));
            tokio::spawn(carry_out(app, key, next, request));
            answered
        }
        Claim::Repeated(answered) => {
            tracing::debug!(path = parts.uri.path(), "a command was repeated");
            answered
        }
        Claim::Unknowable(answered) => {
            tracing::info!(path = parts.uri.path(), "a command was repeated that is not known here: not carried out");
            app.idempotency.settle(&key, Answer::of(Error::OutcomeUnknown.into_response()).await);
            answered
        }
        Claim::Different => {
            let text = "this Idempotency-Key belongs to another command: make a new one for each command";
            return Err(Error::Validation(text.to_owned()));
        }
        Claim::Full => return Err(refused(&app, "commands", Duration::from_secs(1))),
    };
    match answered.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(answer)) => Ok(answer.clone().into_response()),
        // The runtime ends, and the command's task with it.
        _ => Err(Error::OutcomeUnknown),
    }
}

async fn carry_out(app: App, key: String, next: Next, request: Request) {
    let work = tokio::spawn(async move { Answer::of(next.run(request).await).await });
    let answer = match work.await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "a command failed within the backend");
            Answer::of(Error::Internal.into_response()).await
        }
    };
    app.idempotency.settle(&key, answer);
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        // Bodies of commands are small and ready.
        let body = body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        (self.status, self.headers, self.body).into_response()
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let refused = || Error::Validation(format!("Idempotency-Key is 1 to {MAX_KEY} visible ASCII characters, once"));
    let mut values = headers.get_all(KEY_HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if !is_key(value.as_bytes()) || values.next().is_some() {
        return Err(refused());
    }
    value.to_str().map(|key| Some(key.to_owned())).map_err(|_| refused())
}

fn attempt(headers: &HeaderMap) -> Result<u32, Error> {
    let Some(value) = headers.get(ATTEMPT_HEADER) else { return Ok(1) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|attempt| *attempt > 0);
    number.ok_or_else(|| Error::Validation("Sip-Phone-Attempt is a number from 1 on".to_owned()))
}

fn fingerprint(path: &str, body: &[u8]) -> u64 {
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    HASHER.hash_one((path, body))
}
