//! What can be dialled: validated and normalised once, at the edge, by everybody with the same code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest number after normalisation, in characters.
const MAX_CHARS: usize = 64;

/// A number that can be dialled: digits, `*`, `#`, a leading `+`; or `sip:user@host` with an optional `:port`.
///
/// Spaces, dots, dashes and parentheses of a number are dropped. The value has 1 to 64 ASCII characters and never begins
/// with `-` or `/`: it can't be taken for an option of a program.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Why a text is not a number; the message is for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub enum InvalidPhoneNumber {
    /// Nothing is left after dropping spaces and punctuation.
    Empty,
    /// More than 64 characters.
    TooLong,
    /// A character that no number has.
    Character(char),
    /// `sip:` without a user and a host of allowed characters.
    SipAddress,
}

impl InvalidPhoneNumber {
    /// The message, made without the machinery that shows characters with escapes: it has tables of them.
    pub(crate) fn text(self) -> String {
        let text = match self {
            Self::Empty => "the number is empty",
            Self::TooLong => "the number is longer than 64 characters",
            Self::Character(_) => "can't be part of a number: use digits, *, #, a leading +, or sip:user@host",
            Self::SipAddress => "a SIP address has the form sip:user@host",
        };
        match self {
            Self::Character(c) if c.is_control() => ["a control character ", text].concat(),
            Self::Character(c) => ["'", c.encode_utf8(&mut [0; 4]), "' ", text].concat(),
            _ => text.to_owned(),
        }
    }
}

impl PhoneNumber {
    /// The normalised number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PhoneNumber {
    type Err = InvalidPhoneNumber;

    fn from_str(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let text = text.trim_matches(' ');
        match text.split_at_checked(4) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("sip:") => sip_address(rest),
            _ => plain_number(text),
        }
    }
}

fn plain_number(text: &str) -> Result<PhoneNumber, InvalidPhoneNumber> {
    let mut number = String::new();
    for c in text.chars() {
        match c {
            _ if is_punctuation(c) => continue,
            '0'..='9' | '*' | '#' => number.push(c),
            '+' if number.is_empty() => number.push(c),
            other => return Err(InvalidPhoneNumber::Character(other)),
        }
        if number.len() > MAX_CHARS {
            return Err(InvalidPhoneNumber::TooLong);
        }
    }
    match number.as_str() {
        "" | "+" => Err(InvalidPhoneNumber::Empty),
        _ => Ok(PhoneNumber(number)),
    }
}

/// What people and web pages put between digits; the non-ASCII ones come with copied text.
fn is_punctuation(c: char) -> bool {
    matches!(c, ' ' | '.' | '-' | '(' | ')' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2010}'..='\u{2014}')
}

/// A subset of RFC 3261 section 19.1.1: no password, parameters, headers or escapes, so nothing to smuggle in.
fn sip_address(rest: &str) -> Result<PhoneNumber, InvalidPhoneNumber> {
    let (user, host) = rest.split_once('@').ok_or(InvalidPhoneNumber::SipAddress)?;
    let user_ok = !user.is_empty() && user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+*#~!".contains(&b));
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let name_ok = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
        && !name.starts_with(['.', '-']);
    let port_ok = port.is_none_or(|p| p.bytes().all(|b| b.is_ascii_digit()) && p.parse::<u16>().is_ok_and(|n| n > 0));
    if !(user_ok && name_ok && port_ok) {
        return Err(InvalidPhoneNumber::SipAddress);
    }
    let number = ["sip:", rest].concat();
    if number.len() > MAX_CHARS {
        return Err(InvalidPhoneNumber::TooLong);
    }
    Ok(PhoneNumber(number))
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhoneNumber;

    fn try_from(text: String) -> Result<Self, InvalidPhoneNumber> {
        text.parse()
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
