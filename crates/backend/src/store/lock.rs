//! One backend for one data directory: the second would take the hooks away from the first.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const FILE: &str = "backend.lock";
/// How long one that ends, or a hook that looks, may be in the way.
const PATIENCE: Duration = Duration::from_millis(300);

/// Held for as long as the process lives; a kill frees it.
#[derive(Debug)]
pub struct DirLock(Option<File>);

/// Another backend works with the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse;

impl DirLock {
    /// Takes the directory. Where it can't be written there is nothing to fight for: then nothing is held.
    ///
    /// # Errors
    /// Another process holds it.
    pub fn take(dir: &Path) -> Result<Self, InUse> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(FILE));
        let Ok(file) = file else { return Ok(Self(None)) };
        let until = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(Some(file))),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => return Err(InUse),
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(10)),
                Err(TryLockError::Error(error)) => {
                    tracing::warn!(%error, "the data directory can't be locked: see that no other backend uses it");
                    return Ok(Self(None));
                }
            }
        }
    }

    /// Whether it is sure that no backend works with the directory.
    pub(crate) fn is_free(dir: &Path) -> bool {
        File::open(dir.join(FILE)).is_ok_and(|file| file.try_lock_shared().is_ok())
    }

    /// Whether the directory is held.
    pub fn is_held(&self) -> bool {
        self.0.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = DirLock::take(dir.path()).unwrap();
        assert!(first.is_held());
        assert_eq!(DirLock::take(dir.path()).unwrap_err(), InUse);
        assert!(!DirLock::is_free(dir.path()) && !DirLock::is_free(&dir.path().join("gone")));
        drop(first);
        assert!(DirLock::is_free(dir.path()));
        assert!(DirLock::take(dir.path()).unwrap().is_held());
        assert!(!DirLock::take(&dir.path().join("gone")).unwrap().is_held());
    }
}
