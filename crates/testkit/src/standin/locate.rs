//! Finds the stand-in's executable for a test of any crate, and builds it where it is missing or old.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::{Context, ensure};

/// The executable in the target directory that the running test came from.
pub(super) fn executable() -> anyhow::Result<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOUND.get_or_init(|| find().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

fn find() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    // <target>/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).context("the test does not run from a target directory")?;
    let exe = profile.join(format!("microsip-standin{}", std::env::consts::EXE_SUFFIX));
    if is_fresh(&exe) {
        return Ok(exe);
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--bin", "microsip-standin", "--manifest-path"]).arg(manifest);
    build.arg("--target-dir").arg(profile.parent().context("the target directory has no parent")?);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    let built = build.status().is_ok_and(|status| status.success());
    ensure!(built && exe.exists(), "no {}: run `cargo build -p testkit` with the tests' target directory", exe.display());
    Ok(exe)
}

/// Whether it is there and younger than all of this crate's sources.
fn is_fresh(exe: &Path) -> bool {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/standin");
    let changed = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let newest: Option<SystemTime> =
        std::fs::read_dir(sources).ok().and_then(|files| files.flatten().filter_map(|f| changed(&f.path())).max());
    matches!((changed(exe), newest), (Some(built), Some(newest)) if built > newest)
}
