//! The standard library for another target than this machine's: by rustup, or else built from the distribution's sources of the same version.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::rust_src;
use super::target::{installed, lib_dir, sysroot};
use crate::cmd;

/// rustup retries for many minutes where its server is out of reach; a download takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// Where nothing else could give the target, a slow line is waited for.
const PATIENCE_WITHOUT_A_SECOND_WAY: Duration = Duration::from_secs(900);

pub(crate) fn find(target: &str) -> Result<bool> {
    Ok(installed(&sysroot()?, target))
}

pub(crate) fn install(target: &str) -> Result<()> {
    let sysroot = sysroot()?;
    let second_way = rust_src::possible();
    let patience = if second_way { PATIENCE } else { PATIENCE_WITHOUT_A_SECOND_WAY };
    let by_rustup = cmd::run_within(Command::new("rustup").args(["target", "add", target]), patience);
    if installed(&sysroot, target) {
        return Ok(());
    }
    match by_rustup {
        Ok(()) => println!("    rustup installed it for another toolchain than the one in use"),
        Err(error) => println!("    {error:#}"),
    }
    if !second_way {
        bail!(
            "the {target} target is missing, and rustup did not get it: run `rustup target add {target}` where its server can be reached"
        );
    }
    println!("    building it from the distribution's Rust sources instead");
    rust_src::build_std(&sysroot, target)?;
    if !installed(&sysroot, target) {
        bail!(
            "the standard library for {target} was built, but is not found in {}",
            lib_dir(&sysroot, target).display()
        );
    }
    Ok(())
}
