//! Wine for the tests: Debian's, with a prefix of our own and the one DLL that it lacks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::windows::LINKER;
use super::{apt, browser};
use crate::bundle::target_dir;
use crate::cmd;

/// Where Debian puts it, if it is not on PATH.
const USUAL_PLACE: &str = "/usr/lib/wine/wine64";
const PACKAGES: [&str; 1] = ["wine64"];
/// What random numbers come from.
const DLL: &str = "bcryptprimitives.dll";
const DLL_SOURCE: &str = include_str!("bcryptprimitives.c");
/// A prefix takes ten seconds; a Wine that asks somebody something would wait for ever.
const PATIENCE: Duration = Duration::from_secs(180);

/// The program, and its Windows.
pub(crate) struct Wine {
    pub(crate) program: PathBuf,
    pub(crate) prefix: PathBuf,
}

/// Both, where they are.
pub(crate) fn find() -> Result<Option<Wine>> {
    let Some(program) = program() else { return Ok(None) };
    let wine = Wine { program, prefix: dir()?.join("prefix") };
    Ok(wine.is_ready().then_some(wine))
}

pub(crate) fn install() -> Result<Wine> {
    if program().is_none() {
        apt::install(&PACKAGES)
            .context("Wine can't be installed: on Debian that is `apt-get install wine64` as root")?;
    }
    let program = program().context("Wine is not found: put `wine64` on PATH")?;
    let wine = Wine { program, prefix: dir()?.join("prefix") };
    if !wine.is_ready() {
        wine.make_prefix()?;
    }
    Ok(wine)
}

fn program() -> Option<PathBuf> {
    let usual = || Some(PathBuf::from(USUAL_PLACE)).filter(|path| path.is_file());
    browser::on_path("wine64").or_else(usual).or_else(|| browser::on_path("wine"))
}

fn dir() -> Result<PathBuf> {
    Ok(target_dir()?.join("wine"))
}

impl Wine {
    /// Made by this very program, and to the end.
    fn is_ready(&self) -> bool {
        fs::read_to_string(self.mark()).is_ok_and(|made_by| Some(made_by) == self.version())
    }

    fn mark(&self) -> PathBuf {
        self.prefix.join("made-by")
    }

    fn version(&self) -> Option<String> {
        cmd::read(Command::new(&self.program).arg("--version")).ok()
    }

    fn make_prefix(&self) -> Result<()> {
        if self.prefix.exists() {
            fs::remove_dir_all(&self.prefix)?;
        }
        fs::create_dir_all(&self.prefix)?;
        cmd::run_within(self.command().args(["wineboot", "-i"]), PATIENCE)?;
        // Windows without a screen: no X server is needed.
        let key = r"HKCU\Software\Wine\Drivers";
        cmd::run_within(self.command().args(["reg", "add", key, "/v", "Graphics", "/d", "null", "/f"]), PATIENCE)?;
        let dll = self.prefix.join("drive_c/windows/system32").join(DLL);
        if !dll.exists() {
            build_dll(&dll)?;
        }
        fs::write(self.mark(), self.version().unwrap_or_default())?;
        Ok(())
    }

    /// Wine in this prefix; a program and its arguments may follow.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env_remove("DISPLAY");
        // Asks neither for .NET nor for a browser, and leaves the desktop's menus alone.
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe=");
        command
    }

    /// Ends what tests have left in this prefix, and nothing else.
    pub(crate) fn end_all(&self) {
        let beside = |name: &str| self.program.with_file_name(name);
        let server = [beside("wineserver"), beside("wineserver64")].into_iter().find(|path| path.is_file());
        let server = server.or_else(|| browser::on_path("wineserver"));
        // Where nothing runs any more, it says so by its exit code.
        let _ = server.map(|server| Command::new(server).arg("-k").env("WINEPREFIX", &self.prefix).output());
    }
}

fn build_dll(to: &Path) -> Result<()> {
    let source = to.with_extension("c");
    fs::write(&source, DLL_SOURCE)?;
    let mut gcc = Command::new(LINKER);
    gcc.args(["-shared", "-O2", "-s", "-o"]).arg(to).arg(&source).arg("-ladvapi32");
    cmd::run(&mut gcc)?;
    Ok(fs::remove_file(source)?)
}
