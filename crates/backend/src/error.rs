//! The backend's one error type: what can go wrong with a request, and how it is told.

use std::borrow::Cow;

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::wire::error::{ErrorBody, ErrorType};

use crate::engine::EngineError;

/// Why a request failed. The texts are shown to the operator: they say what to do, and nothing of the inside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The body is not what the path takes; the text names the field.
    #[error("{0}")]
    Validation(String),
    /// The guard refused: origin, host or token.
    #[error("{0}")]
    Unauthorized(Cow<'static, str>),
    /// No call of this id, or it has ended.
    #[error("there is no such call, or it has ended")]
    CallNotFound,
    /// No such path.
    #[error("there is nothing at this address: look at /api/openapi.json for what there is")]
    NotFound,
    /// The path exists with another engine only.
    #[error("only the simulator engine has this: start the backend with --engine simulator")]
    NoSimulator,
    /// Dialling beside a call that is up.
    #[error("there is a call already: end it before dialling")]
    CallAlreadyActive,
    /// The call is not in a state for this.
    #[error("{0}")]
    InvalidState(&'static str),
    /// The body is longer than the given number of bytes.
    #[error("the body is longer than {0} bytes")]
    PayloadTooLarge(usize),
    /// The body is not `application/json`.
    #[error("send the body as JSON, with the header Content-Type: application/json")]
    UnsupportedMediaType,
    /// The path does not take this method.
    #[error("this address does not take that method: the header Allow says which it takes")]
    MethodNotAllowed,
    /// The engine lacks the capability.
    #[error("this softphone can't do that")]
    NotSupported,
    /// The softphone did not take a dial or an answer.
    #[error("{0}")]
    InitiationFailed(EngineError),
    /// The softphone did not take another command of a call.
    #[error("{0}")]
    TerminationFailed(EngineError),
    /// The softphone can't be reached.
    #[error("{}", EngineError::PhoneUnavailable)]
    PhoneUnavailable,
    /// More requests than a phone needs; the next may come after so many seconds.
    #[error("too many requests at once: try again in {seconds} s")]
    TooManyRequests {
        /// Whole seconds, as `Retry-After` has them.
        seconds: u64,
    },
    /// A repeated command that an earlier life of the backend may have carried out.
    #[error("the backend has started again meanwhile: look whether the phone did it before you repeat it")]
    OutcomeUnknown,
    /// A fault of the backend; its cause is in the log alone.
    #[error("something went wrong in the backend: its log says what")]
    Internal,
}

impl Error {
    /// Its type on the wire, which fixes the HTTP status too.
    pub fn kind(&self) -> ErrorType {
        match self {
            Self::Validation(_) => ErrorType::ValidationError,
            Self::Unauthorized(_) => ErrorType::Unauthorized,
            Self::CallNotFound => ErrorType::CallNotFound,
            Self::NotFound | Self::NoSimulator => ErrorType::NotFound,
            Self::CallAlreadyActive => ErrorType::CallAlreadyActive,
            Self::InvalidState(_) => ErrorType::InvalidState,
            Self::PayloadTooLarge(_) => ErrorType::PayloadTooLarge,
            Self::UnsupportedMediaType => ErrorType::UnsupportedMediaType,
            Self::MethodNotAllowed => ErrorType::MethodNotAllowed,
            Self::NotSupported => ErrorType::NotSupported,
            Self::InitiationFailed(_) => ErrorType::CallInitiationFailed,
            Self::TerminationFailed(_) => ErrorType::CallTerminationFailed,
            Self::PhoneUnavailable => ErrorType::PhoneUnavailable,
            Self::TooManyRequests { .. } => ErrorType::TooManyRequests,
            Self::OutcomeUnknown => ErrorType::OutcomeUnknown,
            Self::Internal => ErrorType::InternalError,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let kind = self.kind();
        let status = StatusCode::from_u16(kind.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(ErrorBody::new(kind, self.to_string()))).into_response();
        if let Self::TooManyRequests { seconds } = self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
