//! Each run of a hook has a name of its own, so that what is told twice counts once.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::CallId;
use serde::{Deserialize, Serialize};

use crate::ids::new_call_id;

/// How many are remembered where none waits in the spool: many times what can be under way at once.
const REMEMBERED: usize = 64;
/// How many are remembered at most: more than the spool holds.
const AT_MOST: usize = 8192;
/// Longest id that is taken, in characters.
const MAX_CHARS: usize = 32;

/// Names one run of a hook: hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct HookId(String);

/// No such id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hook's id is 1 to 32 hexadecimal digits")]
pub struct NoHookId;

impl HookId {
    /// A new one.
    #[allow(clippy::new_without_default)] // each is another
    pub fn new() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()))
    }

    /// The id of the call that this hook begins: the same each time that the hook is taken in.
    pub(super) fn call_id(&self) -> CallId {
        CallId::new(format!("call-{}", self.0))
    }
}

impl TryFrom<String> for HookId {
    type Error = NoHookId;

    fn try_from(text: String) -> Result<Self, NoHookId> {
        let fits = (1..=MAX_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if fits { Ok(Self(text)) } else { Err(NoHookId) }
    }
}

impl fmt::Display for HookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of the call that the hook at hand may begin: so a hook that is taken in anew begins the same call.
#[derive(Clone, Debug, Default)]
pub(super) struct NextCall(Arc<Mutex<Option<CallId>>>);

impl NextCall {
    /// `None`: an id of no hook.
    pub(super) fn set(&self, id: Option<CallId>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }

    /// For one call; any other has an id of its own.
    pub(super) fn take(&self) -> CallId {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(new_call_id)
    }
}

/// The hooks that were taken in last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SeenHooks(VecDeque<HookId>);

impl SeenHooks {
    /// Notes a hook; `false` if it was taken in before.
    pub(super) fn is_new(&mut self, id: &HookId) -> bool {
        if self.0.contains(id) {
            return false;
        }
        self.0.push_back(id.clone());
        self.keep(AT_MOST);
        true
    }

    /// Forgets those that nobody will tell of again, now that the spool holds none of them.
    pub(super) fn forget_old(&mut self) {
        self.keep(REMEMBERED);
    }

    fn keep(&mut self, most: usize) {
        let old = self.0.len().saturating_sub(most);
        self.0.drain(..old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits_and_nothing_else() {
        assert!(HookId::try_from(HookId::new().to_string()).is_ok());
        for text in ["", "x", "../a", "a b", &"a".repeat(33)] {
            assert_eq!(HookId::try_from(text.to_owned()), Err(NoHookId), "{text}");
        }
    }

    #[test]
    fn the_last_are_remembered() {
        let mut seen = SeenHooks::default();
        let first = HookId::new();
        assert!(seen.is_new(&first) && !seen.is_new(&first));
        (0..REMEMBERED).for_each(|_| assert!(seen.is_new(&HookId::new())));
        assert!(!seen.is_new(&first), "it may be in the spool still");
        seen.forget_old();
        assert!(seen.is_new(&first));
        (0..AT_MOST).for_each(|n| assert!(seen.is_new(&HookId::try_from(format!("a{n:x}")).unwrap())));
        assert!(seen.is_new(&first));
    }
}
