//! Every command and every error that a request can come to, through the router.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use protocol::{Capability, OperatorStatus};
use serde_json::json;

use crate::support::{Backend, FakeEngine, HOST, calls, get, post, read};

const COMMANDS: [&str; 8] = [
    "/api/sip/call/dial",
    "/api/sip/call/answer",
    "/api/sip/call/hangup",
    "/api/sip/call/hold",
    "/api/sip/call/mute",
    "/api/sip/call/dtmf",
    "/api/sip/call/transfer",
    "/api/sip/operator/status",
];

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_muted_held_and_hung_up() {
    let phone = Backend::simulator();
    let id = phone.talk().await;
    for (path, of) in [("mute", "muted"), ("hold", "held")] {
        for on in [true, false] {
            phone.ok(&format!("/api/sip/call/{path}"), json!({ "call_id": id, "on": on })).await;
            phone
                .until(|state| {
                    let call = calls(state)[0];
                    (if of == "muted" { call.muted } else { call.held }) == on
                })
                .await;
        }
    }
    phone.ok("/api/sip/call/dtmf", json!({ "call_id": id, "digits": "12#" })).await;
    phone.ok("/api/sip/call/hangup", json!({ "call_id": id })).await;
    phone.until_idle().await;
    phone.fails("/api/sip/call/hangup", json!({ "call_id": id }), 404, "call_not_found").await;
}

#[tokio::test(start_paused = true)]
async fn a_dialled_number_answers_after_a_moment() {
    let phone = Backend::simulator();
    let answer = phone.ok("/api/sip/call/dial", json!({ "phone": "+7 (495) 123-45-67" })).await;
    let state = phone.until(|state| state.active_call.is_some()).await;
    let call = state.active_call.unwrap();
    assert_eq!((call.call_id.as_str(), call.number.as_str()), (answer["call_id"].as_str().unwrap(), "+74951234567"));
    assert_eq!(call.start_time, None);
    phone.until(|state| calls(state)[0].start_time.is_some()).await;
    phone.fails("/api/sip/call/dial", json!({ "phone": "1" }), 409, "call_already_active").await;
    let state = phone.get("/api/sip/state").await.1;
    assert_eq!((&state["active_call"]["direction"], &state["bundle"]), (&json!("out"), &json!("b1")));
}

