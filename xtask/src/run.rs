//! `cargo xtask run`: from a fresh clone to a phone in the browser.

use anyhow::Result;

use crate::{cmd, setup};

pub(crate) fn run(backend_args: &[&str]) -> Result<()> {
    setup::wasm_target()?;
    println!("==> backend");
    println!("    the demo page is at the address it says it listens on: open that in Chrome; Ctrl-C ends it");
    let mut cargo = cmd::cargo();
    // By its manifest, not by a change of directory: paths in the arguments are the caller's.
    cargo
        .args(["run", "--package", "backend", "--bin", "backend", "--manifest-path"])
        .arg(cmd::root().join("Cargo.toml"));
    cmd::become_it(cargo.arg("--").args(backend_args))
}
