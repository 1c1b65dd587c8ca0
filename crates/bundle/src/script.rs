//! The whole of the backend's build script.

use std::env;
use std::path::{Path, PathBuf};
use std::process::exit;

use anyhow::{Context, Result};

use crate::compile::Refused;
use crate::{Options, build};

/// What the bundle is made of, relative to the workspace's root: a change in any of these makes it stale.
const INPUTS: [&str; 10] = [
    ".cargo/config.toml",
    "Cargo.toml",
    "Cargo.lock",
    "crates/protocol/Cargo.toml",
    "crates/protocol/src",
    "crates/worker/Cargo.toml",
    "crates/worker/src",
    "crates/widget/Cargo.toml",
    "crates/widget/src",
    "www",
];

/// The paths that a build script has to watch.
pub fn inputs(workspace_root: &Path) -> Vec<PathBuf> {
    INPUTS.iter().map(|input| workspace_root.join(input)).filter(|path| path.exists()).collect()
}

/// Builds the bundle into `OUT_DIR`, to be included from `assets.rs`; ends the build with one line where that cannot be done.
pub fn for_build_script() {
    let Err(error) = embed() else { return };
    // cargo fails the build for this line alone, and then shows nothing else that the script wrote.
    println!("cargo::error={error:#}");
    if error.is::<Refused>() {
        // With the exit code, it shows the nested compiler's words too.
        exit(1);
    }
}

fn embed() -> Result<()> {
    let variable =
        |name: &str| env::var_os(name).map(PathBuf::from).with_context(|| format!("cargo did not set {name}"));
    let package = variable("CARGO_MANIFEST_DIR")?;
    let workspace_root = package.ancestors().nth(2).context("the package is not below crates/")?.to_path_buf();
    let out_dir = variable("OUT_DIR")?;
    let target_dir = target_dir(&out_dir).join("bundle");
    let watched = inputs(&workspace_root);
    let next = env::var_os("CARGO_FEATURE_NEXT").is_some();
    build(&Options { workspace_root, target_dir, next, served: true, names: false })?.write_embedded(&out_dir)?;
    // Last: a script that failed is run again anyway.
    watched.iter().for_each(|input| println!("cargo::rerun-if-changed={}", input.display()));
    Ok(())
}

/// The outer target directory, shared by all profiles and targets; cargo marks it for backup programs, and below it that of
/// each target: `<target>[/<triple>]/<profile>/build/<package>/out`.
fn target_dir(out_dir: &Path) -> &Path {
    let marked = out_dir.ancestors().take(6).filter(|dir| dir.join("CACHEDIR.TAG").is_file()).last();
    // Without the mark: below <target>/<profile>/build/<package>/out.
    marked.or_else(|| out_dir.ancestors().nth(4)).unwrap_or(out_dir)
}
