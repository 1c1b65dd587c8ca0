//! The rules of the phone, shared by backend, worker and widget.
//!
//! Nothing here performs I/O, reads a clock, or knows a browser or an async runtime: everything is a value or a
//! function of its arguments, and builds for the host and for wasm32 alike. Names and shapes are those of the
//! product contract; PROTOCOL.md shows them with examples.

mod book;
mod call;
mod dtmf;
mod ids;
mod order;
mod phone_number;
pub mod roles;
mod state;
pub mod view;
pub mod wire;

pub use book::Book;
pub use call::{Call, CallState, Direction, EndReason, UnixSeconds};
pub use dtmf::{DtmfDigits, InvalidDtmf};
pub use ids::{CallId, EventId, InvalidEventId};
pub use phone_number::{InvalidPhoneNumber, PhoneNumber};
pub use state::{Capabilities, Capability, ConnectionStatus, GlobalState, OperatorStatus, PhoneStatus};

/// Version of the messages between tab and worker, sent in `INIT_PORT`.
pub const PROTOCOL_VERSION: u32 = if cfg!(feature = "next") { 2 } else { 1 };

/// The oldest version that a worker of this build still understands.
pub const OLDEST_PROTOCOL: u32 = 1;

/// Longest time between two events of an open SSE stream, in milliseconds: the backend promises a `heartbeat` by then.
pub const HEARTBEAT_MS: u64 = 15_000;
