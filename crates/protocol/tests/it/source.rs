//! JSON as the coder of the wasm reads it, for tests on the host: the same reader, on another kind of value.

use protocol::wire::fields::Value;
use serde_json::Value as Tree;

/// A value of JSON.
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
