//! The routes: each takes a request apart, asks the desk, and puts the answer together.

mod assets;
mod body;
mod bridge;
mod commands;
mod events;
mod fault;
mod history;
mod hook;
mod idempotency;
mod index;
mod limits;
mod operations;
mod query;
mod sim;
mod tabs;

use std::sync::Arc;
use std::time::Duration;

use axum::middleware;
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router, extract::State};
use protocol::wire::event::Snapshot;
use protocol::wire::rest;
use tokio::sync::watch;

use crate::assets::Assets;
use crate::desk::Desk;
use crate::error::Error;
use crate::guard::{BRIDGE, Guard, guard};
use crate::idempotency::Idempotency;
use crate::limits::{Kind, Limits};
use crate::workers::Workers;

#[doc(hidden)]
pub use body::read as read_body;
pub use hook::hook_routes;
#[doc(hidden)]
pub use hook::read as read_hook;
pub use idempotency::Answer;
#[doc(hidden)]
pub use sim::Incoming;
pub use sim::simulator_routes;

/// What the routes work with.
#[derive(Clone)]
pub struct App {
    /// The phone.
    pub desk: Arc<Desk>,
    /// Who may use it.
    pub guard: Arc<Guard>,
    /// The workers that listen.
    pub workers: Arc<Workers>,
    /// The commands that were given, for those given again.
    pub idempotency: Arc<Idempotency<Answer>>,
    /// How much may be asked.
    pub limits: Arc<Limits>,
    /// The files.
    pub assets: Assets,
    /// Time between two heartbeats of a stream.
    pub heartbeat: Duration,
    /// Becomes `true` when the program ends: streams end then.
    pub closing: watch::Receiver<bool>,
}

/// All that a router serves.
pub struct Served {
    /// What the routes work with.
    pub app: App,
    /// Routes of the engine's own, such as [`simulator_routes`]; they stand behind the guard like all others.
    pub engine_routes: Router,
}

/// The whole service as a function of what it serves.
pub fn router(served: Served) -> Router {
    let Served { app, engine_routes } = served;
    let guarding = middleware::from_fn_with_state(app.guard.clone(), guard);
    let mut router = Router::new();
    let limited = |kind| middleware::from_fn_with_state((app.clone(), kind), limits::limited);
    let once_per_key = middleware::from_fn_with_state(app.clone(), idempotency::once_per_key);
    for (path, methods) in commands() {
        // What is one too many was not carried out: its key is as good as new.
        router = router.route(path, methods.route_layer(once_per_key.clone()).route_layer(limited(Kind::Command)));
    }
    for (path, kind, methods) in others() {
        let methods = if let Some(kind) = kind { methods.route_layer(limited(kind)) } else { methods };
        router = router.route(path, methods);
    }
    router
        .fallback(assets::asset)
        .with_state(app)
        .merge(engine_routes)
        .method_not_allowed_fallback(wrong_method)
        .layer(guarding)
}

/// The paths of the API, `/healthz` and `/metrics`; those of the simulator too. For the test of the document.
pub fn paths() -> Vec<&'static str> {
    let others = others().map(|(path, ..)| path).into_iter();
    let all = others.chain(commands().map(|(path, _)| path)).filter(|path| !["/", BRIDGE].contains(path));
    all.chain(sim::PATHS).collect()
}

fn commands() -> [(&'static str, MethodRouter<App>); 8] {
    [
        (rest::DIAL, post(commands::dial)),
        (rest::ANSWER, post(commands::answer)),
        (rest::HANGUP, post(commands::hangup)),
        (rest::HOLD, post(commands::hold)),
        (rest::MUTE, post(commands::mute)),
        (rest::DTMF, post(commands::dtmf)),
        (rest::TRANSFER, post(commands::transfer)),
        (rest::STATUS, post(commands::status)),
    ]
}

/// With what each asks for, where that is limited.
fn others() -> [(&'static str, Option<Kind>, MethodRouter<App>); 10] {
    [
        ("/", None, get(index::index)),
        (BRIDGE, None, get(bridge::bridge)),
        (rest::HEALTH, None, get(operations::healthz)),
        ("/metrics", Some(Kind::Read), get(operations::metrics)),
        ("/api/openapi.json", Some(Kind::Read), get(operations::openapi)),
        (rest::EVENTS, None, get(events::events)),
        (rest::STATE, Some(Kind::Read), get(state)),
        ("/api/sip/calls", Some(Kind::Read), get(history::calls)),
        (rest::TABS, Some(Kind::Read), post(tabs::tabs)),
        (rest::FAULT, Some(Kind::Fault), post(fault::fault)),
    ]
}

async fn state(State(app): State<App>) -> ([(axum::http::HeaderName, &'static str); 1], Json<Snapshot>) {
    (operations::NO_STORE, Json(app.desk.snapshot()))
}

async fn wrong_method() -> Error {
    Error::MethodNotAllowed
}
