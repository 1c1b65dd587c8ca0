//! What survives a restart beside the history: the operator's status, in `state.json` of the data directory.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use protocol::OperatorStatus;
use serde::{Deserialize, Serialize};

const FILE: &str = "state.json";

/// The file of the operator's status.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    /// Held while the file is written, so that the last writer writes the last status.
    writing: Mutex<()>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    operator_status: OperatorStatus,
}

impl Store {
    /// The store in this directory, and the status that it holds: `ready` where there is none yet.
    ///
    /// A file that can't be understood is set aside untouched, as `state.json.unreadable`.
    pub fn open(dir: &Path) -> (Self, OperatorStatus) {
        let store = Self { dir: dir.to_owned(), writing: Mutex::new(()) };
        let path = store.path();
        let status = match read(&path) {
            Ok(status) => status,
            Err(error) if error.kind() == io::ErrorKind::NotFound => OperatorStatus::Ready,
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "the operator's status can't be read: starting as ready, the file is set aside");
                set_aside(&path);
                OperatorStatus::Ready
            }
        };
        (store, status)
    }

    /// Writes what `current` says at the moment of writing; the file is replaced as a whole or not at all.
    ///
    /// # Errors
    /// The directory can't be written.
    pub fn save(&self, current: impl FnOnce() -> OperatorStatus) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
        serde_json::to_writer(&mut file, &Kept { operator_status: current() })?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(self.path()).map_err(|error| error.error)?;
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.dir.join(FILE)
    }
}

fn read(path: &Path) -> io::Result<OperatorStatus> {
    let kept: Kept = serde_json::from_slice(&fs::read(path)?)?;
    Ok(kept.operator_status)
}

/// Renames the file to the first free `….unreadable`, `….unreadable-2` and so on, so that nothing is lost.
fn set_aside(path: &Path) {
    let names = (1..100).map(|n| if n == 1 { String::new() } else { format!("-{n}") });
    let free = names.map(|n| path.with_extension(format!("json.unreadable{n}"))).find(|aside| !aside.exists());
    if let Some(aside) = free
        && let Err(error) = fs::rename(path, &aside)
    {
        tracing::warn!(file = %path.display(), %error, "the unreadable file can't be set aside");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_survives() {
        let dir = tempfile::tempdir().unwrap();
        let (store, first) = Store::open(dir.path());
        assert_eq!(first, OperatorStatus::Ready);
        store.save(|| OperatorStatus::Dnd).unwrap();
        assert_eq!(Store::open(dir.path()).1, OperatorStatus::Dnd);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn unreadable_files_are_all_kept() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["{", "{\"operator_status\":\"asleep\"}"] {
            fs::write(dir.path().join(FILE), text).unwrap();
            assert_eq!(Store::open(dir.path()).1, OperatorStatus::Ready);
        }
        let text = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(text("state.json.unreadable"), "{");
        assert_eq!(text("state.json.unreadable-2"), "{\"operator_status\":\"asleep\"}");
    }
}
