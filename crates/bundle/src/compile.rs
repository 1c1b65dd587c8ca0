//! Runs cargo for wasm32, from within another cargo as if from a fresh shell.

use std::env;
use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::Options;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm";

/// What cargo sets for the package being built, or takes from its caller for the host's code alone.
const OUTER_PREFIXES: [&str; 6] =
    ["CARGO_PKG_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_MANIFEST_", "CARGO_BUILD_", "DEP_"];
/// `RUSTC_WORKSPACE_WRAPPER` and `CLIPPY_ARGS` are those of clippy: with them the result would be checked but not built.
const OUTER_NAMES: [&str; 17] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "TARGET",
    "__CARGO_DEFAULT_LIB_METADATA",
];

/// The compiled modules, before wasm-bindgen.
pub(crate) struct Wasm {
    pub(crate) worker: PathBuf,
    pub(crate) widget: PathBuf,
}

/// The sources do not compile; the compiler has said why on standard error.
#[derive(Debug)]
pub(crate) struct Refused;

impl Display for Refused {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the worker and the widget do not build for {TARGET}, see the compiler's messages")
    }
}

impl Error for Refused {}

pub(crate) fn wasm(options: &Options) -> Result<Wasm> {
    if !target_installed() {
        bail!("the {TARGET} target is missing: run `cargo xtask run` once, which gets it");
    }
    let dir = options.target_dir.join(TARGET).join(PROFILE);
    let module = |package: &str| compile(options, package).map(|()| dir.join(format!("{package}.wasm")));
    Ok(Wasm { worker: module("worker")?, widget: module("widget")? })
}

/// Compiles one package as a cdylib and nothing else: beside an rlib there would be no link-time optimization.
fn compile(options: &Options, package: &str) -> Result<()> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["rustc", "--package", package, "--lib", "--crate-type", "cdylib"]);
    cargo.args(["--target", TARGET, "--profile", PROFILE, "--locked", "--target-dir"]).arg(&options.target_dir);
    if options.names {
        cargo.env("CARGO_PROFILE_WASM_STRIP", "none");
    }
    if options.next {
        cargo.args(["--features", "next"]);
    }
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_outer_build)) {
        cargo.env_remove(name);
    }
    let status = cargo.current_dir(&options.workspace_root).status().context("cargo cannot be started")?;
    if !status.success() {
        return Err(Refused.into());
    }
    Ok(())
}

fn of_outer_build(variable: &str) -> bool {
    OUTER_NAMES.contains(&variable) || OUTER_PREFIXES.iter().any(|prefix| variable.starts_with(prefix))
}

/// Asks the compiler where the target's libraries would be, and looks whether std is among them.
fn target_installed() -> bool {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let Ok(output) = rustc.args(["--print", "target-libdir", "--target", TARGET]).output() else { return false };
    let text = String::from_utf8_lossy(&output.stdout);
    let Ok(files) = Path::new(text.trim()).read_dir() else { return false };
    files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
}

#[cfg(test)]
mod tests {
    use super::of_outer_build;

    #[test]
    fn what_belongs_to_the_outer_build_is_dropped_and_the_users_settings_stay() {
        for variable in [
            "CARGO_PKG_NAME",
            "RUSTFLAGS",
            "RUSTC_WORKSPACE_WRAPPER",
            "CARGO_CFG_UNIX",
            "OUT_DIR",
            "CARGO_BUILD_TARGET",
        ] {
            assert!(of_outer_build(variable), "{variable}");
        }
        for variable in
            ["PATH", "CARGO_HOME", "RUSTUP_TOOLCHAIN", "CARGO_NET_OFFLINE", "CARGO_MAKEFLAGS", "RUSTC_WRAPPER"]
        {
            assert!(!of_outer_build(variable), "{variable}");
        }
    }
}
