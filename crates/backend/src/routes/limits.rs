//! Around what costs the phone or the computer something: one request too many is answered so, and not carried out.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use protocol::wire::rest::WORKER_HEADER;

use super::App;
use super::body::drain;
use crate::error::Error;
use crate::limits::Kind;

/// How long somebody who found no room for a stream stays away.
const STREAM_RETRY: Duration = Duration::from_secs(5);

/// The middleware around requests of this kind.
pub(super) async fn limited(
    State((app, kind)): State<(App, Kind)>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let named = request.headers().get(WORKER_HEADER).and_then(|name| name.to_str().ok());
    let worker = named.filter(|name| app.workers.knows(name));
    let Err(wait) = app.limits.take(kind, worker) else { return Ok(next.run(request).await) };
    let limit = match (worker, kind) {
        (_, Kind::Fault) => "faults",
        (Some(_), _) => "worker",
        (None, Kind::Command) => "commands",
        (None, Kind::Read) => "reads",
    };
    let (parts, body) = request.into_parts();
    drain(&parts.headers, body).await;
    Err(refused(&app, limit, wait))
}

/// There is no room for another stream.
pub(super) fn no_stream(app: &App) -> Error {
    refused(app, "streams", STREAM_RETRY)
}

/// One too many of what this limit is for: the next may come after `wait`.
pub(super) fn refused(app: &App, limit: &'static str, wait: Duration) -> Error {
    app.desk.metrics().refused(limit);
    tracing::debug!(limit, "too many requests");
    Error::TooManyRequests { seconds: wait.as_secs() + u64::from(wait.subsec_nanos() > 0) }
}
