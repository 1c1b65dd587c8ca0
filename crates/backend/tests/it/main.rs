//! The backend as its clients see it: through the router, over a socket, and as a process.

// A test may stop at what it did not expect.
#![allow(clippy::unwrap_used)]

mod assets;
#[cfg(unix)]
mod autostart;
mod commands;
mod config;
mod connections;
mod desk;
mod desk_properties;
mod disk;
mod events;
mod guard;
mod history;
mod idempotency;
mod kill;
mod limits;
mod openapi;
mod overload;
mod process;
mod reliability;
mod simulator;
mod support;
