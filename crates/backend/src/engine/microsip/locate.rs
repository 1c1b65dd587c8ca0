//! Where MicroSIP is installed.

use std::env;
use std::path::{Path, PathBuf};

/// MicroSIP's executable was named, but there is no such file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no MicroSIP at {}", .0.display())]
pub struct MicroSipAbsent(pub PathBuf);

/// The executable: the one that is named, else on Windows that of a usual folder, else none.
///
/// # Errors
/// One is named and is not there.
pub fn locate(named: Option<&Path>) -> Result<Option<PathBuf>, MicroSipAbsent> {
    match named {
        Some(path) if path.is_file() => Ok(Some(path.to_owned())),
        Some(path) => Err(MicroSipAbsent(path.to_owned())),
        None => Ok(usual_folders().map(|dir| dir.join("MicroSIP").join("microsip.exe")).find(|exe| exe.is_file())),
    }
}

fn usual_folders() -> impl Iterator<Item = PathBuf> {
    let names: &[&str] = if cfg!(windows) { &["LOCALAPPDATA", "ProgramFiles", "ProgramFiles(x86)"] } else { &[] };
    names.iter().filter_map(env::var_os).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    //! Named, named wrongly, and not named.
    use super::*;

    #[test]
    fn a_named_executable_must_be_there() {
        let here = env::current_exe().expect("a test has an executable");
        assert_eq!(locate(Some(&here)), Ok(Some(here.clone())));
        let gone = here.with_extension("gone");
        assert_eq!(locate(Some(&gone)), Err(MicroSipAbsent(gone)));
        if !cfg!(windows) {
            assert_eq!(locate(None), Ok(None));
        }
    }
}
