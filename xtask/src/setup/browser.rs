//! Chromium and chromedriver, which only tests need: found, or installed where the distribution has them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cmd;

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &str = "chromedriver";
/// Besides the two: a font with Cyrillic, without which Russian labels are boxes on screenshots.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];
/// A hundred megabytes on a slow line, and another apt that may be at work first.
const PATIENCE: Duration = Duration::from_secs(1200);

/// The two programs that tests start.
pub(crate) struct Browser {
    pub(crate) chrome: PathBuf,
    pub(crate) driver: PathBuf,
}

pub(crate) fn install() -> Result<Browser> {
    by_apt()?;
    find().with_context(advice)
}

/// `CHROMIUM` and `CHROMEDRIVER` win over what is found.
pub(crate) fn find() -> Option<Browser> {
    let chrome = named("CHROMIUM").or_else(|| BROWSERS.iter().find_map(|name| on_path(name))).or_else(usual_place)?;
    let driver = named("CHROMEDRIVER").or_else(|| on_path(DRIVER))?;
    Some(Browser { chrome, driver })
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}

/// Where an installer puts Chrome without adding it to PATH.
fn usual_place() -> Option<PathBuf> {
    let below =
        |variable: &str| env::var_os(variable).map(|dir| Path::new(&dir).join("Google/Chrome/Application/chrome.exe"));
    let windows = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"].into_iter().filter_map(below);
    let mac = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    windows.chain([mac]).find(|path| path.is_file())
}

fn by_apt() -> Result<()> {
    let Some(prefix) = installer() else { bail!(advice()) };
    let apt = |words: &[&str]| {
        let mut command = Command::new(prefix.first().copied().unwrap_or("apt-get"));
        command.args(prefix.iter().skip(1)).args(["-q", "-o", "DPkg::Lock::Timeout=120"]).args(words);
        cmd::run_within(command.env("DEBIAN_FRONTEND", "noninteractive"), PATIENCE)
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"][..], &PACKAGES].concat()).with_context(advice)
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

fn advice() -> String {
    let how = if cfg!(target_os = "linux") {
        "on Debian: `apt-get install chromium chromium-driver` as root"
    } else {
        "Chrome, and the chromedriver of its version"
    };
    format!(
        "the tests need Chromium and chromedriver: install them ({how}) and put them on PATH, or name them in CHROMIUM and CHROMEDRIVER"
    )
}
