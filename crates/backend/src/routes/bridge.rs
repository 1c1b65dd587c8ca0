//! `/bridge.html`: the frame by which pages of other origins reach the worker.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::App;
use crate::error::Error;

/// Stands in the page for the origins that may embed it, with spaces between them.
const ALLOWED: &str = "__ALLOWED_ORIGINS__";

/// The page with the origins that it serves; the guard adds the policy by which browsers refuse it to all others.
pub(super) async fn bridge(State(app): State<App>) -> Result<Response, Error> {
    let page = app.assets.find(crate::guard::BRIDGE).and_then(|asset| std::str::from_utf8(asset.raw).ok());
    let page = page.ok_or(Error::NotFound)?.replace(ALLOWED, app.guard.allowed_origins());
    Ok(([(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-cache")], page).into_response())
}
