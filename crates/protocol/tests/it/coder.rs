//! Messages by the coder that ships in the wasm must be the same as by serde: each case of `wire_json` goes through both.

use protocol::wire::fields::{Read, object};
use protocol::wire::json::{Json, Write};
use serde_json::Value as Tree;

pub use crate::source::Source;

/// What the coder writes, read back.
pub fn written(value: &dyn Write) -> Tree {
    serde_json::from_str(&Json::of(value)).expect("it writes JSON")
}

/// What the coder reads.
pub fn read<T: Read>(json: &Tree) -> Option<T> {
    object(&Source(json.clone())).ok()
}
