//! The other party of the simulator, for the demo page and for tests.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use protocol::wire::rest::Dialed;
use serde::{Deserialize, Serialize};

use super::body::Body;
use crate::engine::simulator::Simulator;
use crate::error::Error;

pub(super) const PATHS: [&str; 3] = ["/api/sim/incoming", "/api/sim/answer", "/api/sim/hangup"];

/// Who rings.
#[derive(Debug, Deserialize)]
pub struct Incoming {
    number: String,
    #[serde(default)]
    display_name: Option<String>,
}

/// A body that says nothing.
#[derive(Deserialize, Serialize)]
struct Nothing {}

type Party = State<Arc<Simulator>>;

/// `/api/sim/*`, which exist with the simulator engine only.
pub fn simulator_routes(simulator: Arc<Simulator>) -> Router {
    let [rings, answers, hangs_up] = PATHS;
    let router = Router::new().route(rings, post(incoming)).route(answers, post(answer)).route(hangs_up, post(hangup));
    router.with_state(simulator)
}

async fn incoming(State(simulator): Party, Body(call): Body<Incoming>) -> Result<Json<Dialed>, Error> {
    let call_id = simulator.incoming(call.number, call.display_name).map_err(Error::InvalidState)?;
    Ok(Json(Dialed { call_id }))
}

async fn answer(State(simulator): Party, Body(Nothing {}): Body<Nothing>) -> Result<Json<Nothing>, Error> {
    simulator.answer().map_err(Error::InvalidState)?;
    Ok(Json(Nothing {}))
}

async fn hangup(State(simulator): Party, Body(Nothing {}): Body<Nothing>) -> Result<Json<Nothing>, Error> {
    simulator.hangup().map_err(Error::InvalidState)?;
    Ok(Json(Nothing {}))
}
