//! `backend.exe microsip connect` and `autostart` on Windows' side: files, processes and the registry as they are there.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context, Result, ensure};
use e2e::{Backend, until};
use tempfile::TempDir;
use testkit::Wine;
use testkit::standin::{Op, Setup, StandIn};

use super::desk::{DESKTOP, USER, backend};

const RUN: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";

/// A PC with MicroSIP, and the program beside it.
struct Pc {
    wine: Wine,
    phone: StandIn,
    exe: PathBuf,
    data_dir: TempDir,
    programs: TempDir,
}

impl Pc {
    fn new(setup: &Setup) -> Result<Self> {
        let wine = Wine::from_environment()?;
        let phone = StandIn::install_for_windows(&wine, setup, TempDir::with_prefix(USER)?)?;
        let (programs, exe) = backend(&wine)?;
        Ok(Self { wine, phone, exe, data_dir: TempDir::with_prefix(USER)?, programs })
    }

    /// What it says, whether it says it in vain or not.
    async fn run(&self, words: &[&str]) -> Result<(i32, String)> {
        let mut command = self.wine.command(&self.exe);
        command.arg("--microsip").arg(Wine::path(self.phone.exe()));
        command.arg("--data-dir").arg(Wine::path(self.data_dir.path())).args(words);
        // No pipe: whatever a program under Wine starts has its standard error too, as long as it runs.
        let errors = self.programs.path().join("errors");
        command.stderr(fs::File::create(&errors)?).stdout(Stdio::piped());
        let child = command.spawn()?;
        let Output { status, stdout, .. } = tokio::task::spawn_blocking(move || child.wait_with_output()).await??;
        let said = String::from_utf8_lossy(&stdout).into_owned() + &fs::read_to_string(errors)?;
        Ok((status.code().context("it was killed")?, said))
    }

    async fn succeeds(&self, words: &[&str]) -> Result<String> {
        let (code, said) = self.run(words).await?;
        ensure!(code == 0, "{words:?}: {code}: {said}");
        Ok(said)
    }
}

