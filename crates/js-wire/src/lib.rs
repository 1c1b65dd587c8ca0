//! Messages as JavaScript values, for worker and widget: read field by field, written as one JSON text that the browser parses.
#![cfg(target_arch = "wasm32")]

use js_sys::{Array, JSON, Reflect};
use protocol::wire::ShapeError;
use protocol::wire::fields::{self, Read, Value};
use protocol::wire::json::{Json, Write};
use wasm_bindgen::prelude::*;

/// A JavaScript value as something to read a message from.
#[derive(Debug)]
pub struct Js(pub JsValue);

impl Value for Js {
    fn is_object(&self) -> bool {
        self.0.is_object()
    }

    fn is_null(&self) -> bool {
        self.0.is_null()
    }

    fn field(&self, name: &str) -> Option<Self> {
        Reflect::get(&self.0, &name.into()).ok().filter(|value| !value.is_undefined()).map(Self)
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        let list: &Array = self.0.dyn_ref()?;
        Some(list.iter().map(Self).collect())
    }
}

/// Parses JSON text.
pub fn parse(json: &str) -> Option<JsValue> {
    JSON::parse(json).ok()
}

/// Reads a payload.
///
/// # Errors
/// It has not the shape; the text says why.
pub fn read<T: Read>(payload: JsValue) -> Result<T, ShapeError> {
    fields::object(&Js(payload))
}

/// The plain object that says the same: `null` for what is absent.
pub fn write(value: &dyn Write) -> JsValue {
    parse(&Json::of(value)).unwrap_or_default()
}
