//! The server: a few pages by their paths, whatever host name the browser calls it by.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::task::JoinHandle;

/// What is served at one path.
#[derive(Clone, Debug)]
pub struct Page {
    content_type: &'static str,
    body: Vec<u8>,
    policy: Option<String>,
}

impl Page {
    /// A page.
    pub fn html(body: impl Into<String>) -> Self {
        Self::new("text/html; charset=utf-8", body.into())
    }

    /// A script.
    pub fn script(body: impl Into<String>) -> Self {
        Self::new("text/javascript; charset=utf-8", body.into())
    }

    /// A style sheet.
    pub fn style(body: impl Into<String>) -> Self {
        Self::new("text/css; charset=utf-8", body.into())
    }

    /// Anything else.
    pub fn new(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { content_type, body: body.into(), policy: None }
    }

    /// The same with this Content-Security-Policy.
    #[must_use]
    pub fn with_policy(self, policy: impl Into<String>) -> Self {
        Self { policy: Some(policy.into()), ..self }
    }

    /// The same with every `placeholder` replaced, in its policy and, where that is text, in its body.
    #[must_use]
    pub fn with(mut self, placeholder: &str, value: &str) -> Self {
        if let Ok(text) = std::str::from_utf8(&self.body) {
            self.body = text.replace(placeholder, value).into_bytes();
        }
        self.policy = self.policy.map(|policy| policy.replace(placeholder, value));
        self
    }
}

/// Pages being served, until this is dropped.
#[derive(Debug)]
pub struct Intranet {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Intranet {
    /// Serves these pages, each given with its path, at this address; port 0 takes a free one.
    ///
    /// # Errors
    /// The address can't be listened on.
    pub async fn serve<P: Into<String>>(
        listen: impl ToSocketAddrs,
        pages: impl IntoIterator<Item = (P, Page)>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let service = router(pages);
        let task = tokio::spawn(async move {
            // Ends with an error only when the listener is broken; then no page comes, and whoever asks sees that.
            let _ = axum::serve(listener, service).await;
        });
        Ok(Self { address, task })
    }
}

impl Drop for Intranet {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The service as a function of its pages. It takes every `Host`: tests give it the names of their intranets.
pub fn router<P: Into<String>>(pages: impl IntoIterator<Item = (P, Page)>) -> Router {
    let pages: HashMap<String, Page> = pages.into_iter().map(|(path, page)| (path.into(), page)).collect();
    Router::new().fallback(page).with_state(Arc::new(pages))
}

async fn page(State(pages): State<Arc<HashMap<String, Page>>>, request: Request) -> Response {
    let Some(page) = pages.get(request.uri().path()) else {
        return (StatusCode::NOT_FOUND, "there is no such page").into_response();
    };
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(page.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(policy) = &page.policy {
        let Ok(policy) = HeaderValue::from_str(policy) else {
            return (StatusCode::INTERNAL_SERVER_ERROR, "this page's policy can't be sent in a header").into_response();
        };
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    (headers, page.body.clone()).into_response()
}