#[tokio::test]
async fn the_status_is_set_and_survives_a_restart() {
    let phone = Backend::simulator();
    assert_eq!(phone.desk.snapshot().operator_status, OperatorStatus::Ready);
    phone.ok("/api/sip/operator/status", json!({ "status": "lunch" })).await;
    phone.ok("/api/sip/operator/status", json!({ "status": "dnd" })).await;
    assert_eq!(phone.get("/api/sip/state").await.1["operator_status"], "dnd");
    let again = Backend::simulator_in(phone.dir, |_| {});
    assert_eq!(again.desk.snapshot().operator_status, OperatorStatus::Dnd);
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_change_nothing() {
    let phone = Backend::simulator();
    let before = phone.desk.snapshot();
    for path in COMMANDS {
        let extra = ["/api/sim/incoming"];
        for path in [path].into_iter().chain(extra) {
            for body in [
                "",
                "{",
                "nonsense",
                "[]",
                "[\"1\"]",
                "null",
                "\"1\"",
                "{}",
                "{\"call_id\":7,\"phone\":7,\"status\":7}",
            ] {
                let (status, answer) = read(phone.send(post(path, body)).await).await;
                assert_eq!(
                    (status, &answer["error"]),
                    (StatusCode::BAD_REQUEST, &json!("validation_error")),
                    "{path} {body}"
                );
            }
        }
    }
    for (path, body) in [
        ("/api/sip/call/dial", json!({ "phone": "" })),
        ("/api/sip/call/dial", json!({ "phone": "/exit" })),
        ("/api/sip/call/dial", json!({ "phone": "1;2" })),
        ("/api/sip/call/dial", json!({ "phone": "1".repeat(65) })),
        ("/api/sip/call/dtmf", json!({ "call_id": "x", "digits": "12x" })),
        ("/api/sip/call/transfer", json!({ "call_id": "x" })),
        ("/api/sip/call/transfer", json!({ "call_id": "x", "phone": "1", "to_call_id": "y" })),
        ("/api/sip/operator/status", json!({ "status": "asleep" })),
    ] {
        phone.fails(path, body, 400, "validation_error").await;
    }
    assert_eq!(phone.desk.snapshot(), before);
}

#[tokio::test]
async fn an_unknown_field_is_ignored() {
    let phone = Backend::simulator();
    phone.ok("/api/sip/operator/status", json!({ "status": "lunch", "mood": "good" })).await;
}

#[tokio::test]
async fn unknown_calls_are_not_found() {
    let phone = Backend::simulator();
    for (path, body) in [
        ("answer", json!({ "call_id": "x" })),
        ("hangup", json!({ "call_id": "x" })),
        ("hold", json!({ "call_id": "x", "on": true })),
        ("mute", json!({ "call_id": "x", "on": true })),
        ("dtmf", json!({ "call_id": "x", "digits": "1" })),
        ("transfer", json!({ "call_id": "x", "phone": "1" })),
        ("transfer", json!({ "call_id": "x", "to_call_id": "y" })),
    ] {
        phone.fails(&format!("/api/sip/call/{path}"), body, 404, "call_not_found").await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_in_the_wrong_state_are_refused() {
    let phone = Backend::simulator();
    let rings = phone.ring().await;
    for (path, body) in [
        ("hold", json!({ "call_id": rings, "on": true })),
        ("mute", json!({ "call_id": rings, "on": true })),
        ("dtmf", json!({ "call_id": rings, "digits": "1" })),
        ("transfer", json!({ "call_id": rings, "phone": "1" })),
        ("transfer", json!({ "call_id": rings, "to_call_id": rings })),
    ] {
        phone.fails(&format!("/api/sip/call/{path}"), body, 409, "invalid_state").await;
    }
    phone.fails("/api/sip/call/dial", json!({ "phone": "1" }), 409, "call_already_active").await;
    phone.ok("/api/sip/call/answer", json!({ "call_id": rings })).await;
    phone.until(|state| calls(state)[0].start_time.is_some()).await;
    phone.fails("/api/sip/call/answer", json!({ "call_id": rings }), 409, "invalid_state").await;
    phone.ok("/api/sip/call/hold", json!({ "call_id": rings, "on": true })).await;
    phone.until(|state| calls(state)[0].held).await;
    phone.fails("/api/sip/call/dtmf", json!({ "call_id": rings, "digits": "1" }), 409, "invalid_state").await;
}

#[tokio::test]
async fn large_bodies_and_other_types_are_refused() {
    let phone = Backend::simulator();
    let large = format!("{{\"phone\":\"{}\"}}", "1".repeat(20_000));
    phone.fails("/api/sip/call/dial", json!({ "phone": "1".repeat(20_000) }), 413, "payload_too_large").await;
    let unannounced = Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(large)]));
    let request = Request::post("/api/sip/call/dial").header("host", HOST).header("content-type", "application/json");
    let answer = read(phone.send(request.body(unannounced).unwrap()).await).await;
    assert_eq!((answer.0.as_u16(), &answer.1["error"]), (413, &json!("payload_too_large")));

    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonp")] {
        let mut request = Request::post("/api/sip/call/dial").header("host", HOST);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let answer = read(phone.send(request.body(Body::from("{\"phone\":\"1\"}")).unwrap()).await).await;
        assert_eq!((answer.0.as_u16(), &answer.1["error"]), (415, &json!("unsupported_media_type")), "{kind:?}");
    }
    let mut request = post("/api/sip/operator/status", "{\"status\":\"dnd\"}");
    request.headers_mut().insert("content-type", "Application/JSON; charset=utf-8".parse().unwrap());
    assert_eq!(phone.send(request).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn unknown_paths_and_methods_have_the_same_shape() {
    let phone = Backend::simulator();
    let nothing = [
        ("GET", "/api/nothing"),
        ("POST", "/api/nothing"),
        ("GET", "/api"),
        ("GET", "/nothing.js"),
        ("POST", "/api/sip/call/"),
    ];
    for (method, path) in nothing {
        let request = Request::builder().method(method).uri(path).header("host", HOST).body(Body::empty()).unwrap();
        let (status, answer) = read(phone.send(request).await).await;
        assert_eq!((status.as_u16(), &answer["error"]), (404, &json!("not_found")), "{method} {path}");
    }
    for (method, path, allow) in [
        ("GET", "/api/sip/call/dial", "POST"),
        ("DELETE", "/api/sip/state", "GET,HEAD"),
        ("POST", "/sip-worker.js", "GET,HEAD"),
        ("PUT", "/api/sim/incoming", "POST"),
        ("OPTIONS", "/api/sip/events", "GET,HEAD"),
    ] {
        let request = Request::builder().method(method).uri(path).header("host", HOST).body(Body::empty()).unwrap();
        let response = phone.send(request).await;
        assert_eq!(response.headers()["allow"], allow, "{method} {path}");
        let (status, answer) = read(response).await;
        assert_eq!((status.as_u16(), &answer["error"]), (405, &json!("method_not_allowed")), "{method} {path}");
    }
}

#[tokio::test]
async fn health_metrics_and_outcomes() {
    let phone = Backend::simulator();
    assert_eq!(phone.get("/healthz").await, (StatusCode::OK, json!({ "status": "ok", "problems": [] })));
    phone.ok("/api/sip/operator/status", json!({ "status": "dnd" })).await;
    phone.fails("/api/sip/call/dial", json!({}), 400, "validation_error").await;
    let metrics = phone.metrics().await;
    for line in [
        "sip_phone_sse_connections 0",
        "sip_phone_events_total{event=\"status_change\"} 1",
        "sip_phone_commands_total{command=\"status\",outcome=\"ok\"} 1",
        "sip_phone_commands_total{command=\"dial\",outcome=\"validation_error\"} 1",
        concat!("sip_phone_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        "sip_phone_call_duration_seconds_count 0",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn a_fresh_server_has_every_counter() {
    let metrics = Backend::fake(FakeEngine::new(Capability::ALL)).metrics().await;
    let counted = |start: &str| metrics.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(counted("sip_phone_calls_total{"), 2 * 7, "{metrics}");
    assert_eq!(counted("sip_phone_commands_total{"), COMMANDS.len());
    assert_eq!(counted("sip_phone_events_total{"), 7);
    for path in COMMANDS {
        let command = path.rsplit('/').next().unwrap();
        let line = format!("sip_phone_commands_total{{command=\"{command}\",outcome=\"ok\"}} 0\n");
        assert!(metrics.contains(&line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn metrics_are_classic_text_unless_open_metrics_is_asked_for() {
    let phone = Backend::simulator();
    let metrics = async |accept: &str| {
        let mut request = get("/metrics");
        request.headers_mut().insert("accept", accept.parse().unwrap());
        let response = phone.send(request).await;
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        (kind, read(response).await.1.as_str().unwrap().to_owned())
    };
    for accept in ["*/*", "text/plain", "text/html,application/xhtml+xml"] {
        let (kind, text) = metrics(accept).await;
        assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
        assert!(!text.contains("# EOF") && text.ends_with('\n'), "{text}");
        let mut family = String::new();
        for line in text.lines() {
            // Every sample is of the family that the comments before it announce, under the very name.
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["#", "HELP", name, _, ..] => family = name.to_owned(),
                ["#", "TYPE", name, kind] => {
                    assert_eq!(name, family);
                    assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                    assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                }
                [sample, value] => {
                    let name = sample.split('{').next().unwrap();
                    let parts = ["_bucket", "_sum", "_count"];
                    let histogram = parts.iter().any(|part| name.strip_suffix(part) == Some(&family));
                    assert!(name == family || histogram, "{line} in {family}");
                    assert!(value.parse::<f64>().is_ok(), "{line}");
                }
                _ => panic!("{line}"),
            }
        }
    }
    let (kind, text) = metrics("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2").await;
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    assert!(text.ends_with("# EOF\n") && text.contains("# TYPE sip_phone_calls counter\n"), "{text}");
}

#[tokio::test]
async fn a_fault_of_a_worker_is_taken_down() {
    let phone = Backend::simulator();
    let path = "/api/sip/fault";
    assert_eq!(phone.ok(path, json!({ "message": "panicked at hub.rs:7: index out of bounds" })).await, json!({}));
    phone.fails(path, json!({}), 400, "validation_error").await;
    phone.fails(path, json!({ "message": "x".repeat(20_000) }), 413, "payload_too_large").await;
    let metrics = phone.metrics().await;
    assert!(metrics.contains("sip_phone_worker_faults_total 1\n"), "{metrics}");
}
