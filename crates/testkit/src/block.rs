//! A disk that takes nothing more, for one file of the backend.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Has every writing of this file of the backend's data directory fail from here on, until [`unblock`].
///
/// # Errors
/// The directory takes nothing already.
pub fn block(file: &Path) -> io::Result<()> {
    fs::create_dir(beside(file))?;
    // Nothing is added to a file that somebody else has changed: it would be replaced.
    match OpenOptions::new().append(true).open(file) {
        Ok(mut file) => file.write_all(b" "),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Lets the file be written again.
///
/// # Errors
/// It was not blocked.
pub fn unblock(file: &Path) -> io::Result<()> {
    fs::remove_dir(beside(file))
}

/// What the file is replaced by: a directory in its place can't be.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    name.into()
}
