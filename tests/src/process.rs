//! A process of this machine, by its id: stopped, resumed, and what it holds. By `/proc` and signals, so on Linux alone.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// What Linux counts processor time in, on every architecture.
const TICK: Duration = Duration::from_millis(10);

/// A running process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process(pub(crate) u32);

impl Process {
    /// The one of this id.
    pub fn of_id(id: u32) -> Self {
        Self(id)
    }

    /// Memory that it has in RAM, in KiB.
    ///
    /// # Errors
    /// It has ended.
    pub fn memory_kib(self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the process has ended")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Memory in RAM that it has alone, and of what it shares with others its part, in KiB: these add up.
    ///
    /// # Errors
    /// It has ended.
    pub fn share_kib(self) -> Result<u64> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.0))?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("the process has ended")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Processor time that it has used, its own and the system's for it.
    ///
    /// # Errors
    /// It has ended.
    pub fn processor_time(self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        // After the name, which may hold anything: state, ..., then utime and stime, the 14th and 15th of all.
        let (_, rest) = stat.rsplit_once(')').context("the process has ended")?;
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u32>).sum::<Result<u32, _>>()?;
        Ok(TICK * ticks)
    }

    /// Files and sockets that it has open.
    ///
    /// # Errors
    /// It has ended.
    pub fn handles(self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.0))?.count())
    }
}

/// Stops processes where they are, as the machine's sleep does.
///
/// # Errors
/// One of them has ended.
pub fn stop(processes: &[Process]) -> Result<()> {
    signal("STOP", processes)
}

/// Lets stopped processes go on.
///
/// # Errors
/// One of them has ended.
pub fn resume(processes: &[Process]) -> Result<()> {
    signal("CONT", processes)
}

/// Ends processes without a word.
///
/// # Errors
/// One of them has ended.
pub(crate) fn kill(processes: &[Process]) -> Result<()> {
    signal("KILL", processes)
}

fn signal(name: &str, processes: &[Process]) -> Result<()> {
    // The shell's own `kill`: no system is without it.
    let script = format!("kill -{name} \"$@\"");
    let ids = processes.iter().map(|process| process.0.to_string());
    let status = Command::new("sh").args(["-c", &script, "sh"]).args(ids).status()?;
    ensure!(status.success(), "a process has ended before it got its {name}");
    Ok(())
}
