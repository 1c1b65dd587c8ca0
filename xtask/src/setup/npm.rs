//! The npm packages that end-to-end tests load into pages: an accessibility checker, and what intranet pages are made with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{apt, browser};
use crate::bundle::target_dir;
use crate::cmd;

/// Name and exact version. None of them is part of what ships.
const PACKAGES: [(&str, &str); 4] =
    [("axe-core", "4.14.1"), ("bootstrap", "5.3.8"), ("react", "18.3.1"), ("react-dom", "18.3.1")];
/// Ten megabytes; a registry that does not answer shall not hold up a test run for long.
const PATIENCE: Duration = Duration::from_secs(300);
/// The program's name.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The directory whose `node_modules` has them all, if they are there.
pub(crate) fn find() -> Result<Option<PathBuf>> {
    let dir = dir()?;
    Ok(PACKAGES.iter().all(|(name, version)| has(&dir, name, version)).then_some(dir))
}

/// Gets them, and npm itself where the distribution has it.
pub(crate) fn install() -> Result<PathBuf> {
    if browser::on_path("npm").is_none() && browser::on_path("npm.cmd").is_none() {
        println!("    npm: missing");
        apt::install(&["npm"]).context("the tests need npm: install Node.js with it, and put it on PATH")?;
    }
    let dir = dir()?;
    fs::create_dir_all(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let mut npm = Command::new(NPM);
    npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]);
    npm.args(["--no-update-notifier", "--loglevel=error"]);
    // Left to itself, npm waits minutes for a registry that is not there.
    npm.args(["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000", "--fetch-timeout=60000"]);
    npm.arg("--prefix").arg(&dir);
    npm.args(PACKAGES.map(|(name, version)| format!("{name}@{version}")));
    // Its own directory, where no other project's settings apply.
    cmd::run_within(npm.current_dir(&dir), PATIENCE)
        .context("the tests' npm packages could not be had from the registry that npm is set to")?;
    let Some(dir) = find()? else { bail!("npm left no complete set of packages in {}", dir.display()) };
    Ok(dir)
}

fn dir() -> Result<PathBuf> {
    Ok(target_dir()?.join("npm"))
}

/// Whether this very version is there, read from the package's own description.
fn has(dir: &Path, name: &str, version: &str) -> bool {
    let description = dir.join("node_modules").join(name).join("package.json");
    fs::read_to_string(description).is_ok_and(|text| states(&text, version))
}

fn states(description: &str, version: &str) -> bool {
    let written = description.split("\"version\"").nth(1).and_then(|rest| rest.split('"').nth(1));
    written == Some(version)
}

#[cfg(test)]
mod tests {
    use super::states;

    #[test]
    fn the_version_is_read_from_a_packages_description() {
        let description =
            r#"{ "name": "react", "license": "MIT", "version": "18.3.1", "engines": { "node": ">=0.10" } }"#;
        assert!(states(description, "18.3.1"));
        assert!(!states(description, "18.3.0") && !states(description, ">=0.10"));
        assert!(!states("", "18.3.1") && !states("\"version\"", "18.3.1"));
    }
}
