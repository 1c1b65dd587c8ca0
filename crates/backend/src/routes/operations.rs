//! For those who run the backend: health, metrics, and the description of the API.

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

use super::App;

/// For answers that are true only now.
pub(super) const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn healthz() -> impl IntoResponse {
    (NO_STORE, "ok\n")
}

pub(super) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPEN_METRICS), (header::CACHE_CONTROL, "no-store")], app.desk.metrics().to_text())
}

pub(super) async fn openapi() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("../../openapi.json"))
}
