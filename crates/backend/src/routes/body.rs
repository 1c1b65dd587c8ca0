//! Request bodies: JSON objects of a known shape, or an error that says what is wrong.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// Longest body, in bytes.
pub(crate) const LIMIT: usize = 16 * 1024;
/// Longest explanation of what is wrong, in characters: it may repeat what was sent.
const MAX_EXPLANATION: usize = 300;

/// A body that has been read.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            return Err(Error::UnsupportedMediaType);
        }
        let too_large = || Error::PayloadTooLarge(LIMIT);
        let declared = request.headers().get(axum::http::header::CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<usize>().ok());
        if declared.is_some_and(|length| length > LIMIT) {
            return Err(too_large());
        }
        let bytes = to_bytes(request.into_body(), LIMIT).await.map_err(|_| too_large())?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
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
