//! Requests beyond measure: who loops is refused, and the operator's clicks pass.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use backend::limits::{MAX_STREAMS, MAX_WORKER_STREAMS};
use futures_util::stream;
use serde_json::{Value, json};

use crate::support::{Backend, HOST, get, post, read};

const STATUS: &str = "/api/sip/operator/status";

async fn status_of(phone: &Backend, mut request: Request<Body>, worker: Option<&str>) -> u16 {
    if let Some(worker) = worker {
        request.headers_mut().insert("sip-phone-worker", worker.parse().unwrap());
    }
    let response = phone.send(request).await;
    let status = response.status().as_u16();
    if status == 429 {
        let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=5).contains(&wait));
        assert_eq!(read(response).await.1["error"], "too_many_requests");
    }
    status
}

fn command(status: &str) -> Request<Body> {
    post(STATUS, &json!({ "status": status }).to_string())
}

/// Asks until it is refused; how often it was not.
async fn loop_of(phone: &Backend, request: impl Fn() -> Request<Body>, worker: Option<&str>) -> u32 {
    for count in 0..5000 {
        match status_of(phone, request(), worker).await {
            200 => {}
            429 => return count,
            other => panic!("{other}"),
        }
    }
    panic!("it is never refused");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_calls_in_a_loop_is_refused_and_the_workers_commands_pass() {
    let phone = Backend::simulator();
    let _stream = phone.send(get("/api/sip/events?worker=w1")).await;
    assert_eq!(loop_of(&phone, || command("dnd"), None).await, 200);
    assert_eq!(loop_of(&phone, || get("/api/sip/state"), None).await, 1000);
    assert_eq!(status_of(&phone, get("/metrics"), None).await, 429);
    assert_eq!(status_of(&phone, command("lunch"), Some("w1")).await, 200);
    assert_eq!(phone.desk.snapshot().operator_status, protocol::OperatorStatus::Lunch);
    assert_eq!(status_of(&phone, command("dnd"), Some("nobody")).await, 429, "a name alone is worth nothing");
    for path in ["/healthz", "/", "/sip-worker.js", "/api/sip/events"] {
        assert_eq!(status_of(&phone, get(path), None).await, 200, "{path}");
    }
    phone.ring().await;
    let metrics = loop {
        tokio::time::advance(Duration::from_secs(1)).await;
        let response = phone.send(get("/metrics")).await;
        if response.status().is_success() {
            break read(response).await.1;
        }
    };
    for line in ["sip_phone_refused_total{limit=\"commands\"} 2\n", "sip_phone_refused_total{limit=\"streams\"} 0\n"] {
        assert!(metrics.as_str().unwrap().contains(line), "{line} is missing in\n{metrics}");
    }
    assert_eq!(status_of(&phone, command("dnd"), None).await, 200, "a loop that ends is forgotten");
    assert_eq!(loop_of(&phone, || command("dnd"), Some("w1")).await, 250, "a worker's own loop has an end, too");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_was_too_many_may_come_again_under_its_key() {
    let phone = Backend::simulator();
    loop_of(&phone, || command("dnd"), None).await;
    let keyed = |attempt: u32| {
        let mut request = command("lunch");
        request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
        request.headers_mut().insert("sip-phone-attempt", attempt.into());
        request
    };
    assert_eq!(status_of(&phone, keyed(1), None).await, 429);
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(status_of(&phone, keyed(2), None).await, 200);
}

#[tokio::test(start_paused = true)]
async fn faults_are_few() {
    let phone = Backend::simulator();
    let fault = || post("/api/sip/fault", &json!({ "message": "m" }).to_string());
    assert_eq!(loop_of(&phone, fault, None).await, 10);
}

#[tokio::test]
async fn streams_are_bounded_and_there_is_room_for_workers_apart() {
    let phone = Backend::simulator();
    let mut open = Vec::new();
    for _ in 0..MAX_STREAMS {
        let response = phone.send(get("/api/sip/events")).await;
        assert_eq!(response.status(), 200);
        open.push(response);
    }
    assert_eq!(status_of(&phone, get("/api/sip/events"), None).await, 429);
    let mut of_workers = Vec::new();
    for _ in 0..MAX_WORKER_STREAMS {
        let response = phone.send(get("/api/sip/events?worker=w1")).await;
        assert_eq!(response.status(), 200, "it came back again and again");
        of_workers.push(response);
    }
    assert_eq!(status_of(&phone, get("/api/sip/events?worker=w1"), None).await, 429);
    open.pop();
    assert_eq!(status_of(&phone, get("/api/sip/events"), None).await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_not_waited_for() {
    let phone = Backend::simulator();
    let request = |key: Option<&str>| {
        let trickle = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, std::io::Error>(" "), ()))
        });
        let mut request = Request::post(STATUS).header("host", HOST).header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.body(Body::from_stream(trickle)).unwrap()
    };
    for key in [None, Some("k")] {
        let (status, answer): (_, Value) = read(phone.send(request(key)).await).await;
        assert_eq!((status.as_u16(), &answer["error"]), (400, &json!("validation_error")), "{answer}");
    }
}
