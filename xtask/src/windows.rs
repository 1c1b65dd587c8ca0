//! Programs for Windows, built on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bundle::target_dir;
use crate::cmd;
use crate::setup::WINDOWS;

/// Without what only a debugger reads: it is most of such a program, and nobody runs one under Wine.
const TEST_FLAGS: &str = "-Cdebuginfo=0 -Cstrip=debuginfo";

/// The programs that tests start; gives their directory.
pub(crate) fn build_for_tests() -> Result<PathBuf> {
    let mut cargo = cargo();
    cargo.args(["build", "--package", "backend", "--package", "testkit", "--bins", "--target", WINDOWS]);
    cmd::run(cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS", TEST_FLAGS))?;
    Ok(target_dir()?.join(WINDOWS).join("debug"))
}

/// Unpacks the archive for Windows; gives the program in it.
pub(crate) fn unpack(archives: &Path, to: &Path) -> Result<PathBuf> {
    let mut found = fs::read_dir(archives)?.flatten().map(|entry| entry.path());
    let zip = found.find(|path| path.extension().is_some_and(|extension| extension == "zip"));
    let zip = zip.context("there is no archive for Windows")?;
    let mut dist = cargo();
    dist.args(["run", "--quiet", "--package", "dist", "--", "--unpack"]).arg(&zip).arg("--to").arg(to);
    cmd::run(&mut dist)?;
    Ok(to.join(zip.file_stem().unwrap_or_default()).join("backend.exe"))
}

fn cargo() -> Command {
    let mut cargo = cmd::cargo();
    cargo.current_dir(cmd::root());
    cargo
}
