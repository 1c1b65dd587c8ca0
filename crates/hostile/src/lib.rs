//! What must hold of each parser of outside input, whatever comes in: one function for each, which panics where it does not.
//!
//! `fuzz/` feeds them what a fuzzer makes up, the tests here every file of the seed corpora. So what a fuzzer has once found
//! stays mended.

// A broken promise is shown by a panic: that is what this crate is for.
#![allow(clippy::unwrap_used, reason = "no part of what ships")]

mod arguments;
mod bodies;
mod hooks;
mod ini;
mod numbers;
mod ports;
mod settings;
// The tests of protocol read with it too.
#[path = "../../protocol/tests/it/source.rs"]
mod source;
mod sse;
mod stand;

/// One parser, and what is fed to it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: that of the fuzz target and of its corpus.
    pub name: &'static str,
    /// Feeds it this input.
    pub feed: fn(&[u8]),
}

/// Every parser.
pub const TARGETS: [Target; 8] = [
    Target { name: "phone_number", feed: phone_number },
    Target { name: "sse_text", feed: sse_text },
    Target { name: "port_messages", feed: port_messages },
    Target { name: "rest_bodies", feed: rest_bodies },
    Target { name: "hook_arguments", feed: hook_arguments },
    Target { name: "microsip_ini", feed: microsip_ini },
    Target { name: "microsip_hooks", feed: microsip_hooks },
    Target { name: "settings", feed: settings },
];

pub use arguments::hook_arguments;
pub use bodies::rest_bodies;
pub use hooks::microsip_hooks;
pub use ini::microsip_ini;
pub use numbers::phone_number;
pub use ports::port_messages;
pub use settings::settings;
pub use sse::sse_text;
