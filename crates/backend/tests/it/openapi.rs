//! The document and the routes say the same.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;

use crate::support::{Backend, HOST};

#[tokio::test]
async fn every_route_is_in_the_document_and_every_path_of_the_document_is_a_route() {
    let phone = Backend::simulator();
    let document = phone.get("/api/openapi.json").await.1;
    assert_eq!(document["openapi"], "3.1.0");
    let documented: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    let routed: BTreeSet<String> = backend::paths().into_iter().map(str::to_owned).collect();
    assert_eq!(documented, routed);
    for path in &documented {
        // A method that no route takes makes the router tell which it does.
        let request = Request::builder().method("TRACE").uri(path).header("host", HOST).body(Body::empty()).unwrap();
        let response = phone.send(request).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allowed = response.headers()["allow"].to_str().unwrap().replace(",HEAD", "").to_lowercase();
        let methods: Vec<_> = document["paths"][path].as_object().unwrap().keys().cloned().collect();
        assert_eq!(methods, [allowed], "{path}");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = Backend::simulator().get("/api/openapi.json").await.1;
    let mut left = vec![&document];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                }
                left.extend(fields.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
}
