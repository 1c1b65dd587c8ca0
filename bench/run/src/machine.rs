//! On what was measured, and when.

use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use e2e::Browser;
use serde_json::json;

/// Above this, somebody else is at work.
const BUSY: f64 = 0.7;

/// The machine, on this day.
pub struct Machine {
    chromium: String,
    cores: usize,
    date: String,
    load: f64,
}

impl Machine {
    /// # Errors
    /// There is no browser.
    pub async fn look() -> Result<Self> {
        // Before the browser starts, which is work too.
        let load = std::fs::read_to_string("/proc/loadavg").context("only Linux tells what processes use")?;
        let load = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default();
        let browser = Browser::start().await?;
        let version = browser.devtools().await?.call(None, "Browser.getVersion", json!({})).await?;
        // "HeadlessChrome/156.0.8078.79"
        let chromium = version["product"].as_str().and_then(|it| it.split('/').nth(1)).unwrap_or("?").to_owned();
        let date = Command::new("date").arg("+%Y-%m-%d").output().context("`date` does not start")?;
        Ok(Self {
            chromium,
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            date: String::from_utf8_lossy(&date.stdout).trim().to_owned(),
            load,
        })
    }

    /// Says so where the figures will be of somebody else's work too.
    pub fn warn_if_busy(&self) {
        if self.load > BUSY {
            eprintln!("this machine is busy (load {}): end what else runs on it, or the figures say little", self.load);
        }
    }
}

impl Display for Machine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { chromium, cores, date, load } = self;
        write!(f, "{date}, Chromium {chromium}, {cores} cores, load {load} before the run")
    }
}

/// Milliseconds since 1970, as pages have them.
pub fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// The workspace's directory. As `cargo run` says it, since a checkout may have moved after this was built.
///
/// # Errors
/// The package is not where it belongs.
pub fn workspace_root() -> Result<PathBuf> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Ok(Path::new(&package).ancestors().nth(2).context("the package is not bench/run")?.to_path_buf())
}
