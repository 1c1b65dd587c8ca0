//! The product as its users meet it: real tabs, a real backend, real sockets. Each test has its own of everything.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod a11y;
mod faults;
mod hosts;
mod keyboard;
mod microsip;
mod origins;
mod port_api;
mod primary;
mod public_page;
mod sound;
mod surface;
mod tabs;
