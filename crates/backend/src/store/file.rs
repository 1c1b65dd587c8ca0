//! Small files of which only the newest matters: replaced as a whole or not at all, or a line more; never written over what
//! could not be read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// More than this is none of our files.
const MAX_BYTES: u64 = 1024 * 1024;
/// How long a file may become by lines that are added.
const FULL_BYTES: u64 = MAX_BYTES / 4;
/// How long another program may hold a file before that counts as an error.
const HELD_AT_MOST: Duration = Duration::from_millis(500);

/// One file of the data directory.
#[derive(Debug)]
pub(crate) struct KeptFile {
    path: PathBuf,
    /// It holds what could not be read: that is set aside before anything is written.
    foreign: bool,
    /// Where the next line goes, if one may be added.
    lines: Option<Appended>,
}

/// A file as it was left, open.
#[derive(Debug)]
struct Appended {
    file: File,
    bytes: u64,
}

impl KeptFile {
    /// A file whose content does not matter.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, foreign: false, lines: None }
    }

    /// The file and its last whole line; `None` where there is none, or none that can be understood. Such a file is set
    /// aside untouched, as `….unreadable`.
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
        file.write_all(&line(value)?)?;
        // Closed before: Windows would not have an open file's name given to another.
        self.lines = None;
        patiently(|| fs::rename(&new, &self.path))?;
        Ok(file)
    }

    /// Replaces the content by a line that others may follow.
    pub(super) fn begin(&mut self, value: &impl Serialize) -> io::Result<()> {
        let file = self.replace(value)?;
        let bytes = file.metadata()?.len();
        self.lines = Some(Appended { file, bytes });
        Ok(())
    }

    /// Adds a line that counts from now on, which takes a fraction of what replacing does; or begins anew, where the file has
    /// become long, or is not as we left it. A kill leaves the old or the new.
    pub(super) fn append(&mut self, value: &impl Serialize) -> io::Result<()> {
        let Some(mut lines) = self.lines.take().filter(|lines| lines.bytes < FULL_BYTES && lines.are_at(&self.path))
        else {
            return self.begin(value);
        };
        let text = line(value)?;
        // After an error the file is replaced: half a line may be there.
        lines.file.write_all(&text)?;
        lines.bytes += text.len() as u64;
        self.lines = Some(lines);
        Ok(())
    }

    /// Removes what is no longer true and can't be replaced. What could not be read is left alone.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        self.lines = None;
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

impl Appended {
    /// Whether this is still the file of that name: somebody may have moved or replaced it.
    fn are_at(&self, path: &Path) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let id = |meta: fs::Metadata| (meta.dev(), meta.ino(), meta.len());
            let ours = self.file.metadata().map(id);
            ours.is_ok_and(|ours| {
                ours.2 == self.bytes && fs::symlink_metadata(path).map(id).is_ok_and(|there| there == ours)
            })
        }
        #[cfg(not(unix))]
        {
            fs::metadata(path).is_ok_and(|there| there.len() == self.bytes)
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
    let whole = serde_json::from_slice(&text);
    // What follows the last line end is half a line.
    let last = text.rsplit(|byte| *byte == b'\n').nth(1).unwrap_or_default();
    Ok(whole.or_else(|error| serde_json::from_slice(last).map_err(|_| error))?)
}

/// A value as a line of its own.
fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    Ok(text)
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
    fn of_added_lines_the_last_whole_one_counts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        let kept = || KeptFile::read::<u32>(path.clone()).1;
        let mut file = KeptFile::new(path.clone());
        for value in 1..=3 {
            file.append(&value).unwrap();
        }
        assert_eq!((kept(), text(path.clone()).as_str()), (Some(3), "1\n2\n3\n"));
        file.begin(&4).unwrap();
        file.append(&5).unwrap();
        assert_eq!(text(path.clone()), "4\n5\n");
        // A kill in the middle of a line.
        fs::write(&path, "4\n5\n{\"").unwrap();
        assert_eq!(kept(), Some(5));
        // Nothing is added to what somebody else has written, moved or removed.
        file.append(&6).unwrap();
        assert_eq!(text(path.clone()), "6\n");
        fs::rename(&path, dir.path().join("moved")).unwrap();
        file.append(&7).unwrap();
        fs::remove_file(&path).unwrap();
        file.append(&8).unwrap();
        assert_eq!((kept(), text(dir.path().join("moved"))), (Some(8), "6\n".to_owned()));
    }

    #[test]
    fn added_lines_do_not_become_too_many_to_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        let mut file = KeptFile::new(path.clone());
        let line = |number: usize| format!("{number}{}", "x".repeat(100_000));
        for number in 0..20 {
            file.append(&line(number)).unwrap();
            assert!(fs::metadata(&path).unwrap().len() < MAX_BYTES);
        }
        assert_eq!(KeptFile::read::<String>(path).1, Some(line(19)));
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
