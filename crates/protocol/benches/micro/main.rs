//! What the rules cost on the host: the reducer, and the wire. `cargo bench -p protocol --bench micro`
#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, reason = "made by a macro")]

mod book;
mod sample;
mod wire;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, book::life, book::snapshot, book::state, wire::read, wire::write);
criterion_main!(benches);
