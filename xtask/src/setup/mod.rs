//! `cargo xtask setup`: gets what is missing on this machine. What is there already is left alone.

mod apt;
mod browser;
mod npm;
mod rust_src;
mod std_target;
mod target;
mod windows;
mod wine;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;

pub(crate) use browser::Browser;
pub(crate) use npm::NPM;
pub(crate) use target::{TARGET, WINDOWS};
pub(crate) use windows::MINGW_PREFIX;
pub(crate) use wine::Wine;

use crate::cmd;

/// The compiler's target for worker and widget; the build needs nothing else beyond Rust.
pub(crate) fn wasm_target() -> Result<()> {
    match std_target::find(TARGET)? {
        true => there("wasm32 target"),
        false => timed("wasm32 target", || std_target::install(TARGET))?,
    }
    Ok(())
}

/// What the backend for Windows is built with: the compiler's target, and a linker.
pub(crate) fn windows_target() -> Result<()> {
    match std_target::find(WINDOWS)? {
        true => there("Windows target"),
        false => timed("Windows target", || std_target::install(WINDOWS))?,
    }
    match windows::find() {
        true => there("linker for Windows"),
        false => timed("linker for Windows", windows::install)?,
    }
    Ok(())
}

/// Wine, with a Windows of its own below the target directory; only tests need it.
pub(crate) fn wine() -> Result<Wine> {
    match wine::find()? {
        Some(wine) => {
            there("Wine for the tests");
            Ok(wine)
        }
        None => timed("Wine for the tests", wine::install),
    }
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

fn timed<T>(what: &str, install: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    println!("==> {what}: missing");
    let installed = install()?;
    println!("    {what}: installed ({})", cmd::took(started));
    Ok(installed)
}
