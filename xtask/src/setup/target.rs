//! The target's standard library: what it is called, and where it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cmd;

/// What worker and widget are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Where the compiler looks for the target's libraries.
pub(crate) fn lib_dir(sysroot: &Path) -> PathBuf {
    sysroot.join("lib").join("rustlib").join(TARGET).join("lib")
}

/// The toolchain in use.
pub(crate) fn sysroot() -> Result<PathBuf> {
    cmd::read(Command::new("rustc").args(["--print", "sysroot"])).map(PathBuf::from)
}

/// Whether it is there.
pub(crate) fn installed(sysroot: &Path) -> bool {
    let Ok(files) = fs::read_dir(lib_dir(sysroot)) else { return false };
    files.flatten().any(|file| {
        let name = file.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}
