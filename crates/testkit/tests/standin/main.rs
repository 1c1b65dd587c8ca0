//! The stand-in as a real process: does it behave as MicroSIP does?

mod commands;
mod hooks;
mod process;

use std::path::{Path, PathBuf};

use anyhow::Result;
use testkit::standin::{Op, Setup, StandIn};

/// A program that writes its arguments down, one line for each run; stands where a hook would.
struct Scribe {
    _dir: tempfile::TempDir,
    program: PathBuf,
    notes: PathBuf,
}

impl Scribe {
    fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let (program, notes) = (dir.path().join("a hook.sh"), dir.path().join("notes"));
        let script = "#!/bin/sh\nfor a in \"$@\"; do printf '<%s>' \"$a\"; done >> \"${0%/*}/notes\"; echo >> \"${0%/*}/notes\"\n";
        std::fs::write(&program, script)?;
        #[cfg(unix)]
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(Self { _dir: dir, program, notes })
    }

    fn setup(&self) -> Setup {
        Setup::with_hooks(&self.program, "-x")
    }

    fn notes(&self) -> String {
        std::fs::read_to_string(&self.notes).unwrap_or_default()
    }
}

/// Waits until this many hooks have run, and gives their names and arguments.
async fn hooks(standin: &StandIn, count: usize) -> Result<Vec<String>> {
    let state = standin.until(|state| state.hooks.len() >= count).await?;
    Ok(state.hooks.iter().map(|hook| format!("{} {}", hook.key.trim_start_matches("cmd"), hook.argument)).collect())
}

fn ring(user: &str, refused: bool) -> Op {
    Op::Ring { user: user.to_owned(), domain: "caller.test".to_owned(), name: "Anna".to_owned(), refused }
}

fn read_ini(path: &Path) -> Result<testkit::standin::Ini> {
    Ok(testkit::standin::Ini::read(path)?)
}
