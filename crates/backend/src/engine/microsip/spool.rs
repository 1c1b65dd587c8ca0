//! `hooks.jsonl`: hooks that found no backend, for its next life. Small for ever; two hooks at once don't mix.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::hook_event::HookEvent;
use super::hook_id::HookId;
use crate::store::{aside, is_absent, must_be_ordinary, patiently};

/// From this size on the older half is dropped: what came last says what is up now.
const MAX_BYTES: u64 = 256 * 1024;
/// How much of the end of what was taken is remembered: longer than a hook's name, which no other line has.
const TAIL: usize = 2048;
/// Nobody holds the file for longer than it takes to read it, on a disk that may be slow; MicroSIP would wait for longer.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// A hook that found no backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpooledHook {
    /// When it fired, in Unix milliseconds.
    pub at: u64,
    /// Its own name among hooks.
    pub id: HookId,
    /// What it told of.
    pub event: HookEvent,
    /// The other party, as the caller chose it.
    #[serde(default)]
    pub number: String,
}

/// The file of one data directory.
#[derive(Clone, Debug)]
pub struct Spool {
    path: PathBuf,
}

/// What was in the spool, until it is put away.
#[derive(Debug, Default)]
pub struct Taken {
    /// In the order in which they fired.
    pub hooks: Vec<SpooledHook>,
    /// How much of the file that was.
    length: u64,
    /// The end of that, by which the file is known to be the same still.
    tail: Vec<u8>,
    /// Lines that are none, to be kept for a person to look at.
    unreadable: Vec<u8>,
}

impl Taken {
    /// Nothing was in it.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What was taken is the beginning of this file, which may have been cut meanwhile.
    fn begins(&self, file: &mut File) -> io::Result<bool> {
        if file.metadata()?.len() < self.length {
            return Ok(false);
        }
        let mut there = vec![0; self.tail.len()];
        file.seek(SeekFrom::Start(self.length - self.tail.len() as u64))?;
        file.read_exact(&mut there)?;
        Ok(there == self.tail)
    }
}

impl Spool {
    /// The spool of this data directory.
    pub fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join("hooks.jsonl") }
    }

    /// Adds a hook, for the backend's next life.
    pub(crate) fn add(&self, hook: &SpooledHook) -> io::Result<()> {
        let mut file = self.locked(true)?;
        let mut before = Vec::new();
        let length = file.metadata()?.len();
        if length >= MAX_BYTES {
            file.seek(SeekFrom::Start(length - MAX_BYTES / 2))?;
            file.read_to_end(&mut before)?;
            let whole = before.iter().position(|byte| *byte == b'\n').map_or(before.len(), |end| end + 1);
            before.drain(..whole);
            file.set_len(0)?;
        }
        // It begins with an end, for the half line of a hook that was killed.
        let mut text = before;
        text.push(b'\n');
        serde_json::to_writer(&mut text, hook)?;
        text.push(b'\n');
        file.seek(SeekFrom::End(0))?;
        file.write_all(&text)
    }

    /// Whether there may be something in it; cheap.
    pub(crate) fn is_empty(&self) -> bool {
        fs::metadata(&self.path).map_or_else(|error| is_absent(&error), |meta| meta.is_file() && meta.len() == 0)
    }

    /// What is in it. It stays there until it is [put away](Self::put_away).
    ///
    /// # Errors
    /// It can't be read.
    pub fn take(&self) -> io::Result<Taken> {
        self.take_after(&Taken::default())
    }

    /// What is in it behind what was taken already. It counts as taken together with that.
    pub(super) fn take_after(&self, before: &Taken) -> io::Result<Taken> {
        let mut taken =
            Taken { hooks: Vec::new(), tail: before.tail.clone(), unreadable: before.unreadable.clone(), ..*before };
        if self.is_empty() {
            return Ok(taken);
        }
        let mut file = self.locked(false)?;
        if !before.begins(&mut file)? {
            // A hook has cut it: all that is left is taken again, and counts once by its ids.
            (taken.length, taken.tail) = (0, Vec::new());
        }
        file.seek(SeekFrom::Start(taken.length))?;
        let mut text = Vec::new();
        // A hook's line more than the size at which it is cut.
        file.take(2 * MAX_BYTES).read_to_end(&mut text)?;
        taken.length += text.len() as u64;
        if !text.is_empty() {
            taken.tail = text[text.len().saturating_sub(TAIL)..].to_vec();
        }
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            match serde_json::from_slice(line) {
                Ok(hook) => taken.hooks.push(hook),
                Err(_) => taken.unreadable.extend(line.iter().chain(b"\n")),
            }
        }
        Ok(taken)
    }

    /// Empties it of what was taken, now that it is kept elsewhere. What could not be read is set aside.
    ///
    /// Only as a whole, so that a kill loses nothing: where more has come meanwhile, nothing is done. `true` if it is done.
    ///
    /// # Errors
    /// It can't be written: then the same will be taken again.
    pub fn put_away(&self, taken: &Taken) -> io::Result<bool> {
        if taken.length == 0 || self.is_empty() {
            return Ok(true);
        }
        let mut file = self.locked(false)?;
        if file.metadata()?.len() != taken.length || !taken.begins(&mut file)? {
            return Ok(false);
        }
        if !taken.unreadable.is_empty() {
            let aside = aside(&self.path)?;
            tracing::warn!(file = %aside.display(), "some missed hooks can't be read: going on without them, they are set aside");
            private().create_new(true).write(true).open(aside)?.write_all(&taken.unreadable)?;
        }
        file.set_len(0)?;
        Ok(true)
    }

    fn locked(&self, make: bool) -> io::Result<File> {
        match must_be_ordinary(&self.path) {
            Err(error) if !(make && is_absent(&error)) => return Err(error),
            _ => {}
        }
        let file = patiently(|| private().create(make).truncate(false).read(true).write(true).open(&self.path))?;
        let until = Instant::now() + LOCK_PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => return Err(io::ErrorKind::TimedOut.into()),
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(2)),
            }
        }
    }
}

