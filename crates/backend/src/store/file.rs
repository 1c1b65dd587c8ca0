//! Small files that are replaced as a whole or not at all, and never written over what could not be read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// More than this is none of our files.
const MAX_BYTES: u64 = 1024 * 1024;
/// How long another program may hold a file before that counts as an error.
const HELD_AT_MOST: Duration = Duration::from_millis(500);

/// One file of the data directory.
#[derive(Debug)]
pub(crate) struct KeptFile {
    path: PathBuf,
    /// It holds what could not be read: that is set aside before anything is written.
    foreign: bool,
}

impl KeptFile {
    /// A file whose content does not matter.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, foreign: false }
    }

    /// The file and what it holds; `None` where there is none, or none that can be understood. Such a one is set aside
    /// untouched, as `….unreadable`.
    pub(super) fn read<T: DeserializeOwned>(path: PathBuf) -> (Self, Option<T>) {
        let mut file = Self::new(path);
        match read(&file.path) {
            Ok(value) => (file, Some(value)),
            Err(error) if is_absent(&error) => (file, None),
            Err(error) => {
                tracing::warn!(file = %file.path.display(), %error, "a file can't be read: going on without it, it is set aside");
                file.foreign = true;
                if let Err(error) = file.set_aside() {
                    tracing::warn!(file = %file.path.display(), %error, "the unreadable file can't be set aside");
                }
                (file, None)
            }
        }
    }

    /// Replaces the content; a kill at any moment leaves the old or the new. Gives the file, to be synced.
    pub(crate) fn replace(&mut self, value: &impl Serialize) -> io::Result<File> {
        if self.foreign {
            self.set_aside()?;
        }
        // One name for ever: a kill leaves no litter, and the directory has one writer.
        let new = appended(&self.path, ".new");
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = patiently(|| options.open(&new))?;
        let mut text = serde_json::to_vec(value)?;
        text.push(b'\n');
        file.write_all(&text)?;
        patiently(|| fs::rename(&new, &self.path))?;
        Ok(file)
    }

    /// Removes what is no longer true and can't be replaced. What could not be read is left alone.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        if self.foreign { Ok(()) } else { patiently(|| fs::remove_file(&self.path)) }
    }

    /// Its name without the directory.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn set_aside(&mut self) -> io::Result<()> {
        match set_aside(&self.path) {
            Err(error) if !is_absent(&error) => Err(error),
            _ => {
                self.foreign = false;
                Ok(())
            }
        }
    }
}

/// Does something with a file that a scanner or a backup may hold for a moment, as on Windows, and then does it again.
pub(crate) fn patiently<T>(what: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    again_while(is_held, what)
}

/// Sharing and lock violations, and what a file gives that is about to be deleted.
fn is_held(error: &io::Error) -> bool {
    cfg!(windows) && (error.kind() == ErrorKind::PermissionDenied || matches!(error.raw_os_error(), Some(32 | 33)))
}

fn again_while<T>(is_held: fn(&io::Error) -> bool, mut what: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let until = Instant::now() + HELD_AT_MOST;
    loop {
        match what() {
            Err(error) if is_held(&error) && Instant::now() < until => thread::sleep(Duration::from_millis(15)),
            other => return other,
        }
    }
}

/// Makes the directory, for this user alone: it holds who was called.
pub(crate) fn make_dir(dir: &Path) -> io::Result<()> {
    // Asked with every change: trying to make what is there would wait for whoever works in the directory above.
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Renames the file to the first free `….unreadable`, `….unreadable-2` and so on, so that nothing is lost.
fn set_aside(path: &Path) -> io::Result<()> {
    let aside = aside(path)?;
    patiently(|| fs::rename(path, &aside))
}

/// The first free name beside this one for what can't be read.
pub(crate) fn aside(path: &Path) -> io::Result<PathBuf> {
    let names = (1..100).map(|n| if n == 1 { ".unreadable".to_owned() } else { format!(".unreadable-{n}") });
    let mut free = names.map(|name| appended(path, &name)).filter(|aside| aside.symlink_metadata().is_err());
    free.next().ok_or_else(|| io::Error::other("too many unreadable files stand beside it already"))
}

/// Nothing is there, not even the directory.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// An ordinary file: reading a device may never end, opening a pipe may never begin.
pub(crate) fn must_be_ordinary(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() { Ok(()) } else { Err(io::Error::other("it is no ordinary file")) }
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    let text = patiently(|| {
        must_be_ordinary(path)?;
        let mut text = Vec::new();
        File::open(path)?.take(MAX_BYTES).read_to_end(&mut text)?;
        Ok(text)
    })?;
    Ok(serde_json::from_slice(&text)?)
}

fn appended(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

#[cfg(test)]
mod tests {
    //! Files that are there, absent, and not what they should be.
    use super::*;

    fn text(path: PathBuf) -> String {
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_lies_about() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        let (mut file, found) = KeptFile::read::<u32>(path.clone());
        assert_eq!(found, None);
        file.replace(&1).unwrap();
        file.replace(&2).unwrap();
        assert_eq!(KeptFile::read::<u32>(path.clone()).1, Some(2));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_can_not_be_read_is_all_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        for bad in ["{", "[1]"] {
            fs::write(&path, bad).unwrap();
            assert_eq!(KeptFile::read::<u32>(path.clone()).1, None);
        }
        fs::create_dir(&path).unwrap();
        let (mut file, found) = KeptFile::read::<u32>(path.clone());
        assert_eq!(found, None);
        file.replace(&3).unwrap();
        assert_eq!(text(dir.path().join("x.json.unreadable")), "{");
        assert_eq!(text(dir.path().join("x.json.unreadable-2")), "[1]");
        assert!(dir.path().join("x.json.unreadable-3").is_dir());
        assert_eq!(KeptFile::read::<u32>(path).1, Some(3));
    }

    #[test]
    fn a_file_that_is_held_for_a_moment_is_waited_for_and_no_other() {
        let held = |error: &io::Error| error.raw_os_error() == Some(32);
        let mut results = vec![Ok(7), Err(io::Error::from_raw_os_error(32)), Err(io::Error::from_raw_os_error(32))];
        assert_eq!(again_while(held, || results.pop().unwrap()).unwrap(), 7);
        let mut tried = 0;
        let absent = again_while::<()>(held, || {
            tried += 1;
            Err(ErrorKind::NotFound.into())
        });
        assert_eq!((absent.unwrap_err().kind(), tried), (ErrorKind::NotFound, 1));
        assert!(again_while::<()>(held, || Err(io::Error::from_raw_os_error(32))).is_err(), "not for ever");
        for code in [5, 32, 33] {
            assert_eq!(is_held(&io::Error::from_raw_os_error(code)), cfg!(windows), "{code}");
        }
    }

    #[test]
    fn a_path_that_can_not_be() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "").unwrap();
        let (mut file, found) = KeptFile::read::<u32>(path.join("x.json"));
        assert_eq!(found, None);
        assert!(file.replace(&1).is_err());
        assert!(make_dir(&path).is_err() && make_dir(dir.path()).is_ok());
    }
}
