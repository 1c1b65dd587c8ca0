//! For those who run the backend: health, metrics, and the description of the API.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::IntoResponse;

use serde::Serialize;

use super::App;
use crate::store::Problem;

/// For answers that are true only now.
pub(super) const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether all works. The phone does in either case, so the status is 200.
#[derive(Serialize)]
struct Healthz {
    status: &'static str,
    problems: Vec<Problem>,
}

pub(super) async fn healthz(State(app): State<App>) -> impl IntoResponse {
    let problems = app.desk.problems();
    let status = if problems.is_empty() { "ok" } else { "degraded" };
    (NO_STORE, Json(Healthz { status, problems }))
}

/// In the format that every reader knows, unless this one asks for the newer.
pub(super) async fn metrics(State(app): State<App>, headers: HeaderMap) -> impl IntoResponse {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let newer = accepted.any(|value| value.to_ascii_lowercase().contains("application/openmetrics-text"));
    let metrics = app.desk.metrics();
    let (kind, text) = if newer { (OPEN_METRICS, metrics.to_open_metrics()) } else { (CLASSIC, metrics.to_text()) };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store"), (header::VARY, "accept")], text)
}

pub(super) async fn openapi() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("../../openapi.json"))
}
