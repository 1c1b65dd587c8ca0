//! Is the number of a hook the number of a call? A hook gives the user part; what was dialled may say more, or less.

/// Longest number that is kept: more is nobody's number.
const MAX_CHARS: usize = 256;

/// A number, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    user: String,
    digits: String,
}

/// How much two numbers have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// Nothing that counts.
    None,
    /// The last seven digits: `+7495…` and `8495…`, or a prefix that a dial plan adds.
    Tail,
    /// The same digits with other punctuation.
    Digits,
    /// The same user part.
    Same,
}

impl Number {
    pub(super) fn new(text: &str) -> Self {
        let text: String = text.trim().chars().take(MAX_CHARS).collect();
        let scheme = ["sip:", "sips:", "tel:"]
            .iter()
            .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        let rest = &text[scheme.map_or(0, |scheme| scheme.len())..];
        let user = rest.split_once('@').map_or(rest, |(user, _)| user);
        let is_phone = user.chars().all(|c| c.is_ascii_digit() || "+-.*#() ".contains(c));
        let kept = |c: &char| c.is_ascii_digit() || matches!(c, '*' | '#');
        let digits = if is_phone { user.chars().filter(kept).collect() } else { String::new() };
        Self { user: user.to_owned(), digits }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.user.is_empty()
    }

    pub(super) fn likeness(&self, other: &Self) -> Likeness {
        let tail = |number: &Self| number.digits.len().checked_sub(7).map(|from| number.digits[from..].to_owned());
        if self.user == other.user {
            Likeness::Same
        } else if !self.digits.is_empty() && self.digits == other.digits {
            Likeness::Digits
        } else if tail(self).is_some() && tail(self) == tail(other) {
            Likeness::Tail
        } else {
            Likeness::None
        }
    }
}

/// The number as tabs may see it: no control characters, not endless.
pub(super) fn for_display(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    //! Pairs of numbers and what they have in common.
    use super::*;

    #[test]
    fn pairs() {
        for (a, b, likeness) in [
            ("100", "100", Likeness::Same),
            ("sip:100@pbx.test", "100", Likeness::Same),
            ("SIP:anna@pbx.test", "anna", Likeness::Same),
            ("", "", Likeness::Same),
            ("+74951234567", "74951234567", Likeness::Digits),
            ("+7 (495) 123", "7495123", Likeness::Digits),
            ("+74951234567", "84951234567", Likeness::Tail),
            ("1234567", "91234567", Likeness::Tail),
            ("100", "200", Likeness::None),
            ("100", "9100", Likeness::None),
            ("100", "", Likeness::None),
            ("anna1234567", "bella1234567", Likeness::None),
            ("*21#", "21", Likeness::None),
        ] {
            assert_eq!(Number::new(a).likeness(&Number::new(b)), likeness, "{a} {b}");
            assert_eq!(Number::new(b).likeness(&Number::new(a)), likeness, "{b} {a}");
        }
    }

    #[test]
    fn endless_and_strange_texts() {
        let long = "9".repeat(10_000);
        assert_eq!(for_display(&long).len(), MAX_CHARS);
        assert_eq!(Number::new(&long).likeness(&Number::new(&long)), Likeness::Same);
        assert_eq!(for_display(" 1\n2\u{7}3\u{85} "), "123");
        assert_eq!(Number::new("й").likeness(&Number::new("й@x")), Likeness::Same);
    }
}
