//! The steps that look at the code without running it.

use std::process::Command;

use anyhow::{Result, bail};

use super::suites::{WASM_CRATES, WASM_ONLY};
use crate::setup::TARGET;
use crate::{cmd, setup};

/// What would let protocol do I/O, read a clock or know a browser.
const IMPURE: [&str; 5] = ["web-sys", "js-sys", "wasm-bindgen", "tokio", "axum"];

pub(crate) fn fmt() -> Result<Option<usize>> {
    cmd::run(cargo().args(["fmt", "--all", "--check"]))?;
    cmd::run(cargo().args(["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"])).map(|()| None)
}

pub(crate) fn purity() -> Result<Option<usize>> {
    let mut tree = cargo();
    tree.args([
        "tree",
        "--package",
        "protocol",
        "--edges",
        "normal",
        "--target",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    println!("    $ {}", cmd::line(&tree));
    let listed = cmd::read(&mut tree)?;
    let found: Vec<_> =
        listed.lines().filter_map(|line| line.split(' ').next()).filter(|name| IMPURE.contains(name)).collect();
    if !found.is_empty() {
        bail!("protocol must stay pure, but depends on {}", found.join(", "));
    }
    Ok(None)
}

pub(crate) fn clippy() -> Result<Option<usize>> {
    // The backend's build script builds the wasm too.
    setup::wasm_target()?;
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--exclude", WASM_ONLY, "--", "-D", "warnings"]);
    cmd::run(&mut clippy).map(|()| None)
}

pub(crate) fn clippy_wasm() -> Result<Option<usize>> {
    setup::wasm_target()?;
    let mut clippy = cargo();
    clippy.arg("clippy").args(WASM_CRATES).args(["--all-targets", "--target", TARGET, "--", "-D", "warnings"]);
    cmd::run(&mut clippy).map(|()| None)
}

fn cargo() -> Command {
    let mut cargo = cmd::cargo();
    cargo.current_dir(cmd::root());
    cargo
}
