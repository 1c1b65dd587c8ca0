//! REST: sends one request to the backend and reports how it settled.

use gloo_net::http::{Request as HttpRequest, Response};
use protocol::CallId;
use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::rest::{Dialed, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::Worker;
use crate::hub::{HubInput, PostId};

/// Sends the request; the answer comes to the hub as `CommandSettled`.
pub(super) fn post(worker: Worker, post: PostId, request: Request) {
    spawn_local(async move {
        let outcome = send(&request).await;
        worker.input(HubInput::CommandSettled { post, outcome });
    });
}

async fn send(request: &Request) -> Result<Option<CallId>, ErrorBody> {
    // The browser's own JSON writer: a second one in wasm would cost every page its kilobytes.
    let body = request
        .body
        .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .ok()
        .and_then(|body| js_sys::JSON::stringify(&body).ok())
        .map(String::from)
        .unwrap_or_default();
    let built = HttpRequest::post(request.path).header("content-type", "application/json").body(body);
    let response = match built {
        Ok(built) => built.send().await,
        Err(error) => Err(error),
    };
    let Ok(response) = response else {
        let text = "the phone service did not answer; look whether the command was carried out before you repeat it";
        return Err(ErrorBody::new(ErrorType::NotConnected, text));
    };
    if response.ok() {
        // Only a dial answers with a body; that others have none is no failure.
        return Ok(json::<Dialed>(&response).await.map(|dialed| dialed.call_id));
    }
    Err(json(&response).await.unwrap_or_else(|| {
        let text = format!("the phone service answered with HTTP status {}", response.status());
        ErrorBody::new(ErrorType::InternalError, text)
    }))
}

async fn json<T: DeserializeOwned>(response: &Response) -> Option<T> {
    let text = response.text().await.ok()?;
    let value: JsValue = js_sys::JSON::parse(&text).ok()?;
    serde_wasm_bindgen::from_value(value).ok()
}
