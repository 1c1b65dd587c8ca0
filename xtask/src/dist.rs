//! `cargo xtask dist`: release archives for Linux and Windows, each one program with everything inside.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::bundle::target_dir;
use crate::{cmd, setup, windows};

/// The profile in `Cargo.toml`.
const PROFILE: &str = "dist";

pub(crate) fn dist() -> Result<()> {
    setup::wasm_target()?;
    setup::windows_target()?;
    let out = target_dir()?.join("dist-archives");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let here = host()?;
    for target in [here.as_str(), setup::WINDOWS] {
        println!("==> {target}");
        let exe = build(target)?;
        if target == setup::WINDOWS {
            has_version(&exe)?;
        }
        pack(&out, &exe, target)?;
    }
    try_windows(&out)?;
    println!("\n==> archives and their checksums are in {}", out.display());
    Ok(())
}

fn build(target: &str) -> Result<PathBuf> {
    let mut cargo = cmd::cargo();
    cargo.current_dir(cmd::root());
    cargo.args(["build", "--package", "backend", "--bin", "backend", "--profile", PROFILE, "--target", target]);
    cmd::run(&mut cargo)?;
    let name = if target == setup::WINDOWS { "backend.exe" } else { "backend" };
    Ok(target_dir()?.join(target).join(PROFILE).join(name))
}

fn pack(out: &Path, exe: &Path, target: &str) -> Result<()> {
    let mut dist = cmd::cargo();
    dist.current_dir(cmd::root()).args(["run", "--quiet", "--package", "dist", "--", "--out"]).arg(out);
    cmd::run(dist.arg("--exe").arg(exe).args(["--target", target]))
}

fn host() -> Result<String> {
    let text = cmd::read(Command::new("rustc").arg("-vV"))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say what it runs on")
}

/// A program without icon and version builds as well: that must not be handed out unseen.
fn has_version(exe: &Path) -> Result<()> {
    let wanted: Vec<u8> = "FileDescription".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = fs::read(exe)?;
    ensure!(
        bytes.windows(wanted.len()).any(|window| window == wanted),
        "{} has lost its icon and version: is {}windres there?",
        exe.display(),
        setup::MINGW_PREFIX
    );
    Ok(())
}

/// Unpacks the archive for Windows and asks the program for its version, where Wine is to be had.
fn try_windows(out: &Path) -> Result<()> {
    let wine = match setup::wine() {
        Ok(wine) => wine,
        Err(error) => {
            println!("    !!! the program for Windows was not tried: {error:#}");
            return Ok(());
        }
    };
    let dir = env::temp_dir().join(format!("sip-phone-dist-{}", std::process::id()));
    let tried = windows::unpack(out, &dir).and_then(|exe| {
        let version = cmd::read(wine.command().arg(exe).arg("--version"))?;
        println!("    under Wine it says `{version}`");
        if version.starts_with("backend ") { Ok(()) } else { bail!("it says `{version}` instead of its version") }
    });
    let _ = fs::remove_dir_all(&dir); // the system's own directory: left-overs there harm nobody
    tried
}
