//! The served files: the form that the client takes, and no more often than it must.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::App;
use super::query::parameter;
use crate::assets::Asset;
use crate::error::Error;

/// Its address carries the bundle's hash in the query.
const WORKER: &str = "/sip-worker.js";
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Everything that is no route: a file, or nothing.
pub(super) async fn asset(State(app): State<App>, request: Request) -> Result<Response, Error> {
    let path = if request.uri().path() == "/" { "/index.html" } else { request.uri().path() };
    let Some(asset) = app.assets.find(path) else { return Err(nothing(path)) };
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return Ok(([(ALLOW, "GET,HEAD")], Error::MethodNotAllowed).into_response());
    }
    let immutable = asset.immutable || (asset.path == WORKER && names(request.uri(), app.assets.bundle));
    let (encoding, bytes) = form(asset, accepted(request.headers()));

    let fresh = is_fresh(request.headers(), asset.etag);
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(Bytes::from_static(bytes)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, HeaderValue::from_static(asset.etag));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CACHE_CONTROL, if immutable { IMMUTABLE } else { HeaderValue::from_static("no-cache") });
    if !asset.content_type.starts_with("text/html") {
        // Public code, the same for everybody: any page may load it.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    Ok(response)
}

fn nothing(path: &str) -> Error {
    if path.starts_with("/api/sim/") { Error::NoSimulator } else { Error::NotFound }
}

fn names(uri: &Uri, bundle: &str) -> bool {
    parameter(uri.query(), "v").as_deref() == Some(bundle)
}

fn is_fresh(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|text| text.split(',')).map(str::trim);
    // Compression by a proxy makes a tag weak; the comparison is the weak one of RFC 9110 section 13.1.2.
    tags.any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

struct Accepted {
    brotli: bool,
    gzip: bool,
}

/// RFC 9110 section 12.5.3; an encoding that is not named, nor `*`, is not taken.
fn accepted(headers: &HeaderMap) -> Accepted {
    let mut any = None;
    let (mut brotli, mut gzip) = (None, None);
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for item in values.flat_map(|text| text.split(',')) {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let wanted = quality.is_none_or(|q| q.parse::<f32>().is_ok_and(|q| q > 0.0));
        match name.as_str() {
            "br" => brotli = Some(wanted),
            "gzip" | "x-gzip" => gzip = Some(wanted),
            "*" => any = Some(wanted),
            _ => {}
        }
    }
    let wanted = |named: Option<bool>| named.or(any).unwrap_or(false);
    Accepted { brotli: wanted(brotli), gzip: wanted(gzip) }
}

fn form(asset: &Asset, accepted: Accepted) -> (Option<&'static str>, &'static [u8]) {
    match (asset.brotli.filter(|_| accepted.brotli), asset.gzip.filter(|_| accepted.gzip)) {
        (Some(brotli), _) => (Some("br"), brotli),
        (None, Some(gzip)) => (Some("gzip"), gzip),
        (None, None) => (None, asset.raw),
    }
}
