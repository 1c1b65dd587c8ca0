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
    /// What a field says is impossible; what [`Fields`] finds out by itself is told before that.
    fn read<V: Value>(of: &mut Fields<V>) -> Result<Self, ShapeError>;
}

/// The fields of an object, and what is wrong with the first that is. What could not be read is empty then: to go on costs the
/// wasm less than a way back from each field.
#[derive(Debug)]
pub struct Fields<'a, V> {
    of: &'a V,
    wrong: Option<ShapeError>,
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
    if !of.is_object() {
        return Err(ShapeError("an object is expected".to_owned()));
    }
    let mut fields = Fields { of, wrong: None };
    let read = T::read(&mut fields);
    match fields.wrong {
        Some(wrong) => Err(wrong),
        None => read,
    }
}

impl<V: Value> Fields<'_, V> {
    /// A field that may be left out, or be `null`.
    fn maybe(&self, name: &str) -> Option<V> {
        self.of.field(name).filter(|value| !value.is_null())
    }

    fn needed(&mut self, name: &str) -> Option<V> {
        let value = self.of.field(name);
        if value.is_none() {
            self.wrong(name, "is missing");
        }
        value
    }

    pub(crate) fn wrong(&mut self, name: &str, what: &str) {
        self.wrong.get_or_insert_with(|| wrong(name, what));
    }

    fn within(&mut self, name: &str, error: &ShapeError) {
        self.wrong.get_or_insert_with(|| ShapeError([name, ": ", &error.0].concat()));
    }

    fn as_text(&mut self, value: &V, name: &str) -> String {
        value.text().unwrap_or_else(|| {
            self.wrong(name, "must be a string");
            String::new()
        })
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in between")]
    fn as_number(&mut self, value: &V, name: &str) -> u64 {
        let number = value.number().filter(|number| (0.0..=MAX).contains(number)).map(|number| (number, number as u64));
        match number {
            Some((number, whole)) if whole as f64 == number => whole,
            _ => {
                self.wrong(name, "must be a whole number, 0 or more");
                0
            }
        }
    }

    fn as_flag(&mut self, value: &V, name: &str) -> bool {
        value.flag().unwrap_or_else(|| {
            self.wrong(name, "must be true or false");
            false
        })
    }

    pub(crate) fn text(&mut self, name: &str) -> String {
        self.needed(name).map(|value| self.as_text(&value, name)).unwrap_or_default()
    }

    pub(crate) fn maybe_text(&mut self, name: &str) -> Option<String> {
        self.maybe(name).map(|value| self.as_text(&value, name))
    }

    pub(crate) fn number(&mut self, name: &str) -> u64 {
        self.needed(name).map(|value| self.as_number(&value, name)).unwrap_or_default()
    }

    pub(crate) fn maybe_number(&mut self, name: &str) -> Option<u64> {
        self.maybe(name).map(|value| self.as_number(&value, name))
    }

    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.needed(name).is_some_and(|value| self.as_flag(&value, name))
    }

    /// False where it is left out.
    pub(crate) fn flag_if_any(&mut self, name: &str) -> bool {
        self.of.field(name).is_some_and(|value| self.as_flag(&value, name))
    }

    /// The one of these that has the name which the field holds.
    pub(crate) fn one_of<T: Copy>(&mut self, name: &str, all: &[T], name_of: fn(T) -> &'static str) -> T {
        let text = self.text(name);
        let known = all.iter().find(|one| name_of(**one) == text);
        *known.unwrap_or_else(|| {
            self.wrong(name, &["can't be \"", &text, "\""].concat());
            &all[0]
        })
    }

    pub(crate) fn maybe_object<T: Read>(&mut self, name: &str) -> Option<T> {
        let value = self.maybe(name)?;
        object(&value).map_err(|error| self.within(name, &error)).ok()
    }

    pub(crate) fn items(&mut self, name: &str) -> Vec<V> {
        let Some(value) = self.needed(name) else { return Vec::new() };
        value.items().unwrap_or_else(|| {
            self.wrong(name, "must be a list");
            Vec::new()
        })
    }

    pub(crate) fn objects<T: Read>(&mut self, name: &str) -> Vec<T> {
        let items = self.items(name);
        let read = |value: &V| object(value).map_err(|error| self.within(name, &error)).ok();
        items.iter().filter_map(read).collect()
    }
}
