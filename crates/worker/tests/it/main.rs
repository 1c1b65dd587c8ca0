//! Tests of the worker's rules, on the host: no browser, no clock, no network.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod backend;
mod bench;
mod commands;
mod connection;
mod lossy;
mod pair;
mod ports;
mod roles;
mod updates;
