//! Which worker a tab joins: the one that all tabs share, or where that one never answers, another beside it.

use std::cell::Cell;

use crate::locks;

/// Attempts in a row that nothing came of, until another worker is tried: the first may have met one that was just ending.
const IN_VAIN: u32 = 2;
/// Of the worker of most tabs.
const NAME: &str = "sip-phone";
/// How the locks of workers begin, which the boot script takes; they end with the worker's name.
const LOCK: &str = "sip-phone-worker-";

/// The worker's name, as a number. A worker whose script never arrives, say over a dead connection, would be shared for ever,
/// and nothing ends it. Workers that live hold a lock: the tabs gather at the first of them.
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
            0 => NAME.to_owned(),
            number => format!("{NAME}-{number}"),
        }
    }

    /// The script's address, for this build's worker if one is named. Another for each worker: the browser's cache would have
    /// a second request for the same file wait for the first.
    pub(crate) fn address(&self, script: &str, bundle: &str) -> String {
        let number = Some(self.number.get()).filter(|number| *number > 0).map(|number| number.to_string());
        let (mut address, mut mark) = (script.to_owned(), "?");
        for (name, value) in [("v", Some(bundle).filter(|bundle| !bundle.is_empty())), ("n", number.as_deref())] {
            if let Some(value) = value {
                address.extend([std::mem::replace(&mut mark, "&"), name, "=", value]);
            }
        }
        address
    }

    /// The worker has answered.
    pub(crate) fn answered(&self) {
        self.in_vain.set(0);
    }

    /// It has not; gives how often in a row that was so. Where it lives all the same, it is asked again.
    pub(crate) fn unanswered(&self, living: &Living) -> u32 {
        let in_vain = self.in_vain.get() + 1;
        self.in_vain.set(in_vain);
        if in_vain.is_multiple_of(IN_VAIN) && living.0.is_none() {
            self.number.set(self.number.get() + 1);
        }
        in_vain
    }

    /// Whether the tab is to go to another worker than its own.
    pub(crate) fn gather(&self, living: &Living) -> bool {
        living.0.is_some_and(|first| self.number.replace(first) != first)
    }
}

/// The first worker that lives, if any is known to.
pub(crate) struct Living(Option<u32>);

impl Living {
    /// To pages of another origin than the worker's.
    pub(crate) fn unknown() -> Self {
        Self(None)
    }

    /// Looks, and calls this.
    pub(crate) fn look(act: impl FnOnce(Self) + 'static) {
        locks::held(|names| act(Self(names.iter().filter_map(|name| number(name)).min())));
    }
}

/// Of the worker that holds this lock, if it is one of ours.
fn number(lock: &str) -> Option<u32> {
    let (_, name) = lock.strip_prefix(LOCK)?.split_once('-')?;
    match name.strip_prefix(NAME)? {
        "" => Some(0),
        more => more.strip_prefix('-')?.parse().ok(),
    }
}
