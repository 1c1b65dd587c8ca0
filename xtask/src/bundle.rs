//! `cargo xtask bundle`: the served files as plain files, for `trunk serve` or a look at them.

use std::env;
use std::path::{Path, PathBuf, absolute};

use anyhow::{Context, Result};

use crate::cmd;

/// Trunk's hook names the place by an environment variable.
const OF_TRUNK: &str = "TRUNK_STAGING_DIR";

pub(crate) fn bundle(out: Option<&str>) -> Result<()> {
    let out = out.map(PathBuf::from).or_else(|| env::var_os(OF_TRUNK).map(PathBuf::from));
    let out = absolute(out.context("say where the files shall go: `cargo xtask bundle --out DIR`")?)?;
    // The same directory as the backend's build script: what one has built, the other need not.
    let target_dir = target_dir()?.join("bundle");
    let mut cargo = cmd::cargo();
    cargo.args(["run", "--quiet", "--package", "bundle", "--", "--out"]).arg(out).arg("--target-dir").arg(target_dir);
    cmd::run(&mut cargo)
}

/// Where cargo has put xtask itself: `<target>/debug/xtask`.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let xtask = env::current_exe()?;
    xtask
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("xtask is not in a target directory: start it as `cargo xtask`")
}