#[tokio::test]
async fn one_command_connects_microsip_and_one_brings_back_what_was() -> Result<()> {
    let _desktop = DESKTOP.read().await;
    let mut pc = Pc::new(&Setup::default().setting("cmdCallEnd", r#""C:\tools\pop up.exe" /end"#))?;
    let before = fs::read(pc.phone.ini_path())?;
    pc.phone.launch().await?;
    let (code, said) = pc.run(&["microsip", "status"]).await?;
    ensure!(code == 1 && said.contains("(runs)") && said.contains("Not connected"), "{said}");
    let said = pc.succeeds(&["microsip", "connect"]).await?;
    ensure!(said.contains("and runs again"), "{said}");
    pc.phone.connect().await?;
    let said = pc.succeeds(&["microsip", "status"]).await?;
    ensure!(said.contains("Connected"), "{said}");

    // What it has started rings through the hooks that it has written.
    let options: [OsString; 4] =
        ["--engine".into(), "microsip".into(), "--microsip".into(), Wine::path(pc.phone.exe()).into()];
    let data_dir = TempDir::with_prefix(USER)?;
    let data_dir = std::mem::replace(&mut pc.data_dir, data_dir);
    let backend = Backend::for_windows(&pc.wine, &pc.exe, data_dir, options).await?;
    pc.phone.ring("100").await?;
    let number = || async { Ok(backend.state().await?["active_call"]["number"].as_str().map(str::to_owned)) };
    ensure!(until("the call rings", number).await? == "100");
    pc.phone.play(Op::GiveUp { call: None }).await?;
    let idle = || async { Ok(backend.state().await?["active_call"].is_null().then_some(())) };
    until("the call ends", idle).await?;
    drop(backend);

    let said = pc.succeeds(&["microsip", "disconnect"]).await?;
    ensure!(said.contains("as they were before"), "{said}");
    pc.phone.connect().await?;
    ensure!(pc.phone.play(Op::Crash).await.is_err());
    let copy = format!("{}.before-sip-phone", pc.phone.ini_path().display());
    ensure!(fs::read(copy)? == before, "the copy is not the file from before");
    let ini = testkit::standin::Ini::read(&pc.phone.ini_path())?;
    ensure!(ini.value("Settings", "cmdCallEnd").as_deref() == Some(r#""C:\tools\pop up.exe" /end"#));
    ensure!(ini.value("Settings", "cmdCallRing").is_none());
    Ok(())
}

#[tokio::test]
async fn a_file_that_can_not_be_changed_stays() -> Result<()> {
    let _desktop = DESKTOP.read().await;
    let pc = Pc::new(&Setup::default())?;
    let ini = pc.phone.ini_path();
    let good = fs::read(&ini)?;
    for (bytes, words) in [
        (vec![], "is empty"),
        (good[..good.len() - 1].to_vec(), "in the middle of a character"),
        (good[2..].to_vec(), "no byte order mark"),
        (b"[Settings]\r\n".to_vec(), "ANSI"),
    ] {
        fs::write(&ini, &bytes)?;
        let (code, said) = pc.run(&["microsip", "connect"]).await?;
        ensure!(code == 1 && said.contains(words), "{said}");
        ensure!(fs::read(&ini)? == bytes);
    }
    fs::write(&ini, &good)?;
    let writable = fs::metadata(&ini)?.permissions();
    let mut readonly = writable.clone();
    readonly.set_readonly(true);
    fs::set_permissions(&ini, readonly)?;
    let (code, said) = pc.run(&["microsip", "connect"]).await?;
    fs::set_permissions(&ini, writable)?;
    ensure!(code == 1 && said.contains("is read-only"), "{said}");
    ensure!(fs::read(&ini)? == good);
    // While nobody runs it, on and back again leaves every byte.
    pc.succeeds(&["microsip", "connect"]).await?;
    pc.succeeds(&["microsip", "disconnect"]).await?;
    ensure!(fs::read(&ini)? == good);
    Ok(())
}

#[tokio::test]
async fn a_file_that_another_program_has_open_stays() -> Result<()> {
    let _desktop = DESKTOP.read().await;
    let mut pc = Pc::new(&Setup::default())?;
    let before = fs::read(pc.phone.ini_path())?;
    pc.phone.launch().await?;
    pc.phone.play(Op::LockIni { on: true }).await?;
    for word in ["status", "connect", "disconnect"] {
        let (code, said) = pc.run(&["microsip", word]).await?;
        ensure!(code == 1 && said.contains("is in use by another program"), "{word}: {code}: {said}");
        ensure!(fs::read(pc.phone.ini_path())? == before, "{word} has changed the file");
    }
    pc.phone.play(Op::LockIni { on: false }).await?;
    pc.succeeds(&["microsip", "connect"]).await?;
    pc.phone.connect().await?;
    ensure!(pc.phone.play(Op::Crash).await.is_err());
    Ok(())
}

#[tokio::test]
async fn it_starts_with_the_user() -> Result<()> {
    let _alone = DESKTOP.write().await;
    let pc = Pc::new(&Setup::default())?;
    let listed = || {
        let mut reg = pc.wine.command(Path::new("reg"));
        let output = reg.args(["query", RUN, "/v", "sip-phone"]).output()?;
        anyhow::Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
    };
    pc.succeeds(&["autostart", "off"]).await?;
    let said = pc.succeeds(&["autostart", "on"]).await?;
    let (there, line) = listed()?;
    pc.succeeds(&["autostart", "off"]).await?;
    ensure!(there && line.contains("backend.exe\" \"--background\"") && line.contains("--data-dir"), "{line}: {said}");
    ensure!(!listed()?.0, "it is still there");
    Ok(())
}
