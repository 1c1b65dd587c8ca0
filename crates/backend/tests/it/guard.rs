//! Who is let in: hosts, origins, tokens, and the headers that go with the answers.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use backend::config::Settings;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Backend, HOST, get, read};

fn with(set: impl FnOnce(&mut Settings)) -> Backend {
    Backend::simulator_in(TempDir::new().unwrap(), set)
}

async fn asked(phone: &Backend, path: &str, headers: &[(&str, &str)]) -> u16 {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    phone.send(request.body(Body::empty()).unwrap()).await.status().as_u16()
}

#[tokio::test]
async fn only_our_own_hosts_are_served() {
    let local = with(|_| {});
    let wide = with(|settings| settings.listen = "0.0.0.0:7077".parse().unwrap());
    let proxied = with(|settings| settings.public_origin = Some("https://phone.example".parse().unwrap()));
    for (host, on_local, on_wide, behind_proxy) in [
        ("127.0.0.1:7077", 200, 200, 200),
        ("localhost:7077", 200, 200, 200),
        ("LOCALHOST:7077", 200, 200, 200),
        ("[::1]:7077", 200, 200, 200),
        ("10.1.2.3:7077", 403, 200, 403),
        ("phone.example", 403, 403, 200),
        ("phone.example:443", 403, 403, 200),
        ("phone.example:80", 403, 403, 403),
        ("127.0.0.1", 403, 403, 403),
        ("127.0.0.1:8080", 403, 403, 403),
        ("evil.example:7077", 403, 403, 403),
        ("localhost.evil.example:7077", 403, 403, 403),
        ("127.0.0.1.nip.io:7077", 403, 403, 403),
        ("a@127.0.0.1:7077", 403, 403, 403),
        ("", 403, 403, 403),
    ] {
        for (phone, expected) in [(&local, on_local), (&wide, on_wide), (&proxied, behind_proxy)] {
            for path in ["/", "/healthz", "/metrics", "/api/sip/state", "/sip-worker.js"] {
                assert_eq!(asked(phone, path, &[("host", host)]).await, expected, "{host} {path}");
            }
        }
    }
    assert_eq!(asked(&local, "/healthz", &[]).await, 403, "no host at all");
    assert_eq!(asked(&local, "/healthz", &[("host", HOST), ("host", "evil.example")]).await, 403);
    assert_eq!(asked(&local, "http://evil.example/healthz", &[("host", HOST)]).await, 403);
}

#[tokio::test]
async fn the_api_answers_its_own_origin_and_programs() {
    let phone = with(|settings| settings.public_origin = Some("https://phone.example".parse().unwrap()));
    for (headers, expected) in [
        (&[][..], 200),
        (&[("origin", "http://127.0.0.1:7077")], 200),
        (&[("origin", "https://phone.example")], 200),
        (&[("origin", "http://phone.example")], 403),
        (&[("origin", "https://127.0.0.1:7077")], 403),
        (&[("origin", "http://127.0.0.1:7078")], 403),
        (&[("origin", "http://localhost:7077")], 403),
        (&[("origin", "http://evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "")], 403),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "none")], 200),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
    ] {
        let headers: Vec<_> = [("host", HOST)].into_iter().chain(headers.iter().copied()).collect();
        assert_eq!(asked(&phone, "/api/sip/state", &headers).await, expected, "{headers:?}");
        assert_eq!(asked(&phone, "/sip-worker.js", &headers).await, 200, "code is public: {headers:?}");
    }
    let request = Request::post("/api/sim/incoming").header("host", HOST).header("origin", "http://evil.example");
    let request = request.header("content-type", "application/json").body(Body::from("{\"number\":\"1\"}")).unwrap();
    let (status, answer) = read(phone.send(request).await).await;
    assert_eq!((status, &answer["error"]), (StatusCode::FORBIDDEN, &json!("unauthorized")));
    assert_eq!(phone.desk.snapshot().active_call, None);
}

#[tokio::test]
async fn a_token_opens_the_api_by_header_or_cookie() {
    let phone = with(|settings| settings.token = Some("se.cr=et".parse().unwrap()));
    for (headers, expected) in [
        (&[][..], 403),
        (&[("authorization", "Bearer se.cr=et")], 200),
        (&[("authorization", "bearer se.cr=et")], 200),
        (&[("authorization", "Basic se.cr=et")], 403),
        (&[("authorization", "Bearer se.cr=e")], 403),
        (&[("authorization", "Bearer ")], 403),
        (&[("cookie", "a=b; sip_phone_token=se.cr=et; c=d")], 200),
        (&[("cookie", "sip_phone_token=wrong")], 403),
        (&[("cookie", "other=se.cr=et")], 403),
    ] {
        let headers: Vec<_> = [("host", HOST)].into_iter().chain(headers.iter().copied()).collect();
        for path in ["/api/sip/state", "/metrics", "/api/openapi.json"] {
            assert_eq!(asked(&phone, path, &headers).await, expected, "{path} {headers:?}");
        }
        assert_eq!(asked(&phone, "/healthz", &headers).await, 200);
    }
    assert_eq!(phone.send(get("/?token=wrong")).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(phone.send(get("/")).await.status(), StatusCode::OK);
    let response = phone.send(get("/?token=se.cr%3Det")).await;
    assert_eq!((response.status(), response.headers()["location"].as_bytes()), (StatusCode::SEE_OTHER, &b"/"[..]));
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("sip_phone_token=se.cr=et;")
            && cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Strict")
    );
    assert!(!cookie.contains("Secure"), "the cookie would be lost without TLS");
}

#[tokio::test]
async fn without_a_token_the_address_may_carry_any() {
    assert_eq!(with(|_| {}).send(get("/?token=x")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_the_bridge_may_be_framed_and_only_by_those_named() {
    let phone = with(|settings| {
        settings.allow_origins = vec!["https://crm.example".parse().unwrap(), "http://10.0.0.1:8080".parse().unwrap()];
    });
    for (path, policy) in [
        (
            "/bridge.html",
            "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors https://crm.example http://10.0.0.1:8080",
        ),
        ("/", "frame-ancestors 'self'"),
        ("/api/sip/state", "frame-ancestors 'self'"),
        ("/nothing", "frame-ancestors 'self'"),
    ] {
        let response = phone.send(get(path)).await;
        assert_eq!(response.headers()["content-security-policy"], policy, "{path}");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}
