//! The token that those beyond loopback must show.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq;

/// A secret of 1 to 256 characters, of those that a cookie and a header can carry. Never shown, not even to a debugger.
#[derive(Clone)]
pub struct Token(String);

/// A text that can't be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token has 1 to 256 letters, digits and any of -._~+/=")]
pub struct InvalidToken;

impl Token {
    /// Whether somebody has shown this token, in a time that tells nothing about it but its length.
    pub fn matches(&self, shown: &str) -> bool {
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
    }

    /// The secret itself, for the cookie.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        // The alphabet of RFC 6750 section 2.1.
        let known = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
        if (1..=256).contains(&text.len()) && text.bytes().all(known) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidToken)
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
