//! MicroSIP's own list of calls, `[Calls]` of its ini: it knows why and how long where hooks do not say.
//!
//! The file is whoever's who wrote it, and names in it are the callers': what is doubtful is no record.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::ini;
use super::late::Now;
use super::number::Number;

/// A hook waits for no longer, and MicroSIP with it: a tenth of what it would wait for. The file takes a disk at work a millisecond.
const PATIENCE: Duration = Duration::from_secs(1);
/// More is nothing that can be read while a hook waits: a thousand calls are a quarter of this.
const MAX_BYTES: u64 = 2 * 1024 * 1024;
/// MicroSIP counts in whole seconds, and by the same clock.
const EXACT: Duration = Duration::from_secs(5);

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Its place: later ones are higher, until they begin anew at 0.
    pub(super) key: u32,
    pub(super) number: Number,
    pub(super) kind: Kind,
    /// When it began, in Unix seconds.
    pub(super) at: u64,
    /// How long it was connected.
    pub(super) seconds: u64,
}

/// What kind of a call it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Out,
    In,
    Missed,
    Elsewhere,
}

/// A record with its time on our clock.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) record: Record,
    pub(super) at: Instant,
}

impl Told {
    /// Can it be about a call that began then?
    pub(super) fn fits(&self, begun: Instant, now: Instant) -> bool {
        let lasted = Duration::from_secs(self.record.seconds);
        begun <= self.at + EXACT && self.at <= now + EXACT && lasted <= now.saturating_duration_since(begun) + EXACT
    }
}

/// The records in a file's content, whatever it is.
pub(super) fn records_in(bytes: &[u8]) -> Vec<Record> {
    let Some(text) = ini::decode(bytes) else { return Vec::new() };
    let lines = text.lines().map(str::trim).skip_while(|line| !line.eq_ignore_ascii_case("[Calls]")).skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter_map(record).collect()
}

/// How many there are, for those who feed it noise.
pub fn calls_listed_in(bytes: &[u8]) -> usize {
    records_in(bytes).len()
}

fn record(line: &str) -> Option<Record> {
    let (key, value) = line.split_once('=')?;
    let fields: Vec<&str> = value.split(';').collect();
    // A caller's name with a semicolon could say anything: then nobody knows which field is which.
    let [number, _name, kind, at, seconds, _info] = fields[..] else { return None };
    let kind = match kind {
        "0" => Kind::Out,
        "1" => Kind::In,
        "2" => Kind::Missed,
        "3" => Kind::Elsewhere,
        _ => return None,
    };
    let (key, at, seconds) = (key.trim().parse().ok()?, at.parse().ok()?, seconds.parse().ok()?);
    Some(Record { key, number: Number::new(number), kind, at, seconds })
}

/// Reads the list while MicroSIP waits for a hook.
pub(super) struct Records {
    exe: PathBuf,
    /// A disk that takes its time is not asked twice at once.
    reading: Option<JoinHandle<Vec<Record>>>,
}

impl Records {
    pub(super) fn new(exe: &Path) -> Self {
        Self { exe: exe.to_owned(), reading: None }
    }

    /// What the list says now; nothing where it can't be read, or not at once.
    pub(super) async fn read(&mut self) -> Vec<Told> {
        // What an earlier look finds only now is not of now.
        if self.reading.as_ref().is_some_and(|reading| !reading.is_finished()) {
            return Vec::new();
        }
        let exe = self.exe.clone();
        let mut reading = spawn_blocking(move || read(&exe));
        let Ok(records) = timeout(PATIENCE, &mut reading).await else {
            self.reading = Some(reading);
            return Vec::new();
        };
        let now = Now::read();
        let told = |record: Record| {
            let ago = Duration::from_secs((now.millis / 1000).saturating_sub(record.at));
            let ahead = Duration::from_secs(record.at.saturating_sub(now.millis / 1000));
            let at = now.instant.checked_sub(ago)?.checked_add(ahead)?;
            Some(Told { record, at })
        };
        records.unwrap_or_default().into_iter().filter_map(told).collect()
    }
}

fn read(exe: &Path) -> Vec<Record> {
    let file = ini::places(exe).find_map(|path| File::open(path).ok().filter(is_small));
    let mut bytes = Vec::new();
    let read = file.map(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
    if matches!(read, Some(Ok(_))) { records_in(&bytes) } else { Vec::new() }
}

/// Also an ordinary file: others may never end.
fn is_small(file: &File) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() < MAX_BYTES)
}

#[cfg(test)]
mod tests {
    use super::super::ini::utf16;
    use super::*;

    #[test]
    fn lines_and_what_is_none() {
        let file = utf16(
            "[Settings]\r\ncallsLastKey=7\r\n9=1;;1;1;1;\r\n[calls]\r\n0=100;Anna;2;1700000000;0;Missed call\r\n1=null\r\n\
             2=200@pbx.test;;3;1700000001;0;Call completed elsewhere\r\n3=a;b;c;3;1700000001;0;x\r\n4=a;b;9;1;1;x\r\n\
             5=a;b;1;1;1\r\n6=a;b;1;-1;1;x\r\n7=300;;0;1700000002;65;Call ended\r\nx=100;;1;1;1;\r\n[Dialed]\r\n8=1;;1;1;1;\r\n",
        );
        let found: Vec<_> = records_in(&file).into_iter().map(|r| (r.key, r.kind, r.at, r.seconds)).collect();
        let expected = [
            (0, Kind::Missed, 1_700_000_000, 0),
            (2, Kind::Elsewhere, 1_700_000_001, 0),
            (7, Kind::Out, 1_700_000_002, 65),
        ];
        assert_eq!(found, expected);
        assert_eq!(records_in(&file)[1].number, Number::new("200"));
        for bytes in [&b""[..], b"[Calls]\n0=1;;1;1;1;\n", &[0xff, 0xfe, 0x5b]] {
            assert_eq!(records_in(bytes), []);
        }
    }

    #[tokio::test]
    async fn what_can_not_be_read_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let exe = dir.path().join("microsip.exe");
        let mut records = Records::new(&exe);
        assert!(records.read().await.is_empty());
        let line = "[Calls]\r\n0=100;;2;1700000000;0;\r\n";
        std::fs::write(exe.with_extension("ini"), utf16(line)).unwrap();
        // A busy machine may take longer than a hook waits.
        while records.read().await.len() != 1 {}
        std::fs::write(exe.with_extension("ini"), utf16(&line.repeat(40_000))).unwrap();
        assert!(records.read().await.is_empty(), "too large to be read while a hook waits");
        std::fs::remove_file(exe.with_extension("ini")).unwrap();
        std::fs::create_dir(exe.with_extension("ini")).unwrap();
        assert!(records.read().await.is_empty());
    }
}
