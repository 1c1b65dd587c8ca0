//! `POST /api/sip/tabs`: what a worker's tabs are good for.

use axum::Json;
use axum::extract::State;
use protocol::CallState;
use protocol::wire::rest::TabsReport;

use super::App;
use super::body::Body;
use super::commands::Taken;
use crate::error::Error;

pub(super) async fn tabs(State(app): State<App>, body: Result<Body<TabsReport>, Error>) -> Result<Json<Taken>, Error> {
    let Body(report) = body?;
    if app.workers.report(&report, rings(&app), app.workers.now_ms()) {
        Ok(Json(Taken {}))
    } else {
        Err(Error::Validation("no stream is open under this worker's name".to_owned()))
    }
}

/// Whether a call rings now.
pub(super) fn rings(app: &App) -> bool {
    let snapshot = app.desk.snapshot();
    snapshot.active_call.iter().chain(&snapshot.other_calls).any(|call| call.state == CallState::Incoming)
}
