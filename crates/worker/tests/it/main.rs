//! Tests of the worker's rules, on the host: no browser, no clock, no network.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod backend;
mod bench;
mod connection;
mod pair;
mod ports;
