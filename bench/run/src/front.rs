//! The server that both sides' tabs see: a bare page and the side's own files; all else goes on to the backend. The product needs none,
//! but goes the same way, so that both pay for it alike.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH, ORIGIN, TRANSFER_ENCODING,
};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The page with the phone, and the same without it.
const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = "<script async src=\"/sip-phone-widget.js\"></script>";

/// Every file is the same for as long as the front lives.
const TAG: HeaderValue = HeaderValue::from_static("\"this\"");

/// A file of the side's own, as it is on the wire.
pub struct Own {
    path: String,
    brotli: Bytes,
}

impl Own {
    /// A script, compressed as the product's are.
    ///
    /// # Errors
    /// It can't be compressed.
    pub fn script(path: &str, content: &[u8]) -> Result<Self> {
        let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, 11, 22);
        writer.write_all(content)?;
        Ok(Self { path: path.to_owned(), brotli: writer.into_inner().into() })
    }
}

/// A front, until it is dropped.
pub struct Front {
    origin: String,
    bytes: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

struct Shared {
    /// `127.0.0.1:PORT`.
    backend: String,
    own: HashMap<String, Bytes>,
    client: Client<HttpConnector, Body>,
    bytes: Arc<AtomicU64>,
}

impl Front {
    /// One before this backend.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn to(backend: &str, files: Vec<Own>) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let bytes = Arc::default();
        let shared = Shared {
            backend: backend.to_owned(),
            own: files.into_iter().map(|file| (file.path, file.brotli)).collect(),
            client: Client::builder(TokioExecutor::new()).build(connector),
            bytes: Arc::clone(&bytes),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        // Where it can't be set, events are late, and the table says so.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let router = Router::new().fallback(answer).with_state(Arc::new(shared));
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { origin, bytes, task })
    }

    /// The page with the phone.
    pub fn page(&self) -> String {
        format!("{}/", self.origin)
    }

    /// The same page without it.
    pub fn blank(&self) -> String {
        format!("{}/blank", self.origin)
    }

    /// Bytes of all bodies so far, as they were on the wire; without the page itself.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    match request.uri().path() {
        "/" => return axum::response::Html(PAGE).into_response(),
        "/blank" => return axum::response::Html(PAGE.replace(SCRIPT, "")).into_response(),
        _ => {}
    }
    let response = match shared.own.get(request.uri().path()) {
        Some(file) => own(&request, file),
        None => forward(&shared, request).await,
    };
    let bytes = Arc::clone(&shared.bytes);
    response.map(|body| {
        let counted = body.map_frame(move |frame| {
            let length = frame.data_ref().map_or(0, Bytes::len);
            bytes.fetch_add(length as u64, Ordering::Relaxed);
            frame
        });
        Body::new(counted)
    })
}

/// As the backend serves the files whose names do not change: asked for again each time, sent once.
fn own(request: &Request, file: &Bytes) -> Response {
    let known = request.headers().get(IF_NONE_MATCH) == Some(&TAG);
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(file.clone()).into_response() };
    let headers = response.headers_mut();
    headers.insert(ETAG, TAG);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if !known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// Each piece is passed on as it comes; to the backend the page is its own.
async fn forward(shared: &Shared, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let (Ok(uri), Ok(host), Ok(origin)) = (
        format!("http://{}{path}", shared.backend).parse::<Uri>(),
        HeaderValue::from_str(&shared.backend),
        HeaderValue::from_str(&format!("http://{}", shared.backend)),
    ) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    headers.remove(CONNECTION);
    if headers.contains_key(ORIGIN) {
        headers.insert(ORIGIN, origin);
    }
    match shared.client.request(request).await {
        Ok(mut response) => {
            // These are of the backend's wire; the front has one of its own.
            for name in [CONNECTION, TRANSFER_ENCODING] {
                response.headers_mut().remove(name);
            }
            response.map(Body::new)
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
