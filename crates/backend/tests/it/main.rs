//! The backend as its clients see it: through the router, over a socket, and as a process.

// A test may stop at what it did not expect.
#![allow(clippy::unwrap_used)]

mod assets;
mod commands;
mod config;
mod desk;
mod disk;
mod events;
mod guard;
mod history;
mod kill;
mod openapi;
mod process;
mod simulator;
mod support;
