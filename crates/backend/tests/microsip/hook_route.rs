//! `POST /api/hook/EVENT`: who is let in, with what.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use backend::engine::microsip::{MicroSip, MicroSipConfig, Taken};
use backend::engine::{EngineEvent, Past};
use backend::hook::SECRET_HEADER;
use backend::hook_routes;
use tokio::sync::mpsc;
use tower::ServiceExt;

use super::write_ticket;

struct Route {
    router: Router,
    secret: String,
    events: mpsc::UnboundedReceiver<EngineEvent>,
    _engine: MicroSip,
}

impl Route {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let secret = write_ticket(dir.path(), "http://127.0.0.1:1");
        let ticket: serde_json::Value =
            serde_json::from_slice(&std::fs::read(dir.path().join("hook.json")).unwrap()).unwrap();
        let (tell, events) = mpsc::unbounded_channel();
        let config = MicroSipConfig::new("/no/such/microsip".into());
        let (engine, _) = MicroSip::start(config, Past::default(), Taken::default(), tell);
        let router = hook_routes(secret, engine.hooks());
        Self { router, secret: ticket["secret"].as_str().unwrap().to_owned(), events, _engine: engine }
    }

    async fn post(&self, event: &str, secret: &str, body: impl Into<Body>) -> StatusCode {
        let request = Request::post(format!("/api/hook/{event}")).header(SECRET_HEADER, secret);
        self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap().status()
    }
}

#[tokio::test]
async fn only_who_knows_the_secret() {
    let route = Route::new();
    for secret in ["", "x", &route.secret[1..], &route.secret.to_uppercase()] {
        assert_eq!(route.post("ring", secret, "{}").await, StatusCode::FORBIDDEN);
        assert_eq!(route.post("no-such", secret, "{}").await, StatusCode::FORBIDDEN, "tells a stranger nothing");
    }
    let bearer = Request::post("/api/hook/ring").header("authorization", format!("Bearer {}", route.secret));
    let response = route.router.clone().oneshot(bearer.body(Body::from("{}")).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn bodies() {
    let mut route = Route::new();
    let long = format!("{{\"number\":\"{}\"}}", "9".repeat(16 * 1024));
    for (event, body, status) in [
        ("ring", &b"{\"number\":\"\xff100\"}"[..], StatusCode::ACCEPTED),
        ("ring", b"{}", StatusCode::ACCEPTED),
        ("ring", b"", StatusCode::BAD_REQUEST),
        ("ring", b"[]", StatusCode::BAD_REQUEST),
        ("ring", b"{\"number\":7}", StatusCode::BAD_REQUEST),
        ("rang", b"{}", StatusCode::NOT_FOUND),
        ("cmdCallEnd", b"{}", StatusCode::ACCEPTED),
        ("ring", long.as_bytes(), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let what = String::from_utf8_lossy(&body[..body.len().min(40)]);
        assert_eq!(route.post(event, &route.secret, body.to_vec()).await, status, "{event} {what}");
    }
    let mut numbers = Vec::new();
    while numbers.len() < 2 {
        if let Some(EngineEvent::Incoming { number, .. }) = route.events.recv().await {
            numbers.push(number);
        }
    }
    assert_eq!(numbers, ["\u{fffd}100", ""]);
}
