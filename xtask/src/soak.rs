//! `cargo xtask soak`: tabs, calls and faults at random; the program itself is of the crate `e2e`.

use anyhow::{Result, ensure};

use crate::{checks, cmd};

pub(crate) fn soak(words: &[&str]) -> Result<()> {
    ensure!(!words.is_empty(), "say for how long: cargo xtask soak --minutes N [--seed S]");
    let mut soak = checks::e2e_program("soak")?;
    cmd::run(soak.args(words))
}
