//! Debian's packages, where the system has apt and this user may install.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::cmd;

/// A hundred megabytes on a slow line, and another apt that may be at work first.
const PATIENCE: Duration = Duration::from_secs(1200);

/// Installs these packages, with what they need and nothing they only recommend.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let Some(prefix) = installer() else { bail!("this is no Debian, or this user may not install packages") };
    let apt = |words: &[&str]| {
        let mut command = Command::new(prefix.first().copied().unwrap_or("apt-get"));
        command.args(prefix.iter().skip(1)).args(["-q", "-o", "DPkg::Lock::Timeout=120"]).args(words);
        cmd::run_within(command.env("DEBIAN_FRONTEND", "noninteractive"), PATIENCE)
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"][..], packages].concat())
}

/// The words that start apt with the right to install, if this system has the packages under these names.
fn installer() -> Option<&'static [&'static str]> {
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !system.lines().any(|line| line == "ID=debian" || line == "ID_LIKE=debian") {
        return None;
    }
    let root = cmd::read(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    if root {
        return Some(&["apt-get"]);
    }
    // `-n`: never ask for a password in the middle of a test run.
    let sudo = Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    sudo.then_some(&["sudo", "-n", "apt-get"])
}
