//! `hook.log`: why hooks failed. Small for ever, and without numbers.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::client::TellError;
use crate::engine::microsip::HookEvent;

/// From this size on the file begins anew.
const MAX_BYTES: u64 = 64 * 1024;

/// Adds a line. `lost` is why the hook can't wait for the next backend either.
pub(super) fn write(data_dir: &Path, event: HookEvent, error: &TellError, lost: Option<&io::Error>) -> io::Result<()> {
    let path = data_dir.join("hook.log");
    let full = fs::metadata(&path).is_ok_and(|meta| meta.len() >= MAX_BYTES);
    let file = OpenOptions::new().create(true).write(true).append(!full).truncate(full).open(path);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    match lost {
        None => writeln!(file?, "{now} {event}: {error}"),
        Some(lost) => writeln!(file?, "{now} {event}: {error}; it is lost, for hooks.jsonl can't be written: {lost}"),
    }
}

#[cfg(test)]
mod tests {
    //! It begins anew when it is full.
    use super::*;

    #[test]
    fn the_log_stays_small() -> std::io::Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("hook.log");
        fs::write(&path, vec![b'x'; MAX_BYTES as usize - 1])?;
        let error = TellError::Address("x".to_owned());
        write(dir.path(), HookEvent::Ring, &error, None)?;
        assert!(fs::metadata(&path)?.len() > MAX_BYTES);
        write(dir.path(), HookEvent::End, &error, None)?;
        assert!(fs::read_to_string(&path)?.ends_with(" end: \"x\" in hook.json is not http://HOST:PORT\n"));
        assert!(fs::metadata(&path)?.len() < 100);
        assert!(write(&dir.path().join("gone"), HookEvent::End, &error, None).is_err());
        Ok(())
    }
}
