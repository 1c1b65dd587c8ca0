//! Tests of the rules, on the host and (but for the generated ones) in the browser alike.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod coder;
#[cfg(not(target_arch = "wasm32"))]
mod document;
mod numbers;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
#[cfg(not(target_arch = "wasm32"))]
mod reference;
#[cfg(not(target_arch = "wasm32"))]
mod roles;
mod scenarios;
mod source;
mod views;
mod wire_json;
