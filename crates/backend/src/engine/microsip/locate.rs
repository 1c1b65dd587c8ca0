//! Where MicroSIP is installed.

#[cfg(any(windows, test))]
use std::env;
use std::path::{Path, PathBuf};

/// MicroSIP's executable was named, but there is no such file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no MicroSIP at {}", .0.display())]
pub struct MicroSipAbsent(pub PathBuf);

/// The executable: the one that is named; else on Windows one that runs, that the registry knows, that is in a usual folder, or
/// beside this program; else none.
///
/// # Errors
/// One is named and is not there.
pub fn locate(named: Option<&Path>) -> Result<Option<PathBuf>, MicroSipAbsent> {
    match named {
        Some(path) if path.is_file() => Ok(Some(path.to_owned())),
        Some(path) => Err(MicroSipAbsent(path.to_owned())),
        None => Ok(candidates().find(|exe| exe.is_file())),
    }
}

#[cfg(windows)]
fn candidates() -> impl Iterator<Item = PathBuf> {
    let installed = ["LOCALAPPDATA", "ProgramFiles", "ProgramFiles(x86)"].into_iter().filter_map(env::var_os);
    let installed = installed.map(|dir| Path::new(&dir).join("MicroSIP"));
    // A portable one is wherever somebody unpacked it: with us, where both were put on a stick.
    let here = env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
    let portable = here.into_iter().flat_map(|dir| [dir.join("MicroSIP"), dir]);
    let usual = installed.chain(portable).map(|dir| dir.join("microsip.exe"));
    super::windows::known_executables().chain(usual)
}

/// MicroSIP is a program for Windows: elsewhere it has no usual place.
#[cfg(not(windows))]
fn candidates() -> impl Iterator<Item = PathBuf> {
    std::iter::empty()
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
