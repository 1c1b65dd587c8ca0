//! Where MicroSIP's hooks come in: the secret is checked, the event put into the engine's line, and that is all.
//! MicroSIP waits for the answer, so nothing here waits for MicroSIP.

use std::borrow::Cow;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;

use super::body::bytes;
use crate::engine::microsip::{HookEvent, HookSender};
use crate::error::Error;
use crate::hook::{HookSecret, SECRET_HEADER};

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
}

/// `POST /api/hook/{event}` with `{ number }`: 202 as soon as the engine will get it. For MicroSIP's engine only.
pub fn hook_routes(secret: HookSecret, hooks: HookSender) -> Router {
    Router::new().route("/api/hook/{event}", post(hook)).with_state(Door { secret, hooks })
}

async fn hook(State(door): State<Door>, Path(event): Path<String>, request: Request) -> Result<StatusCode, Error> {
    let shown = request.headers().get(SECRET_HEADER).map_or(&b""[..], |value| value.as_bytes());
    if !door.secret.matches(shown) {
        return Err(Error::Unauthorized(Cow::Borrowed("only the backend's own hook command may call this")));
    }
    let event: HookEvent = event.parse().map_err(|_| Error::NotFound)?;
    door.hooks.hook(event, number(&bytes(request).await?)?);
    Ok(StatusCode::ACCEPTED)
}

/// The number in a hook's body; empty where there is none.
///
/// # Errors
/// The body is no JSON object, or its number no text.
pub fn number(body: &[u8]) -> Result<String, Error> {
    // A caller may send bytes that are no text at all: a hook must not be lost for that.
    let text = String::from_utf8_lossy(body);
    // Else serde would take a list for the fields in their order.
    if !text.trim_start().starts_with('{') {
        return Err(Error::Validation("the body must be a JSON object".to_owned()));
    }
    let hook: Hook = serde_json::from_str(&text).map_err(|error| Error::Validation(error.to_string()))?;
    Ok(hook.number)
}
