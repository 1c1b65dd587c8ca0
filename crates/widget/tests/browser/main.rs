//! The widget in a real browser, against a worker that the test plays on the other end of a `MessageChannel`.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)] // a test that can't go on has failed

mod commands;
mod focus;
mod language;
mod lifecycle;
mod notices;
mod page;
mod placement;
mod screens;
mod sound;
mod surface;
mod title;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
