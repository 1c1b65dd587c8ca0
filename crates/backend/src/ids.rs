//! Ids that the backend makes.

use protocol::CallId;

/// A new call's id: random, so that it is never reused, not even by another life of the backend.
pub fn new_call_id() -> CallId {
    CallId::new(format!("call-{:016x}", rand::random::<u64>()))
}
