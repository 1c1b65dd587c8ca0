//! What an operator, a page or a link gives to be dialled.

use backend::engine::microsip::MicroSipCommand;
use protocol::{DtmfDigits, PhoneNumber};

/// The input is a text: a phone number, and DTMF digits.
pub fn phone_number(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(number) = text.parse::<PhoneNumber>() {
        is_clean(&number);
    }
    if let Ok(digits) = text.parse::<DtmfDigits>() {
        are_clean(&digits);
    }
}

/// Nothing but a number: no option, no command of MicroSIP's, nothing that a shell or a command line would take apart.
pub(crate) fn is_clean(number: &PhoneNumber) {
    let text = number.as_str();
    assert!((1..=64).contains(&text.len()), "{text:?} has {} characters", text.len());
    let (allowed, rest) = match text.strip_prefix("sip:") {
        Some(rest) => ("-_.+*#~!@:", rest),
        None => ("+*#", text),
    };
    assert!(rest.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c)), "{text:?}");
    assert!(text.starts_with("sip:") || text.chars().all(|c| !c.is_ascii_alphabetic()), "{text:?}");
    assert!(!text.starts_with(['/', '-']) && !text.starts_with("msip:"), "{text:?} is a command");
    assert!(text.chars().skip(1).all(|c| c != '+') || text.starts_with("sip:"), "{text:?}");
    assert_eq!(text.parse::<PhoneNumber>().as_ref(), Ok(number), "normalising twice changes nothing");
    assert_eq!(MicroSipCommand::Dial(number.clone()).to_string(), text);
    assert_eq!(MicroSipCommand::Transfer(number.clone()).to_string(), format!("/transfer:{text}"));
}

/// Nothing but digits.
pub(crate) fn are_clean(digits: &DtmfDigits) {
    let text = digits.as_str();
    assert!((1..=32).contains(&text.len()), "{text:?} has {} characters", text.len());
    assert!(text.bytes().all(|b| b"0123456789*#ABCD".contains(&b)), "{text:?}");
    assert_eq!(text.parse::<DtmfDigits>().as_ref(), Ok(digits));
    assert_eq!(MicroSipCommand::Dtmf(digits.clone()).to_string(), format!("/dtmf:{text}"));
}
