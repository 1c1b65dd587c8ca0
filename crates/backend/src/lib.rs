//! The backend as a library: [`router`] and what it serves.
//!
//! One operator's phone is a [`desk::Desk`]; an [`engine::Engine`] drives it. Nothing here takes a desk for the only one:
//! the process that `main` starts happens to have one.

// A test may stop at what it did not expect.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod assets;
pub mod autostart;
pub mod background;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod desk;
pub mod engine;
pub mod error;
pub mod guard;
mod handles;
pub mod history;
pub mod hook;
pub mod idempotency;
pub mod ids;
pub mod journal;
pub mod limits;
pub mod logging;
pub mod metrics;
pub mod origin;
mod routes;
pub mod serve;
pub mod store;
pub mod token;
pub mod workers;

/// Parsers of what comes from outside, for those who feed them noise: no part of the library's interface.
#[doc(hidden)]
pub mod parsers {
    pub use crate::engine::microsip::setup::{Hooks, Ini, Key, connect, disconnect, keys};
    pub use crate::engine::microsip::{HookEvent, calls_listed_in, single_mode_in};
    pub use crate::hook::number as number_of_arguments;
    pub use crate::routes::{Incoming, read_body, read_hook};
}

pub use routes::{App, Served, hook_routes, paths, router, simulator_routes};
