//! Plain JavaScript values: reading, writing and making them.

use js_sys::Reflect;
use protocol::wire::json::Write;
use wasm_bindgen::prelude::*;

/// A field of an object; `undefined` where there is none.
pub(crate) fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a field of a plain object.
pub(crate) fn set(object: &JsValue, key: &str, value: &JsValue) {
    let _ = Reflect::set(object, &key.into(), value);
}

/// A number in words of JavaScript, whose printer of floats is there anyway.
pub(crate) fn decimal(number: f64) -> String {
    js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default()
}

/// As plain JSON-like data: `null` for what is absent, objects for maps.
pub(crate) fn to_js(value: &dyn Write) -> JsValue {
    js_wire::write(value)
}
