//! Where MicroSIP's hooks come in: the secret is checked, the event put into the engine's line, and answered when what
//! came of it is kept. MicroSIP waits for the answer, so nothing here waits for MicroSIP, nor long for the disk.

use std::borrow::Cow;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;
use tokio::time::timeout;

use super::body::bytes;
use crate::engine::microsip::{HookEvent, HookId, HookSender};
use crate::error::Error;
use crate::hook::{HookSecret, SECRET_HEADER};

/// How long a hook waits until it is kept, less than it waits for an answer.
const KEPT_WITHIN: Duration = Duration::from_millis(500);

/// What the route works with.
#[derive(Clone, Debug)]
struct Door {
    secret: HookSecret,
    hooks: HookSender,
}

#[derive(Deserialize)]
struct Hook {
    #[serde(default)]
    number: String,
    #[serde(default)]
    id: Option<HookId>,
}

/// `POST /api/hook/{event}` with `{ number, id }`: 202 as soon as it is kept. For MicroSIP's engine only.
pub fn hook_routes(secret: HookSecret, hooks: HookSender) -> Router {
    Router::new().route("/api/hook/{event}", post(hook)).with_state(Door { secret, hooks })
}

async fn hook(State(door): State<Door>, Path(event): Path<String>, request: Request) -> Result<StatusCode, Error> {
    let shown = request.headers().get(SECRET_HEADER).map_or(&b""[..], |value| value.as_bytes());
    if !door.secret.matches(shown) {
        return Err(Error::Unauthorized(Cow::Borrowed("only the backend's own hook command may call this")));
    }
    let event: HookEvent = event.parse().map_err(|_| Error::NotFound)?;
    let (number, id) = read(&bytes(request).await?)?;
    let received = door.hooks.hook(event, number, id);
    // With a disk slower than that, or full, the hook keeps it in the spool: told twice, it counts once.
    let kept = timeout(KEPT_WITHIN, received.is_kept()).await;
    Ok(if kept == Ok(true) { StatusCode::ACCEPTED } else { StatusCode::SERVICE_UNAVAILABLE })
}

/// The number in a hook's body, empty where there is none, and the hook's name.
///
/// # Errors
/// The body is no JSON object, or its number no text, or its name none.
pub fn read(body: &[u8]) -> Result<(String, Option<HookId>), Error> {
    // A caller may send bytes that are no text at all: a hook must not be lost for that.
    let text = String::from_utf8_lossy(body);
    // Else serde would take a list for the fields in their order.
    if !text.trim_start().starts_with('{') {
        return Err(Error::Validation("the body must be a JSON object".to_owned()));
    }
    let hook: Hook = serde_json::from_str(&text).map_err(|error| Error::Validation(error.to_string()))?;
    Ok((hook.number, hook.id))
}
