//! Changing the ini on the disk: read once, a copy beside it, then replaced whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::text::{Ini, IniError, MAX_BYTES};
use crate::store::{is_absent, must_be_ordinary, patiently};

/// Behind the ini's name: the file from before connecting, which disconnecting restores lines from.
const BEFORE: &str = ".before-sip-phone";
/// Behind a file's name while its new content is written.
const NEW: &str = ".sip-phone-new";

/// Why the ini can't be read or changed. It is as it was then.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// MicroSIP has not made it yet.
    #[error("{} is not there: start MicroSIP, exit it by its menu, and try again", .0.display())]
    Absent(PathBuf),
    /// Somebody has set it so.
    #[error("{} is read-only: clear that in its properties, and try again", .0.display())]
    ReadOnly(PathBuf),
    /// By a program.
    #[error("{} is in use by another program: close that (MicroSIP itself, a text editor), and try again", .0.display())]
    Locked(PathBuf),
    /// This user may not.
    #[error("{} may not be changed by this user: run the command as the user whose MicroSIP it is, or as an administrator", .0.display())]
    Denied(PathBuf),
    /// Between reading and writing.
    #[error("{} has been changed by another program in this moment: nothing is written, try again", .0.display())]
    Changed(PathBuf),
    /// Its content.
    #[error("{} {error}", .path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        error: IniError,
    },
    /// Anything else.
    #[error("{} can't be {doing}: {error}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the system says.
        error: io::Error,
    },
}

/// MicroSIP's ini on the disk.
#[derive(Clone, Debug)]
pub struct IniFile {
    path: PathBuf,
}

/// A change of the ini, and what is kept of before.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) from: Vec<u8>,
    pub(super) to: Vec<u8>,
    pub(super) before: Option<Vec<u8>>,
}

/// What is done one after the other. Between any two of them the ini is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// What was before is written beside the file of that name,
    WriteBefore,
    /// and takes its place.
    KeepBefore,
    /// The new ini is written beside the ini,
    WriteNew,
    /// and takes its place.
    Replace,
}

impl Step {
    pub(super) const ALL: [Self; 4] = [Self::WriteBefore, Self::KeepBefore, Self::WriteNew, Self::Replace];
}

impl IniFile {
    /// Through a link to the file itself: replacing the link would cut it off.
    pub(super) fn new(path: &Path) -> Self {
        // Others keep the form in which people know them, which Windows' canonical one is not.
        let real = if path.is_symlink() { path.canonicalize().ok() } else { None };
        Self { path: real.unwrap_or_else(|| path.to_owned()) }
    }

    /// The copy from before connecting.
    pub(super) fn before(&self) -> PathBuf {
        appended(&self.path, BEFORE)
    }

    /// Its bytes, if it can be changed too.
    pub(super) fn read(&self) -> Result<Vec<u8>, FileError> {
        let path = &self.path;
        must_be_ordinary(path).map_err(|error| self.error("read", error))?;
        let meta = fs::metadata(path).map_err(|error| self.error("read", error))?;
        if meta.len() > MAX_BYTES {
            return Err(self.content(IniError::TooLarge));
        }
        if meta.permissions().readonly() {
            return Err(FileError::ReadOnly(path.clone()));
        }
        let mut file = patiently(|| OpenOptions::new().read(true).write(true).open(path))
            .map_err(|error| self.error("opened", error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FileError::Locked(path.clone())),
            // Some network drives have no locks.
            Err(TryLockError::Error(_)) => {}
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| self.error("read", error))?;
        Ok(bytes)
    }

    /// The bytes of the copy, if there is one.
    pub(super) fn read_before(&self) -> Result<Option<Vec<u8>>, FileError> {
        let copy = Self { path: self.before() };
        match copy.read() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileError::Absent(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the change, and reads back that it is made.
    pub(super) fn make(&self, change: &Change) -> Result<(), FileError> {
        for step in Step::ALL {
            self.take(step, change)?;
        }
        if self.read()? == change.to { Ok(()) } else { Err(FileError::Changed(self.path.clone())) }
    }

    /// Takes one step; when it fails, what was written for it is removed.
    pub(super) fn take(&self, step: Step, change: &Change) -> Result<(), FileError> {
        let copy = self.before();
        let taken = match (step, &change.before) {
            (Step::WriteBefore, Some(before)) => self.write(&copy, before),
            (Step::KeepBefore, Some(_)) => replace(&copy),
            (Step::WriteBefore | Step::KeepBefore, None) => Ok(()),
            (Step::WriteNew, _) => self.write(&self.path, &change.to),
            (Step::Replace, _) => {
                if self.read()? != change.from {
                    let _ = fs::remove_file(appended(&self.path, NEW));
                    return Err(FileError::Changed(self.path.clone()));
                }
                replace(&self.path)
            }
        };
        taken.map_err(|error| {
            let of = if matches!(step, Step::WriteBefore | Step::KeepBefore) { &copy } else { &self.path };
            let _ = fs::remove_file(appended(of, NEW));
            Self { path: of.clone() }.error("written", error)
        })
    }

    /// The new content of a file, beside it, with the ini's permissions.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let new = appended(path, NEW);
        let mut file = patiently(|| File::create(&new))?;
        file.write_all(bytes)?;
        file.set_permissions(fs::metadata(&self.path)?.permissions())?;
        // Else a loss of power might leave the new name without the new content.
        file.sync_all()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn content(&self, error: IniError) -> FileError {
        FileError::Content { path: self.path.clone(), error }
    }

    /// The same of an error of the ini with these bytes, or else of the copy from before.
    pub(super) fn content_of_either(&self, ini: &[u8], error: IniError) -> FileError {
        let path = if Ini::read(ini).is_err() { self.path.clone() } else { self.before() };
        FileError::Content { path, error }
    }

    fn error(&self, doing: &'static str, error: io::Error) -> FileError {
        let path = self.path.clone();
        match error.kind() {
            _ if is_absent(&error) => FileError::Absent(path),
            _ if matches!(error.raw_os_error(), Some(32 | 33)) && cfg!(windows) => FileError::Locked(path),
            ErrorKind::PermissionDenied => FileError::Denied(path),
            ErrorKind::ReadOnlyFilesystem => FileError::ReadOnly(path),
            _ => FileError::Io { path, doing, error },
        }
    }
}

/// Puts the new content in the file's place.
fn replace(path: &Path) -> io::Result<()> {
    patiently(|| fs::rename(appended(path, NEW), path))
}

fn appended(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
