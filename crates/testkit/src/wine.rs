//! Windows programs of this workspace on Linux, by Wine: what `cargo xtask test wine` has set up.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Wine, its prefix (a Windows of its own) and the programs that were built for Windows.
#[derive(Clone, Debug)]
pub struct Wine {
    program: PathBuf,
    prefix: PathBuf,
    programs: PathBuf,
}

impl Wine {
    /// The one that the variables name.
    ///
    /// # Errors
    /// They are not set.
    pub fn from_environment() -> Result<Self> {
        let path = |name: &str| {
            let value = env::var_os(name).map(PathBuf::from);
            value.with_context(|| format!("{name} is not set: run these tests by `cargo xtask test wine`"))
        };
        let [program, prefix, programs] =
            ["SIP_PHONE_WINE", "SIP_PHONE_WINE_PREFIX", "SIP_PHONE_WINDOWS_PROGRAMS"].map(path);
        Ok(Self { program: program?, prefix: prefix?, programs: programs? })
    }

    /// A program that was built for Windows.
    ///
    /// # Errors
    /// It was not.
    pub fn built(&self, name: &str) -> Result<PathBuf> {
        let exe = self.programs.join(name).with_extension("exe");
        ensure!(exe.is_file(), "{} is missing: run `cargo xtask test wine`", exe.display());
        Ok(exe)
    }

    /// Starts this program; arguments may follow, with paths as [`Self::path`] gives them.
    pub fn command(&self, exe: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(exe).env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all");
        // Otherwise names of files that are not ASCII are lost.
        command.env("LC_ALL", "C.UTF-8").env_remove("DISPLAY");
        command
    }

    /// A path of this machine, as Windows programs know it.
    pub fn path(path: &Path) -> PathBuf {
        format!("Z:{}", path.display().to_string().replace('/', "\\")).into()
    }
}
