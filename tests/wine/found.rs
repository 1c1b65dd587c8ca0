//! A backend that is told nothing finds MicroSIP by itself.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use e2e::{Backend, until};
use serde_json::json;
use tempfile::TempDir;
use testkit::Wine;
use testkit::standin::{Setup, StandIn};

use super::desk::{DESKTOP, USER, backend};

#[tokio::test]
async fn by_its_window_wherever_it_runs_from() -> Result<()> {
    let _alone = DESKTOP.write().await;
    let mut pc = Pc::new()?;
    pc.phone.launch().await?;
    pc.drives_it().await
}

#[tokio::test]
async fn by_what_its_installer_has_left_in_the_registry() -> Result<()> {
    let _alone = DESKTOP.write().await;
    let uninstall = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\MicroSIP";
    let app_paths = r"HKCU\Software\Microsoft\Windows\CurrentVersion\App Paths\microsip.exe";
    for (key, name, file) in [(uninstall, "/v:UninstallString", "Uninstall.exe"), (app_paths, "/ve", "microsip.exe")] {
        let mut pc = Pc::new()?;
        let path = Wine::path(&pc.phone.exe().with_file_name(file));
        // `/v` and its name are two words.
        let mut words = vec!["add", key];
        words.extend(name.splitn(2, ':'));
        let quoted = format!("\"{}\"", path.display());
        words.extend(["/d", &quoted, "/f"]);
        pc.registry(&words)?;
        let driven = async {
            pc.backend().await?; // it starts, which it does not without a MicroSIP
            pc.phone.launch().await?;
            pc.drives_it().await
        };
        let driven = driven.await;
        pc.registry(&["delete", key, "/f"])?;
        driven.with_context(|| key.to_owned())?;
    }
    Ok(())
}

struct Pc {
    wine: Wine,
    phone: StandIn,
}

impl Pc {
    fn new() -> Result<Self> {
        let wine = Wine::from_environment()?;
        let phone = StandIn::install_for_windows(&wine, &Setup::default(), TempDir::with_prefix(USER)?)?;
        Ok(Self { wine, phone })
    }

    async fn backend(&self) -> Result<(Backend, TempDir)> {
        let (programs, exe) = backend(&self.wine)?;
        let data_dir = TempDir::with_prefix(USER)?;
        Ok((Backend::for_windows(&self.wine, &exe, data_dir, ["--engine", "microsip"]).await?, programs))
    }

    /// A number that is dialled at a new backend is dialled by this phone. No hook says so: the answer is not waited for.
    async fn drives_it(&self) -> Result<()> {
        let (backend, _programs) = self.backend().await?;
        let available = || async { Ok((backend.state().await?["phone_status"] == "available").then_some(())) };
        until("the phone is available", available).await?;
        let dial = backend.post(protocol::wire::rest::DIAL, json!({ "phone": "205" }));
        let dialled = self.phone.until(|state| state.raw_commands() == ["205"]);
        let (_, dialled) = tokio::join!(dial, dialled);
        dialled.map(drop)
    }

    fn registry(&self, words: &[&str]) -> Result<()> {
        let mut reg = self.wine.command(Path::new("reg"));
        ensure!(reg.args(words).output()?.status.success(), "reg {words:?} failed");
        Ok(())
    }
}
