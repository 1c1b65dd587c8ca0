//! Which worker a tab joins: the one that all tabs share, or where that one never answers, another beside it.

use std::cell::Cell;

/// Attempts in a row that nothing came of, until another worker is tried: the first may have met one that was just ending.
const IN_VAIN: u32 = 2;

/// The worker's name, as a number. A worker whose script never arrives, say over a dead connection, would be shared for ever,
/// and nothing ends it. Tabs of two workers are still one phone: the backend chooses among workers.
#[derive(Default)]
pub(crate) struct WorkerName {
    number: Cell<u32>,
    in_vain: Cell<u32>,
}

impl WorkerName {
    /// 0 for the worker of most tabs.
    pub(crate) fn number(&self) -> u32 {
        self.number.get()
    }

    /// For `new SharedWorker`.
    pub(crate) fn get(&self) -> String {
        match self.number.get() {
            0 => "sip-phone".to_owned(),
            number => format!("sip-phone-{number}"),
        }
    }

    /// The worker has answered.
    pub(crate) fn answered(&self) {
        self.in_vain.set(0);
    }

    /// It has not; gives how often in a row that was so.
    pub(crate) fn unanswered(&self) -> u32 {
        let in_vain = self.in_vain.get() + 1;
        self.in_vain.set(in_vain);
        if in_vain.is_multiple_of(IN_VAIN) {
            self.number.set(self.number.get() + 1);
        }
        in_vain
    }
}
