//! Request bodies: JSON objects of a known shape, or an error that says what is wrong.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT};
use axum::http::request::Parts;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::error::Error;

/// Longest body, in bytes.
pub(crate) const LIMIT: usize = 16 * 1024;
/// How long a body may take: a client that lets it trickle holds a connection.
const WITHIN: Duration = Duration::from_secs(10);
/// How much of a body that is refused is read all the same, in bytes, and for how long: a client that still sends when
/// the connection closes sees a reset in place of the answer.
const DRAINED: usize = 16 * 1024 * 1024;
const DRAINED_WITHIN: Duration = Duration::from_secs(1);
/// Longest explanation of what is wrong, in characters: it may repeat what was sent.
const MAX_EXPLANATION: usize = 300;

/// A body that has been read.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        read(&json(request).await?.1).map(Self)
    }
}

/// A request whose body is JSON by its header, and the whole body.
pub(super) async fn json(request: Request) -> Result<(Parts, Vec<u8>), Error> {
    if is_json(request.headers()) {
        return whole(request).await;
    }
    let (parts, body) = request.into_parts();
    drain(&parts.headers, body).await;
    Err(Error::UnsupportedMediaType)
}

/// A whole body of at most [`LIMIT`] bytes.
pub(super) async fn bytes(request: Request) -> Result<Vec<u8>, Error> {
    whole(request).await.map(|(_, bytes)| bytes)
}

async fn whole(request: Request) -> Result<(Parts, Vec<u8>), Error> {
    let (parts, body) = request.into_parts();
    let declared = parts.headers.get(CONTENT_LENGTH);
    let declared = declared.and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|length| length > LIMIT) {
        drain(&parts.headers, body).await;
        return Err(Error::PayloadTooLarge(LIMIT));
    }
    let late = |_| Error::Validation(format!("the body did not come within {} s", WITHIN.as_secs()));
    let bytes = timeout(WITHIN, read_all(body.into_data_stream())).await.map_err(late)??;
    Ok((parts, bytes))
}

async fn read_all(mut body: BodyDataStream) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend(chunk.map_err(|_| Error::Validation("the body ended too soon".to_owned()))?);
        if bytes.len() > LIMIT {
            drain_rest(body).await;
            return Err(Error::PayloadTooLarge(LIMIT));
        }
    }
    Ok(bytes)
}

/// Reads what is refused, within bounds.
pub(super) async fn drain(headers: &HeaderMap, body: axum::body::Body) {
    // Who expects a word before sending gets the refusal instead.
    if !headers.contains_key(EXPECT) {
        drain_rest(body.into_data_stream()).await;
    }
}

async fn drain_rest(mut body: BodyDataStream) {
    let drained = async {
        let mut left = DRAINED;
        while let Some(Ok(chunk)) = body.next().await {
            match left.checked_sub(chunk.len()) {
                Some(less) => left = less,
                None => return,
            }
        }
    };
    // Too slow is as good as too much.
    let _ = timeout(DRAINED_WITHIN, drained).await;
}

/// Reads a whole body.
///
/// # Errors
/// It is no JSON object of this shape; the text says why.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // Else serde would take a list for the fields in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Error::Validation("the body must be a JSON object".to_owned()));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Error::Validation(error.to_string().chars().take(MAX_EXPLANATION).collect()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}
