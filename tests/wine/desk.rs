//! An operator's PC: MicroSIP, a backend, tabs.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use e2e::{Backend, Browser, Tab};
use tempfile::TempDir;
use testkit::Wine;
use testkit::standin::{Setup, StandIn, State};
use tokio::sync::{RwLock, RwLockReadGuard};

/// In every path: as users are called.
pub const USER: &str = "Иван О'Петров & Ко ";

/// All programs are on one desktop: whoever looks for any MicroSIP has it alone, all others share it.
pub static DESKTOP: RwLock<()> = RwLock::const_new(());

/// All of it; ended when it is dropped.
pub struct Desk {
    pub phone: StandIn,
    pub backend: Backend,
    pub tabs: Vec<Tab>,
    _browser: Option<Browser>,
    _programs: TempDir,
    _desktop: RwLockReadGuard<'static, ()>,
}

impl Desk {
    /// One with so many tabs on the backend's own page.
    pub async fn with(tabs: usize) -> Result<Self> {
        Self::of(tabs, |setup| setup).await
    }

    /// One whose MicroSIP has changed settings.
    pub async fn of(tabs: usize, change: impl FnOnce(Setup) -> Setup) -> Result<Self> {
        Self::with_options(tabs, change, &[]).await
    }

    /// One whose backend has further options.
    pub async fn with_options(tabs: usize, change: impl FnOnce(Setup) -> Setup, more: &[&str]) -> Result<Self> {
        let desktop = DESKTOP.read().await;
        let wine = Wine::from_environment()?;
        let (programs, exe) = backend(&wine)?;
        let data_dir = TempDir::with_prefix(USER)?;
        let setup = change(Setup::with_backend(&Wine::path(&exe), &Wine::path(data_dir.path())));
        let mut phone = StandIn::install_for_windows(&wine, &setup, TempDir::with_prefix(USER)?)?;
        phone.launch().await?;
        let microsip = Wine::path(phone.exe());
        let options: [OsString; 4] = ["--engine".into(), "microsip".into(), "--microsip".into(), microsip.into()];
        let options = options.into_iter().chain(more.iter().map(OsString::from));
        let backend = Backend::for_windows(&wine, &exe, data_dir, options).await?;
        let browser = if tabs > 0 { Some(Browser::start().await?) } else { None };
        let mut open = Vec::new();
        for _ in 0..tabs {
            open.extend(match &browser {
                Some(browser) => Some(browser.open(&backend.url()).await?),
                None => None,
            });
            open.last().unwrap().wait_attribute("data-phone", Some("available")).await?;
        }
        Ok(Self { phone, backend, tabs: open, _browser: browser, _programs: programs, _desktop: desktop })
    }

    /// The commands that MicroSIP got, and whether none of them was brought by a process.
    pub async fn commands(&self) -> Result<(Vec<String>, bool)> {
        let State { commands, .. } = self.phone.state().await?;
        let posted = commands.iter().all(|command| command.posted);
        Ok((commands.into_iter().map(|command| command.raw).collect(), posted))
    }
}

/// The backend for Windows, in a directory of its own.
pub fn backend(wine: &Wine) -> Result<(TempDir, PathBuf)> {
    let built = wine.built("backend")?;
    let dir = TempDir::with_prefix(USER)?;
    let exe = dir.path().join("backend.exe");
    std::fs::copy(built, &exe)?;
    Ok((dir, exe))
}
