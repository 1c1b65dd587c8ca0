//! A worker beside the one that all tabs share, for tabs that had no answer from that one: when they have gone back, it ends.
//! The browser would keep it, with its connection, for as long as one of their pages is open.

/// How long it may be without a tab, in milliseconds: one may just be on its way.
const ALONE_MS: u64 = 2_000;

/// Whether this is such a worker, and since when it is of no use.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    is_one: bool,
    ends_at: Option<u64>,
}

impl Spare {
    /// By the worker's own name; `sip-phone` is the one that all share.
    pub(crate) fn named(name: &str) -> Self {
        Self { is_one: name.starts_with("sip-phone-"), ends_at: None }
    }

    /// Whether it ends now; `alone`: without a tab.
    pub(crate) fn is_over(&mut self, alone: bool, now: u64) -> bool {
        if !self.is_one || !alone {
            self.ends_at = None;
            return false;
        }
        now >= *self.ends_at.get_or_insert(now + ALONE_MS)
    }

    /// When that may be, if ever.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.ends_at
    }
}
