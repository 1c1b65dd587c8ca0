//! The SharedWorker hub: one SSE connection, one state, every tab of the browser.
//!
//! `hub`, `connection` and `tabs` hold every rule and touch nothing; the modules below them are shells, each for one effect.

pub mod backoff;
mod commands;
pub mod connection;
mod ending;
pub mod hub;
mod ids;
mod io;
mod outbox;
mod spare;
mod tabs;

#[cfg(target_arch = "wasm32")]
pub mod shell;

/// 2 kB smaller than the usual one on the line; see the widget's.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
