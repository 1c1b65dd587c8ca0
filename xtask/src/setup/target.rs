//! A target's standard library: what it is called, and where it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cmd;

/// What worker and widget are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The backend for Windows; linked by mingw's gcc.
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// Where the compiler looks for the target's libraries.
pub(crate) fn lib_dir(sysroot: &Path, target: &str) -> PathBuf {
    sysroot.join("lib").join("rustlib").join(target).join("lib")
}

/// The toolchain in use.
pub(crate) fn sysroot() -> Result<PathBuf> {
    cmd::read(Command::new("rustc").args(["--print", "sysroot"])).map(PathBuf::from)
}

/// Whether it is there.
pub(crate) fn installed(sysroot: &Path, target: &str) -> bool {
    let Ok(files) = fs::read_dir(lib_dir(sysroot, target)) else { return false };
    files.flatten().any(|file| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}
