//! Names that hub and shells have for what is not theirs to hold.

use protocol::wire::json::{push_hex, push_number};
use protocol::wire::rest::MAX_KEY;

/// Names one port, for as long as the shell knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortId(pub u32);

/// Names one request to the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PostId(pub u32);

/// Makes names of requests, no two alike.
#[derive(Debug, Default)]
pub(crate) struct PostIds(u32);

impl PostIds {
    pub(crate) fn next(&mut self) -> PostId {
        self.0 += 1;
        PostId(self.0)
    }
}

/// Longest name of a tab's Web Lock, in bytes.
pub(crate) const MAX_LOCK: usize = 256;

/// Whether a browser takes this for the name of a lock.
pub(crate) fn is_lock_name(name: &str) -> bool {
    (1..=MAX_LOCK).contains(&name.len()) && !name.starts_with('-')
}

/// A worker's name, from its seed.
pub(crate) fn name_of(seed: u64) -> String {
    let mut name = String::new();
    push_hex(&mut name, seed, 16);
    name
}

/// `NAME-NUMBER`.
pub(crate) fn numbered(name: &str, number: u64) -> String {
    let mut text = [name, "-"].concat();
    push_number(&mut text, number);
    text
}

const _: () = assert!(MAX_LOCK == 256 && MAX_KEY == 64, "the hub's texts name these");
