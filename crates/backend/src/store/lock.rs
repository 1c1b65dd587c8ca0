//! One backend for one data directory: the second would take the hooks away from the first.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const FILE: &str = "backend.lock";
/// After this it is no hook that looks: whoever waits says so.
const SOON: Duration = Duration::from_millis(500);

/// Held for as long as the process lives; a kill frees it.
#[derive(Debug)]
pub struct DirLock(Option<File>);

/// Another backend works with the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InUse;

impl DirLock {
    /// Takes the directory, waiting this long for one that ends. Where it can't be written there is nothing to fight for: then nothing is held.
    ///
    /// # Errors
    /// Another process holds it.
    pub fn take(dir: &Path, patience: Duration) -> Result<Self, InUse> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(FILE));
        let Ok(file) = file else { return Ok(Self(None)) };
        let since = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(Some(file))),
                Err(TryLockError::WouldBlock) if since.elapsed() >= patience => return Err(InUse),
                Err(TryLockError::WouldBlock) => {
                    if since.elapsed() >= SOON && !std::mem::replace(&mut told, true) {
                        tracing::warn!(dir = %dir.display(), "another backend uses the data directory: waiting for its end");
                    }
                    sleep(Duration::from_millis(10));
                }
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

    fn take(dir: &Path) -> Result<DirLock, InUse> {
        DirLock::take(dir, Duration::ZERO)
    }

    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = take(dir.path()).unwrap();
        assert!(first.is_held());
        assert_eq!(take(dir.path()).unwrap_err(), InUse);
        assert!(!DirLock::is_free(dir.path()) && !DirLock::is_free(&dir.path().join("gone")));
        drop(first);
        assert!(DirLock::is_free(dir.path()));
        assert!(take(dir.path()).unwrap().is_held());
        assert!(!take(&dir.path().join("gone")).unwrap().is_held());
    }
}
