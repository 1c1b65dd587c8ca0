//! Messages by the coder that ships in the wasm must be the same as by serde: each case of `wire_json` goes through both.

use protocol::wire::fields::{Read, Value, object};
use protocol::wire::json::{Json, Write};
use serde_json::Value as Tree;

/// JSON as the coder reads it.
pub struct Source(pub Tree);

impl Value for Source {
    fn is_object(&self) -> bool {
        self.0.is_object() || self.0.is_array()
    }

    fn is_null(&self) -> bool {
        self.0.is_null()
    }

    fn field(&self, name: &str) -> Option<Self> {
        self.0.get(name).cloned().map(Self)
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.0.as_array().map(|items| items.iter().cloned().map(Self).collect())
    }
}

/// What the coder writes, read back.
pub fn written(value: &dyn Write) -> Tree {
    serde_json::from_str(&Json::of(value)).expect("it writes JSON")
}

/// What the coder reads.
pub fn read<T: Read>(json: &Tree) -> Option<T> {
    object(&Source(json.clone())).ok()
}
