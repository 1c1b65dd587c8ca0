//! `calls.jsonl`: ended calls, one line of JSON each. The file only ever grows, by whole lines.
//!
//! A line that can't be read is passed over, never removed. One that can't be written waits in memory.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::file::{is_absent, must_be_ordinary, patiently};
use crate::history::{CAPACITY, PastCall};

/// How much of the file's end is read at the start: many times what the memory holds.
const MAX_READ: u64 = 8 * 1024 * 1024;
/// No line of ours is longer, in bytes.
const MAX_LINE: usize = 64 * 1024;
/// How many calls wait for a disk that can't be written.
const MAX_WAITING: usize = 10_000;
/// How many of these another file takes in meanwhile, of about half a kilobyte each.
const MAX_LENT: usize = 500;

/// The file, and what could not be written to it yet.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    waiting: VecDeque<PastCall>,
}

impl Lines {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, waiting: VecDeque::new() }
    }

    /// The last calls, oldest first.
    pub(super) fn read(&self) -> io::Result<VecDeque<PastCall>> {
        match must_be_ordinary(&self.path) {
            Err(error) if is_absent(&error) => return Ok(VecDeque::new()),
            other => other?,
        }
        let mut file = patiently(|| File::open(&self.path))?;
        let length = file.metadata()?.len();
        let skipped = length.saturating_sub(MAX_READ);
        file.seek(SeekFrom::Start(skipped))?;
        let (calls, unreadable) = read(&mut BufReader::new(file.take(length - skipped)), skipped > 0)?;
        if unreadable > 0 {
            tracing::warn!(file = %self.path.display(), lines = unreadable, "lines of the call history can't be read: passed over, they stay in the file");
        }
        Ok(calls)
    }

    pub(super) fn push(&mut self, call: &PastCall) {
        if self.waiting.len() == MAX_WAITING {
            tracing::error!("too many calls wait to be written to the history: the oldest is lost");
            self.waiting.pop_front();
        }
        self.waiting.push_back(call.clone());
    }

    pub(super) fn all_written(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many calls wait.
    pub(super) fn count(&self) -> usize {
        self.waiting.len()
    }

    /// The last of the calls that wait, oldest first, no more than another small file can hold.
    pub(super) fn waiting(&self) -> Vec<PastCall> {
        self.waiting.iter().skip(self.waiting.len().saturating_sub(MAX_LENT)).cloned().collect()
    }

    /// Writes what waits, in order, as far as it goes. Opened each time: the file may have been moved away.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (mut file, mut length) = self.open()?;
        while let Some(call) = self.waiting.front() {
            let mut line = serde_json::to_vec(call).expect("a call is strings and numbers");
            line.push(b'\n');
            if let Err(error) = file.write_all(&line) {
                // Half a line is taken back; where that fails, the next one begins a new line all the same.
                let _ = file.set_len(length);
                return Err(error);
            }
            length += line.len() as u64;
            self.waiting.pop_front();
        }
        Ok(())
    }

    /// Waits until the disk has it all.
    pub(super) fn sync(&self) -> io::Result<()> {
        match must_be_ordinary(&self.path) {
            Err(error) if is_absent(&error) => Ok(()),
            // For writing: else some systems sync nothing.
            other => other.and_then(|()| OpenOptions::new().append(true).open(&self.path)?.sync_data()),
        }
    }

    /// The file, ready for a new line at its end, and its length.
    fn open(&self) -> io::Result<(File, u64)> {
        match must_be_ordinary(&self.path) {
            Err(error) if !is_absent(&error) => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = patiently(|| options.open(&self.path))?;
        let length = file.seek(SeekFrom::End(0))?;
        if length == 0 {
            return Ok((file, length));
        }
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            return Ok((file, length + 1));
        }
        Ok((file, length))
    }
}

/// The last calls, and how many lines are none. `midway`: it may begin within a line.
fn read(lines: &mut impl BufRead, midway: bool) -> io::Result<(VecDeque<PastCall>, u64)> {
    let (mut calls, mut unreadable, mut line) = (VecDeque::new(), 0, Vec::new());
    if midway {
        read_line(lines, &mut line)?;
    }
    while read_line(lines, &mut line)? {
        match serde_json::from_slice(&line) {
            Ok(call) => {
                if calls.len() == CAPACITY {
                    calls.pop_front();
                }
                calls.push_back(call);
            }
            Err(_) => unreadable += u64::from(!line.trim_ascii().is_empty()),
        }
    }
    Ok((calls, unreadable))
}

/// Reads one line, of which no more is kept than any of ours has; `false` at the end.
fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let bytes = match lines.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        };
        if bytes.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        line.extend_from_slice(&part[..part.len().min(MAX_LINE - line.len())]);
        let used = part.len() + usize::from(end.is_some());
        lines.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// The file of a data directory.
pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join("calls.jsonl")
}

#[cfg(test)]
mod tests {
    //! Lines of every kind, and files that are none.
    use std::fs;

    use protocol::{CallId, Direction, EndReason};

    use super::*;

    fn past(n: u64) -> PastCall {
        PastCall {
            call_id: CallId::new(format!("call-{n}")),
            direction: Direction::In,
            number: "100".to_owned(),
            display_name: None,
            begin_time: n,
            start_time: None,
            end_time: n,
            duration: 0,
            reason: EndReason::Missed,
        }
    }

    fn ids(calls: &VecDeque<PastCall>) -> Vec<u64> {
        calls.iter().map(|call| call.end_time).collect()
    }

    #[test]
    fn endless_lines_and_files_take_no_memory_and_hide_no_call() {
        let dir = tempfile::tempdir().unwrap();
        let mut lines = Lines::new(path(dir.path()));
        lines.push(&past(1));
        lines.write().unwrap();
        let mut file = OpenOptions::new().append(true).open(path(dir.path())).unwrap();
        file.write_all(&vec![b'x'; 3 * MAX_LINE]).unwrap();
        lines.push(&past(2));
        lines.write().unwrap();
        assert_eq!(ids(&lines.read().unwrap()), [1, 2]);
        // More than is read at the start: what is at the end counts.
        file.write_all(&vec![b'y'; MAX_READ as usize]).unwrap();
        lines.push(&past(3));
        lines.write().unwrap();
        assert_eq!(ids(&lines.read().unwrap()), [3]);
        assert!(read_line(&mut &[b'z'; 2 * MAX_LINE][..], &mut Vec::new()).unwrap());
    }

    #[test]
    fn what_can_not_be_written_waits_and_is_written_later_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = path(dir.path());
        fs::create_dir(&path).unwrap();
        let mut lines = Lines::new(path.clone());
        assert!(lines.read().is_err());
        for n in 1..=3 {
            lines.push(&past(n));
            assert!(lines.write().is_err() && !lines.all_written());
        }
        fs::remove_dir(&path).unwrap();
        lines.write().unwrap();
        assert!(lines.all_written());
        assert_eq!(ids(&lines.read().unwrap()), [1, 2, 3]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_neither_read_nor_written() {
        let dir = tempfile::tempdir().unwrap();
        for device in ["/dev/full", "/dev/zero"] {
            let path = dir.path().join(&device[5..]);
            std::os::unix::fs::symlink(device, &path).unwrap();
            let mut lines = Lines::new(path);
            lines.push(&past(1));
            assert!(lines.read().is_err() && lines.write().is_err(), "{device}");
        }
    }
}
