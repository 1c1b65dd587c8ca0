//! The error types of the contract, and the one body that carries them.

use serde::{Deserialize, Serialize};

use super::ShapeError;
use super::fields::{Fields, Read, Value};

/// What went wrong, as programs tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// Not JSON, a missing or wrong field, an impossible number.
    ValidationError,
    /// Wrong origin, host or token.
    Unauthorized,
    /// No such call, or it has ended.
    CallNotFound,
    /// No such path.
    NotFound,
    /// Dialling while no call may be added.
    CallAlreadyActive,
    /// The call is not in a state for this.
    InvalidState,
    /// The body is too large.
    PayloadTooLarge,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// The path does not take this method.
    MethodNotAllowed,
    /// The engine lacks the capability.
    NotSupported,
    /// The softphone did not take a dial or an answer.
    CallInitiationFailed,
    /// The softphone did not take another command of a call.
    CallTerminationFailed,
    /// The softphone does not run or can't be reached.
    PhoneUnavailable,
    /// A fault of the backend itself.
    InternalError,
    /// Too many requests, or too many commands of one tab under way; this one was not carried out.
    TooManyRequests,
    /// Nobody can say whether the command was carried out: its answer was lost, and so was the memory of it.
    OutcomeUnknown,
    /// The worker has no connection with the backend; nothing was sent. Only in port messages.
    NotConnected,
    /// The tab speaks another version of the port messages; a reload mends it. Only in port messages.
    UnsupportedProtocol,
    /// The worker could not be started, or has failed and ends. Only in port messages.
    WorkerFailed,
}

impl ErrorType {
    /// Every type.
    pub const ALL: [Self; 19] = [
        Self::ValidationError,
        Self::Unauthorized,
        Self::CallNotFound,
        Self::NotFound,
        Self::CallAlreadyActive,
        Self::InvalidState,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::MethodNotAllowed,
        Self::NotSupported,
        Self::CallInitiationFailed,
        Self::CallTerminationFailed,
        Self::PhoneUnavailable,
        Self::InternalError,
        Self::TooManyRequests,
        Self::OutcomeUnknown,
        Self::NotConnected,
        Self::UnsupportedProtocol,
        Self::WorkerFailed,
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidationError => "validation_error",
            Self::Unauthorized => "unauthorized",
            Self::CallNotFound => "call_not_found",
            Self::NotFound => "not_found",
            Self::CallAlreadyActive => "call_already_active",
            Self::InvalidState => "invalid_state",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotSupported => "not_supported",
            Self::CallInitiationFailed => "call_initiation_failed",
            Self::CallTerminationFailed => "call_termination_failed",
            Self::PhoneUnavailable => "phone_unavailable",
            Self::InternalError => "internal_error",
            Self::TooManyRequests => "too_many_requests",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::NotConnected => "not_connected",
            Self::UnsupportedProtocol => "unsupported_protocol",
            Self::WorkerFailed => "worker_failed",
        }
    }

    /// The HTTP status it comes with; 500 for those that only the worker speaks of.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::ValidationError => 400,
            Self::Unauthorized => 403,
            Self::CallNotFound | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::CallAlreadyActive | Self::InvalidState => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests => 429,
            Self::NotSupported => 501,
            Self::CallInitiationFailed
            | Self::CallTerminationFailed
            | Self::PhoneUnavailable
            | Self::OutcomeUnknown => 503,
            Self::InternalError | Self::NotConnected | Self::UnsupportedProtocol | Self::WorkerFailed => 500,
        }
    }
}

/// The body of every failed request: `{ "error": type, "message": text }`.
///
/// The type is kept as text, so that a newer backend's types survive an older worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// An [`ErrorType`]'s name, or one that this build does not know.
    pub error: String,
    /// What happened and what to do, for a person.
    pub message: String,
}

impl ErrorBody {
    /// A body of this type.
    pub fn new(error: ErrorType, message: impl Into<String>) -> Self {
        Self { error: error.as_str().to_owned(), message: message.into() }
    }
}

impl Read for ErrorBody {
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError> {
        Ok(Self { error: of.text("error"), message: of.text("message") })
    }
}
