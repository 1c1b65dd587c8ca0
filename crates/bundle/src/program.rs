//! What the programs around the bundle have in common.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

/// Performs, and says on standard error what went wrong.
pub fn main(perform: fn() -> Result<()>) -> ExitCode {
    match perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's directory, for a package in `crates`. As `cargo run` says it, since a checkout may have moved after this was
/// built.
///
/// # Errors
/// The package is not below `crates`.
pub fn workspace_root() -> Result<PathBuf> {
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Ok(Path::new(&package).ancestors().nth(2).context("the package is not below crates/")?.to_path_buf())
}

/// The word after this one on the command line.
///
/// # Errors
/// There is none.
pub fn option(name: &str) -> Result<Option<String>> {
    let mut words = env::args().skip_while(|word| word != name);
    match (words.next(), words.next()) {
        (None, _) => Ok(None),
        (_, Some(value)) => Ok(Some(value)),
        _ => bail!("{name} lacks its value"),
    }
}
