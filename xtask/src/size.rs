//! `cargo xtask size`: what a cold tab loads, and what it is made of. The work is done by `crates/size`.

use std::process::Command;

use anyhow::Result;

use crate::bundle::target_dir;
use crate::{cmd, setup};

pub(crate) fn size(words: &[&str]) -> Result<()> {
    cmd::run(program()?.args(words))
}

/// The budgets alone.
pub(crate) fn check() -> Result<Option<usize>> {
    cmd::run(program()?.arg("--check")).map(|()| None)
}

fn program() -> Result<Command> {
    setup::wasm_target()?;
    let mut cargo = cmd::cargo();
    cargo.current_dir(cmd::root());
    cargo.args(["run", "--quiet", "--package", "size", "--", "--target-dir"]).arg(target_dir()?);
    Ok(cargo)
}