/// Files that this user alone can read.
fn private() -> OpenOptions {
    #[cfg_attr(windows, expect(unused_mut, reason = "a user's own directory is private there"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    //! Hooks in, hooks out.
    use super::*;

    fn hook(number: &str) -> SpooledHook {
        SpooledHook { at: 1, id: HookId::new(), event: HookEvent::Ring, number: number.to_owned() }
    }

    fn numbers(spool: &Spool) -> Vec<String> {
        spool.take().unwrap().hooks.into_iter().map(|hook| hook.number).collect()
    }

    #[test]
    fn in_and_out_and_what_came_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path());
        assert!(spool.is_empty() && numbers(&spool).is_empty());
        spool.put_away(&spool.take().unwrap()).unwrap();
        spool.add(&hook("1")).unwrap();
        spool.add(&hook("2\n\"")).unwrap();
        let taken = spool.take().unwrap();
        assert_eq!(numbers(&spool), ["1", "2\n\""], "taken is not yet put away");
        spool.add(&hook("3")).unwrap();
        assert!(!spool.put_away(&taken).unwrap());
        assert_eq!(numbers(&spool), ["1", "2\n\"", "3"], "all or nothing: a kill loses none of it");
        let taken = spool.take().unwrap();
        spool.add(&hook("4")).unwrap();
        let more = spool.take_after(&taken).unwrap();
        assert_eq!(more.hooks[0].number, "4");
        assert!(spool.take_after(&more).unwrap().hooks.is_empty());
        assert!(spool.put_away(&more).unwrap());
        assert!(spool.is_empty());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&spool.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn two_at_once_do_not_mix() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path());
        std::thread::scope(|scope| {
            for n in 0..8 {
                let spool = &spool;
                scope.spawn(move || (0..10).for_each(|_| while spool.add(&hook(&n.to_string())).is_err() {}));
            }
        });
        assert_eq!(numbers(&spool).len(), 80);
    }

    #[test]
    fn small_for_ever_and_the_newest_stay() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path());
        let long = "9".repeat(1000);
        for n in 0..1000 {
            spool.add(&hook(&format!("{n}-{long}"))).unwrap();
            assert!(fs::metadata(&spool.path).unwrap().len() < MAX_BYTES + 2000);
        }
        let numbers = numbers(&spool);
        assert!(numbers.len() > 100 && numbers[numbers.len() - 1].starts_with("999-"), "{}", numbers.len());
    }

    #[test]
    fn what_came_when_the_file_had_been_cut_is_not_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path());
        let long = "9".repeat(1000);
        let size = || fs::metadata(&spool.path).map_or(0, |meta| meta.len());
        while size() < MAX_BYTES {
            spool.add(&hook(&long)).unwrap();
        }
        let taken = spool.take().unwrap();
        spool.add(&hook("new")).unwrap();
        assert!(size() < MAX_BYTES, "it is cut");
        assert!(!spool.put_away(&taken).unwrap());
        let more = spool.take_after(&taken).unwrap();
        assert_eq!(more.hooks.last().unwrap().number, "new");
        assert!(spool.put_away(&more).unwrap() && spool.is_empty());
        // Cut, and longer again than what was taken.
        spool.add(&hook("first")).unwrap();
        let taken = spool.take().unwrap();
        let mut added = 0;
        while added < 300 {
            spool.add(&hook(&format!("{added}-{long}"))).unwrap();
            added += 1;
        }
        assert!(!spool.put_away(&taken).unwrap());
        let more = spool.take_after(&taken).unwrap();
        assert_eq!(more.hooks.len(), spool.take().unwrap().hooks.len(), "none of those that are left is missing");
    }

    #[test]
    fn half_lines_and_nonsense_are_set_aside() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path());
        fs::write(&spool.path, "{\"at\":1,\"id\":\"x/../y\",\"event\":\"ring\"}\n{\"at\":1,\"ev").unwrap();
        spool.add(&hook("1")).unwrap();
        let taken = spool.take().unwrap();
        assert_eq!(taken.hooks.len(), 1);
        assert!(spool.put_away(&taken).unwrap());
        let aside = fs::read_to_string(dir.path().join("hooks.jsonl.unreadable")).unwrap();
        assert!(aside.contains("x/../y") && aside.ends_with("{\"at\":1,\"ev\n"), "{aside}");
        assert!(spool.is_empty());
    }

    #[test]
    fn what_is_no_file_is_no_spool() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path());
        assert!(Spool::new(&dir.path().join("gone")).add(&hook("1")).is_err());
        fs::create_dir(&spool.path).unwrap();
        assert!(!spool.is_empty() && spool.take().is_err() && spool.add(&hook("1")).is_err());
    }
}
