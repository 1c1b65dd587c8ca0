//! Memory and handles of backend and browser.

use std::fmt::{self, Display, Formatter};

use anyhow::{Result, ensure};

use crate::{Desk, Process};

/// What may be in use more than before without being a leak: caches, another process for a tab.
const BACKEND_SLACK_KIB: u64 = 8 * 1024;
const BROWSER_SLACK_KIB: u64 = 200 * 1024;
const BACKEND_SLACK_HANDLES: usize = 16;
const BROWSER_SLACK_HANDLES: usize = 200;

/// What is in use when everything is at rest, with a fixed number of tabs.
pub(super) struct Measure {
    backend_kib: u64,
    backend_handles: usize,
    browser_kib: u64,
    browser_handles: usize,
    processes: usize,
    /// Of the worker's own JavaScript; bytes.
    worker_heap: u64,
}

impl Measure {
    pub(super) async fn take(desk: &mut Desk) -> Result<Self> {
        let backend = desk.backend.process()?;
        let browser = desk.devtools.processes().await?;
        let worker = desk.devtools.worker().await?;
        let heap = desk.devtools.heap(&worker).await?;
        // Those that have just ended have nothing.
        let sum = |of: fn(Process) -> Result<u64>| browser.iter().filter_map(|process| of(*process).ok()).sum::<u64>();
        Ok(Self {
            backend_kib: backend.memory_kib()?,
            backend_handles: backend.handles()?,
            browser_kib: sum(Process::memory_kib),
            browser_handles: usize::try_from(sum(|process| Ok(process.handles()? as u64)))?,
            processes: browser.len(),
            worker_heap: heap,
        })
    }

    /// Fails where something has grown.
    pub(super) fn no_more_than(&self, before: &Self) -> Result<()> {
        let grown = self.backend_kib > before.backend_kib * 3 / 2 + BACKEND_SLACK_KIB
            || self.browser_kib > before.browser_kib * 3 / 2 + BROWSER_SLACK_KIB
            || self.backend_handles > before.backend_handles + BACKEND_SLACK_HANDLES
            || self.browser_handles > before.browser_handles * 3 / 2 + BROWSER_SLACK_HANDLES
            || self.worker_heap > before.worker_heap * 2 + (1 << 20);
        ensure!(!grown, "more is in use than after the first fifth:\n    {before}\n    {self}");
        Ok(())
    }
}

impl Display for Measure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { backend_kib, backend_handles, browser_kib, browser_handles, processes, worker_heap } = self;
        write!(f, "backend {backend_kib} KiB, {backend_handles} handles; ")?;
        write!(f, "browser {browser_kib} KiB, {browser_handles} handles, {processes} processes; ")?;
        write!(f, "worker's heap {} KiB", worker_heap / 1024)
    }
}
