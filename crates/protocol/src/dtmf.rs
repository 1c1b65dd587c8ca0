//! DTMF digits to send in a call.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One to 32 DTMF events, `0`-`9`, `*`, `#`, `A`-`D` (RFC 4733 section 3.2), sent in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DtmfDigits(String);

/// A text that can't be sent as DTMF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("DTMF takes 1 to 32 of the digits 0-9, *, # and A-D")]
pub struct InvalidDtmf;

impl InvalidDtmf {
    /// The same as part of a sentence about the field.
    pub(crate) const TEXT: &str = "takes 1 to 32 of the digits 0-9, *, # and A-D";
}

impl DtmfDigits {
    /// The digits, letters in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DtmfDigits {
    type Err = InvalidDtmf;

    fn from_str(text: &str) -> Result<Self, InvalidDtmf> {
        let digits = text.to_ascii_uppercase();
        let known = |b: u8| matches!(b, b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D');
        if (1..=32).contains(&digits.len()) && digits.bytes().all(known) { Ok(Self(digits)) } else { Err(InvalidDtmf) }
    }
}

impl TryFrom<String> for DtmfDigits {
    type Error = InvalidDtmf;

    fn try_from(text: String) -> Result<Self, InvalidDtmf> {
        text.parse()
    }
}

impl From<DtmfDigits> for String {
    fn from(digits: DtmfDigits) -> Self {
        digits.0
    }
}

impl fmt::Display for DtmfDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
