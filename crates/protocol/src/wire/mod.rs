//! Everything that crosses a wire: SSE events, port messages, REST bodies. JSON shapes as in PROTOCOL.md.

pub mod command;
pub mod error;
pub mod event;
pub mod fields;
pub mod json;
pub mod port;
pub mod rest;

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A message whose name is unknown or whose fields are missing or wrong; the text names the field and is safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ShapeError(String);

impl ShapeError {
    /// An error with this explanation.
    pub fn new(explanation: impl fmt::Display) -> Self {
        Self(explanation.to_string())
    }

    /// The explanation.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Reads one payload by serde, in whatever format it is.
fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(payload: D) -> Result<T, ShapeError> {
    T::deserialize(payload).map_err(ShapeError::new)
}
