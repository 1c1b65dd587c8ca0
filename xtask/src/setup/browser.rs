//! Chromium and chromedriver, which only tests need: found, or installed where the distribution has them.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::apt;

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &str = "chromedriver";
/// Besides the two: a font with Cyrillic, without which Russian labels are boxes on screenshots.
const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];

/// The two programs that tests start.
pub(crate) struct Browser {
    pub(crate) chrome: PathBuf,
    pub(crate) driver: PathBuf,
}

pub(crate) fn install() -> Result<Browser> {
    apt::install(&PACKAGES).with_context(advice)?;
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

/// Where a shell would find this program.
pub(super) fn on_path(program: &str) -> Option<PathBuf> {
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
