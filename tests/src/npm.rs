//! Files of the npm packages that `cargo xtask setup` has fetched for the tests.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// A file of a package, by its path: `axe-core/axe.min.js`.
///
/// # Errors
/// It is not there.
pub fn npm_file(path: &str) -> Result<String> {
    let file = packages()?.join("node_modules").join(path);
    fs::read_to_string(&file).with_context(|| format!("{} can't be read: run `cargo xtask setup`", file.display()))
}

/// As `cargo xtask test` says, or else where it would have put them for this target directory.
fn packages() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("SIP_PHONE_NPM") {
        return Ok(named.into());
    }
    let test = std::env::current_exe()?;
    // <target>/<profile>/deps/<test>
    Ok(test.ancestors().nth(3).context("the test does not run from a target directory")?.join("npm"))
}
