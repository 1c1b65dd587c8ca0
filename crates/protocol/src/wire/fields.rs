//! Reading messages field by field, from whatever holds values as JSON has them. In wasm that is the browser's own objects: serde's
//! visitors, made anew for each type, would weigh more there than all rules of the phone.

use super::ShapeError;

/// A value as JSON has them, in some format.
pub trait Value: Sized {
    /// Whether it has fields.
    fn is_object(&self) -> bool;
    /// Whether it is `null`.
    fn is_null(&self) -> bool;
    /// One of its fields, if it is an object and has it.
    fn field(&self, name: &str) -> Option<Self>;
    /// Its text, if it is one.
    fn text(&self) -> Option<String>;
    /// Its number, if it is one.
    fn number(&self) -> Option<f64>;
    /// Whether it is true, if it is a boolean.
    fn flag(&self) -> Option<bool>;
    /// Its items, if it is a list.
    fn items(&self) -> Option<Vec<Self>>;
}

/// A type that can be read from the fields of an object.
pub trait Read: Sized {
    /// Reads it; fields that it has not are ignored.
    ///
    /// # Errors
    /// A field is missing or impossible; the text says which.
    fn read<V: Value>(of: &V) -> Result<Self, ShapeError>;
}

/// The largest number that JavaScript counts to exactly.
const MAX: f64 = 9_007_199_254_740_991.0;

pub(crate) fn wrong(name: &str, what: &str) -> ShapeError {
    ShapeError(["`", name, "` ", what].concat())
}

/// Reads an object where there may be anything.
///
/// # Errors
/// It is none, or a field is missing or impossible; the text says which.
pub fn object<T: Read, V: Value>(of: &V) -> Result<T, ShapeError> {
    if of.is_object() { T::read(of) } else { Err(ShapeError("an object is expected".to_owned())) }
}

/// A field that may be left out, or be `null`.
fn maybe<V: Value>(of: &V, name: &str) -> Option<V> {
    of.field(name).filter(|value| !value.is_null())
}

fn needed<V: Value>(of: &V, name: &str) -> Result<V, ShapeError> {
    of.field(name).ok_or_else(|| wrong(name, "is missing"))
}

fn as_text<V: Value>(value: &V, name: &str) -> Result<String, ShapeError> {
    value.text().ok_or_else(|| wrong(name, "must be a string"))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in between")]
fn as_number<V: Value>(value: &V, name: &str) -> Result<u64, ShapeError> {
    let number = value.number().filter(|number| (0.0..=MAX).contains(number)).map(|number| (number, number as u64));
    match number {
        Some((number, whole)) if whole as f64 == number => Ok(whole),
        _ => Err(wrong(name, "must be a whole number, 0 or more")),
    }
}

fn as_flag<V: Value>(value: &V, name: &str) -> Result<bool, ShapeError> {
    value.flag().ok_or_else(|| wrong(name, "must be true or false"))
}

pub(crate) fn text<V: Value>(of: &V, name: &str) -> Result<String, ShapeError> {
    as_text(&needed(of, name)?, name)
}

pub(crate) fn maybe_text<V: Value>(of: &V, name: &str) -> Result<Option<String>, ShapeError> {
    maybe(of, name).map(|value| as_text(&value, name)).transpose()
}

pub(crate) fn number<V: Value>(of: &V, name: &str) -> Result<u64, ShapeError> {
    as_number(&needed(of, name)?, name)
}

pub(crate) fn maybe_number<V: Value>(of: &V, name: &str) -> Result<Option<u64>, ShapeError> {
    maybe(of, name).map(|value| as_number(&value, name)).transpose()
}

pub(crate) fn flag<V: Value>(of: &V, name: &str) -> Result<bool, ShapeError> {
    as_flag(&needed(of, name)?, name)
}

/// False where it is left out.
pub(crate) fn flag_if_any<V: Value>(of: &V, name: &str) -> Result<bool, ShapeError> {
    of.field(name).map_or(Ok(false), |value| as_flag(&value, name))
}

/// The one of these that has the name which the field holds.
pub(crate) fn one_of<V: Value, T: Copy>(
    of: &V,
    name: &str,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Result<T, ShapeError> {
    let text = text(of, name)?;
    let known = all.iter().find(|one| name_of(**one) == text).copied();
    known.ok_or_else(|| wrong(name, &["can't be \"", &text, "\""].concat()))
}

pub(crate) fn maybe_object<T: Read, V: Value>(of: &V, name: &str) -> Result<Option<T>, ShapeError> {
    maybe(of, name).map(|value| object(&value).map_err(|error| within(name, &error))).transpose()
}

pub(crate) fn items<V: Value>(of: &V, name: &str) -> Result<Vec<V>, ShapeError> {
    needed(of, name)?.items().ok_or_else(|| wrong(name, "must be a list"))
}

pub(crate) fn objects<T: Read, V: Value>(of: &V, name: &str) -> Result<Vec<T>, ShapeError> {
    let read = |value| object(&value).map_err(|error| within(name, &error));
    items(of, name)?.into_iter().map(read).collect()
}

fn within(name: &str, error: &ShapeError) -> ShapeError {
    ShapeError([name, ": ", &error.0].concat())
}
