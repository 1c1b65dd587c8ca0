//! `cargo xtask setup`: gets what is missing on this machine. What is there already is left alone.

mod apt;
mod browser;
mod npm;
mod rust_src;
mod target;
mod wasm_target;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;

pub(crate) use browser::Browser;
pub(crate) use npm::NPM;
pub(crate) use target::TARGET;

use crate::cmd;

/// The compiler's target for worker and widget; the build needs nothing else beyond Rust.
pub(crate) fn wasm_target() -> Result<()> {
    match wasm_target::find()? {
        true => there("wasm32 target"),
        false => timed("wasm32 target", wasm_target::install)?,
    }
    Ok(())
}

/// Chromium and its driver; only tests need them.
pub(crate) fn browser() -> Result<Browser> {
    match browser::find() {
        Some(browser) => {
            there("Chromium for the tests");
            Ok(browser)
        }
        None => timed("Chromium for the tests", browser::install),
    }
}

/// The directory of the npm packages that end-to-end tests load into pages.
pub(crate) fn npm_packages() -> Result<PathBuf> {
    match npm::find()? {
        Some(dir) => {
            there("npm packages for the tests");
            Ok(dir)
        }
        None => timed("npm packages for the tests", npm::install),
    }
}

fn there(what: &str) {
    println!("    {what}: there");
}

fn timed<T>(what: &str, install: fn() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    println!("==> {what}: missing");
    let installed = install()?;
    println!("    {what}: installed ({})", cmd::took(started));
    Ok(installed)
}
