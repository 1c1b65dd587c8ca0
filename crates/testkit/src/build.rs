//! Finds an executable of this workspace for a test of any crate, always the one that belongs to the sources.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};

/// The executable `bin` of `package`, in the target directory that the running test came from. It is built once in
/// each test process, so that a test never runs against an old one.
///
/// # Errors
/// It does not build.
pub fn built(package: &str, bin: &str) -> Result<PathBuf> {
    static BUILT: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let built = built.get_or_insert_default();
    if let Some(exe) = built.get(bin) {
        return Ok(exe.clone());
    }
    let profile = profile()?;
    let target = profile.parent().context("the target directory has no parent")?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", package, "--bin", bin]).current_dir(workspace);
    cargo.arg("--target-dir").arg(target);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    ensure!(cargo.status()?.success(), "{bin} does not build: run `cargo build -p {package}`");
    let exe = profile.join(format!("{bin}{}", std::env::consts::EXE_SUFFIX));
    built.insert(bin.to_owned(), exe.clone());
    Ok(exe)
}

/// The executable `bin` of the build that stands for a later release, which `cargo xtask programs` puts beside the others, and with it `cargo xtask test`.
///
/// # Errors
/// It is not there.
pub fn built_next(bin: &str) -> Result<PathBuf> {
    let profile = profile()?;
    let target = profile.parent().context("the target directory has no parent")?;
    let exe = target.join("next").join(format!("{bin}{}", std::env::consts::EXE_SUFFIX));
    ensure!(exe.is_file(), "{} is missing: run `cargo xtask programs`", exe.display());
    Ok(exe)
}

/// `<target>/<profile>`, from which the running test or program came.
fn profile() -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    // <target>/<profile>/deps/<test>, or <target>/<profile>/<program>
    let profile = exe.ancestors().find(|dir| dir.join("deps").is_dir());
    profile.map(Path::to_path_buf).context("the test does not run from a target directory")
}
