//! Writing messages as JSON text, field by field: one text that the browser's own parser takes, where serde would make each field a
//! JavaScript value by itself.

/// A type that can be written as the fields of an object.
pub trait Write {
    /// Writes its fields.
    fn write(&self, to: &mut Json);
}

/// A JSON text that grows. What is written ends with a comma, until its object ends.
#[derive(Debug, Default)]
pub struct Json(String);

impl Json {
    /// The whole text of one object.
    pub fn of(value: &dyn Write) -> String {
        let mut json = Self::default();
        json.item(value);
        json.0.pop();
        json.0
    }

    /// `{ type, payload }`.
    pub fn message(kind: &str, payload: &dyn Write) -> String {
        let mut json = Self("{".to_owned());
        json.text("type", kind);
        json.object("payload", payload);
        json.close('}');
        json.0.pop();
        json.0
    }

    /// A field with a text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.quoted(value);
        self.0.push(',');
    }

    /// A field with a text, or `null`.
    pub fn text_or_null(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.verbatim(name, "null"),
        }
    }

    /// A field with a text, if there is one.
    pub fn text_if_any(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A field with a number.
    pub fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        push_number(&mut self.0, value);
        self.0.push(',');
    }

    /// A field that is true or false.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.verbatim(name, if value { "true" } else { "false" });
    }

    /// A field with this JSON text.
    pub fn verbatim(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
        self.0.push(',');
    }

    /// A field with an object.
    pub fn object(&mut self, name: &str, value: &dyn Write) {
        self.name(name);
        self.item(value);
    }

    /// A field with a list, whose items are written next, until [`Json::end_list`].
    pub fn begin_list(&mut self, name: &str) {
        self.name(name);
        self.0.push('[');
    }

    /// An object in a list.
    pub fn item(&mut self, value: &dyn Write) {
        self.0.push('{');
        value.write(self);
        self.close('}');
    }

    /// A text in a list.
    pub fn text_item(&mut self, value: &str) {
        self.quoted(value);
        self.0.push(',');
    }

    /// The list's end.
    pub fn end_list(&mut self) {
        self.close(']');
    }

    fn close(&mut self, with: char) {
        if self.0.ends_with(',') {
            self.0.pop();
        }
        self.0.push(with);
        self.0.push(',');
    }

    fn name(&mut self, name: &str) {
        self.quoted(name);
        self.0.push(':');
    }

    fn quoted(&mut self, text: &str) {
        self.0.push('"');
        for c in text.chars() {
            if c < ' ' {
                self.0.push_str("\\u00");
                push_hex(&mut self.0, u64::from(c), 2);
                continue;
            }
            if matches!(c, '"' | '\\') {
                self.0.push('\\');
            }
            self.0.push(c);
        }
        self.0.push('"');
    }
}

/// Appends a number's decimal digits.
pub fn push_number(to: &mut String, number: u64) {
    if number >= 10 {
        push_number(to, number / 10);
    }
    push_digit(to, number % 10);
}

/// Appends this many hexadecimal digits of a number, the last ones.
pub fn push_hex(to: &mut String, number: u64, digits: u32) {
    (0..digits).rev().for_each(|place| push_digit(to, number >> (4 * place) & 15));
}

#[allow(clippy::cast_possible_truncation, reason = "below 16")]
fn push_digit(to: &mut String, digit: u64) {
    let digit = digit as u8;
    to.push(char::from(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }));
}
