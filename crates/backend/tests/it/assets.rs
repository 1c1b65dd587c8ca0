//! The served files: forms, freshness, and who may read them.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use protocol::Capability;

use crate::support::{Backend, FakeEngine, HOST, get};

async fn asked(phone: &Backend, path: &str, name: &str, value: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).header("host", HOST).header(name, value).body(Body::empty()).unwrap();
    let response = phone.send(request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn each_client_gets_the_form_that_it_takes() {
    let phone = Backend::simulator();
    for (accept, expected) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gz"),
        ("br;q=0, gzip", "gz"),
        ("br; q=0.1, gzip;q=1", "br"),
        ("br;q=0, gzip;q=0.0", "raw"),
        ("identity", "raw"),
        ("*", "br"),
        ("*;q=0", "raw"),
        ("gzip;q=0, *", "br"),
        ("", "raw"),
        ("BR", "br"),
    ] {
        let (status, headers, body) = asked(&phone, "/sip-worker.js", "accept-encoding", accept).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, expected), "{accept:?}");
        let encoding = headers.get("content-encoding").map(|value| value.to_str().unwrap());
        assert_eq!(encoding, [("br", "br"), ("gz", "gzip")].iter().find(|form| form.0 == body).map(|form| form.1));
        assert_eq!(headers["vary"], "accept-encoding");
        assert_eq!(headers["content-length"], body.len().to_string());
    }
}

#[tokio::test]
async fn what_is_fresh_is_not_sent_again() {
    let phone = Backend::simulator();
    for (tag, status) in
        [("\"e1\"", 304), ("W/\"e1\"", 304), ("\"x\", \"e1\"", 304), ("*", 304), ("\"x\"", 200), ("e1", 200)]
    {
        let (found, headers, body) = asked(&phone, "/sip-phone-widget.js", "if-none-match", tag).await;
        assert_eq!((found.as_u16(), body.is_empty()), (status, status == 304), "{tag}");
        assert_eq!(headers["etag"], "\"e1\"");
        assert_eq!(headers["cache-control"], "no-cache");
    }
}

#[tokio::test]
async fn names_with_a_hash_are_kept_for_ever() {
    let phone = Backend::simulator();
    let forever = "public, max-age=31536000, immutable";
    for (path, expected) in [
        ("/sip-worker-0123.wasm", forever),
        ("/sip-worker.js?v=b1", forever),
        ("/sip-worker.js?v=b0", "no-cache"),
        ("/sip-worker.js", "no-cache"),
        ("/sip-phone-widget.js?v=b1", "no-cache"),
        ("/", "no-cache"),
    ] {
        assert_eq!(phone.send(get(path)).await.headers()["cache-control"], expected, "{path}");
    }
}

#[tokio::test]
async fn code_is_for_everybody_and_pages_are_ours() {
    let phone = Backend::simulator();
    for (path, kind, public) in [
        ("/", "text/html; charset=utf-8", false),
        ("/bridge.html", "text/html; charset=utf-8", false),
        ("/sip-phone-widget.js", "text/javascript; charset=utf-8", true),
        ("/sip-worker-0123.wasm", "application/wasm", true),
    ] {
        let response = phone.send(get(path)).await;
        let headers = response.headers();
        assert_eq!(headers["content-type"], kind);
        assert_eq!(headers.get("access-control-allow-origin").is_some(), public, "{path}");
        assert_eq!(
            headers["cross-origin-resource-policy"],
            if public { "cross-origin" } else { "same-origin" },
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_page_learns_which_engine_there_is() {
    for (phone, name) in
        [(Backend::simulator(), "simulator"), (Backend::fake(FakeEngine::new(Capability::ALL)), "fake")]
    {
        for method in ["GET", "HEAD"] {
            let request = Request::builder().method(method).uri("/").header("host", HOST).body(Body::empty()).unwrap();
            let response = phone.send(request).await;
            assert_eq!(response.headers()["x-sip-phone-engine"], name, "{method}");
        }
        assert_eq!(asked(&phone, "/", "if-none-match", "*").await.1["x-sip-phone-engine"], name);
        assert!(!phone.send(get("/sip-worker.js")).await.headers().contains_key("x-sip-phone-engine"));
    }
}

#[test]
fn the_build_embeds_what_is_promised() {
    let assets = backend::assets::Assets::embedded();
    for path in ["/sip-phone-widget.js", "/sip-worker.js"] {
        let asset = assets.find(path).unwrap_or_else(|| panic!("{path} is missing"));
        assert!(!asset.immutable && !asset.raw.is_empty() && asset.etag.starts_with('"'));
    }
    assert!(!assets.bundle.is_empty());
}
