//! What the tests share: a backend of small parts, requests, and waits on conditions.

mod fake;
pub(crate) mod wire;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use backend::assets::{Asset, Assets};
use backend::clock::Clock;
use backend::config::Settings;
use backend::desk::{Desk, Parts};
use backend::engine::simulator::Simulator;
use backend::engine::{Engine, EngineEvent, EngineEvents, Past};
use backend::guard::Guard;
use backend::history::History;
use backend::metrics::Metrics;
use backend::store::{Found, Health, Store};
use backend::{App, Served, router, simulator_routes};
use http_body_util::BodyExt;
use protocol::wire::event::Snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

pub(crate) use fake::FakeEngine;

/// Where the guard of these tests believes to listen.
pub(crate) const HOST: &str = "127.0.0.1:7077";
/// The time at which the tests' clock begins.
pub(crate) const START: u64 = 1_700_000_000;

pub(crate) static ASSETS: Assets = Assets {
    bundle: "b1",
    files: &[
        asset("/bridge.html", "text/html; charset=utf-8", false),
        asset("/index.html", "text/html; charset=utf-8", false),
        asset("/sip-phone-widget.js", "text/javascript; charset=utf-8", false),
        asset("/sip-worker-0123.wasm", "application/wasm", true),
        asset("/sip-worker.js", "text/javascript; charset=utf-8", false),
    ],
};

const fn asset(path: &'static str, content_type: &'static str, immutable: bool) -> Asset {
    Asset { path, content_type, immutable, etag: "\"e1\"", raw: b"raw", brotli: Some(b"br"), gzip: Some(b"gz") }
}

/// A backend without a socket.
pub(crate) struct Backend {
    pub(crate) router: Router,
    pub(crate) desk: Arc<Desk>,
    /// The engine's line to the desk, to play the engine.
    pub(crate) tell: EngineEvents,
    /// The clock, in Unix seconds.
    pub(crate) now: Arc<AtomicU64>,
    pub(crate) close: watch::Sender<bool>,
    pub(crate) dir: TempDir,
}

impl Backend {
    /// With the simulator, whose dialled numbers answer after two seconds.
    pub(crate) fn simulator() -> Self {
        Self::simulator_in(TempDir::new().unwrap(), |_| {})
    }

    pub(crate) fn simulator_in(dir: TempDir, set: impl FnOnce(&mut Settings)) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        let simulator = Arc::new(Simulator::new(tell.clone(), Duration::from_secs(2)));
        let routes = simulator_routes(simulator.clone());
        Self::start(dir, set, simulator, routes, tell, events)
    }

    /// With an engine that does as it is told; its phone is available.
    pub(crate) fn fake(engine: Arc<FakeEngine>) -> Self {
        let (tell, events) = mpsc::unbounded_channel();
        tell.send(EngineEvent::Phone(protocol::PhoneStatus::Available)).unwrap();
        Self::start(TempDir::new().unwrap(), |_| {}, engine, Router::new(), tell, events)
    }

    fn start(
        dir: TempDir,
        set: impl FnOnce(&mut Settings),
        engine: Arc<dyn Engine>,
        engine_routes: Router,
        tell: EngineEvents,
        events: mpsc::UnboundedReceiver<EngineEvent>,
    ) -> Self {
        let mut settings = Settings::new(dir.path().to_owned());
        set(&mut settings);
        let now = Arc::new(AtomicU64::new(START));
        let read = now.clone();
        let clock = Clock::new(move || read.load(Ordering::Relaxed));
        let health = Arc::new(Health::default());
        let (store, Found { operator_status, history, open }) = Store::open(dir.path(), clock.clone(), health.clone());
        let desk = Desk::start(Parts {
            engine,
            events,
            history: History::new(history),
            store,
            operator_status,
            told: Past { open: open.clone(), ended: HashSet::new() }.lost(),
            open,
            health,
            metrics: Arc::new(Metrics::default()),
            clock,
            reject_when_away: settings.reject_when_away,
            bundle: ASSETS.bundle,
        });
        let guard = Arc::new(Guard::new(&settings, settings.listen));
        let (close, closing) = watch::channel(false);
        let app = App {
            desk: desk.clone(),
            guard,
            workers: Arc::default(),
            idempotency: Arc::default(),
            limits: Arc::default(),
            assets: ASSETS,
            heartbeat: Duration::from_secs(10),
            closing,
        };
        Self { router: router(Served { app, engine_routes }), desk, tell, now, close, dir }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.send(get(path)).await).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        read(self.send(post(path, &body.to_string())).await).await
    }

    /// Posts what must succeed.
    pub(crate) async fn ok(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body.clone()).await;
        assert_eq!(status, StatusCode::OK, "{path} {body}: {answer}");
        answer
    }

    /// Posts what must fail in this way.
    pub(crate) async fn fails(&self, path: &str, body: Value, status: u16, error: &str) {
        let (found, answer) = self.post(path, body.clone()).await;
        assert_eq!((found.as_u16(), answer["error"].as_str()), (status, Some(error)), "{path} {body}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|message| message.len() > 10), "{answer}");
    }

    /// Rings, and gives the new call's id.
    pub(crate) async fn ring(&self) -> String {
        let answer = self.ok("/api/sim/incoming", json!({ "number": "100" })).await;
        let id = answer["call_id"].as_str().unwrap().to_owned();
        self.until(|state| calls(state).iter().any(|call| call.call_id.as_str() == id)).await;
        id
    }

    /// Rings, answers, and gives the id of the call that is now live.
    pub(crate) async fn talk(&self) -> String {
        let id = self.ring().await;
        self.ok("/api/sip/call/answer", json!({ "call_id": id })).await;
        self.until(|state| state.active_call.as_ref().is_some_and(|call| call.start_time.is_some())).await;
        id
    }

    /// Waits until the state is so.
    pub(crate) async fn until(&self, is: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let mut news = self.desk.watch();
        let waiting = async {
            loop {
                let state = self.desk.snapshot();
                if is(&state) {
                    return state;
                }
                news.changed().await.unwrap();
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
        waited.unwrap_or_else(|_| panic!("it never came to that: {:?}", self.desk.snapshot()))
    }

    pub(crate) async fn until_idle(&self) -> Snapshot {
        self.until(|state| state.active_call.is_none()).await
    }

    pub(crate) async fn metrics(&self) -> String {
        let body = self.send(get("/metrics")).await.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }
}

pub(crate) fn calls(state: &Snapshot) -> Vec<&protocol::wire::event::SnapshotCall> {
    state.active_call.iter().chain(&state.other_calls).collect()
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).header("host", HOST).body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str, body: &str) -> Request<Body> {
    let request = Request::post(path).header("host", HOST).header("content-type", "application/json");
    request.body(Body::from(body.to_owned())).unwrap()
}

pub(crate) async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))))
}
