//! Names that hub and shells have for what is not theirs to hold.

use protocol::wire::rest::MAX_KEY;

/// Names one port, for as long as the shell knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortId(pub u32);

/// Names one request to the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PostId(pub u32);

/// Longest name of a tab's Web Lock, in bytes.
pub(crate) const MAX_LOCK: usize = 256;

/// Whether a browser takes this for the name of a lock.
pub(crate) fn is_lock_name(name: &str) -> bool {
    (1..=MAX_LOCK).contains(&name.len()) && !name.starts_with('-')
}

/// Whether this can be a command's key, see [`protocol::wire::rest::KEY_HEADER`].
pub(crate) fn is_key(key: &str) -> bool {
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}
