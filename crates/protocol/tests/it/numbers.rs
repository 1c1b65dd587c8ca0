//! What can be dialled, and what can't.

use protocol::{DtmfDigits, EventId, InvalidPhoneNumber, PhoneNumber};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn numbers_are_normalised() {
    let cases = [
        ("123", "123"),
        (" +7 (495) 123-45-67 ", "+74951234567"),
        ("8\u{a0}800\u{202f}555\u{2011}35\u{2013}35", "88005553535"),
        ("*72#", "*72#"),
        ("1.2.3", "123"),
        ("(+49) 30", "+4930"),
        ("sip:alice@example.com", "sip:alice@example.com"),
        ("SIP:alice.b+c@10.0.0.1:5080", "sip:alice.b+c@10.0.0.1:5080"),
    ];
    for (text, number) in cases {
        assert_eq!(text.parse::<PhoneNumber>().unwrap().as_str(), number, "{text:?}");
    }
    let longest = "1".repeat(64);
    assert_eq!(longest.parse::<PhoneNumber>().unwrap().as_str(), longest);
    assert_eq!(format!("{longest} ").parse::<PhoneNumber>().unwrap().as_str(), longest);
}

#[test]
fn what_is_no_number_is_refused_with_the_reason() {
    use InvalidPhoneNumber::{Character, Empty, SipAddress, TooLong};
    let long = "1".repeat(65);
    let cases = [
        ("", Empty),
        (" ()-. ", Empty),
        ("+", Empty),
        ("12a", Character('a')),
        ("1+2", Character('+')),
        ("/resetnoask", Character('/')),
        ("--exit", Character('e')),
        ("tel:123", Character('t')),
        ("msip:hold", Character('m')),
        ("1&calc", Character('&')),
        ("1,2", Character(',')),
        ("1\n2", Character('\n')),
        ("1\0", Character('\0')),
        ("\u{ff11}\u{ff12}", Character('\u{ff11}')),
        ("\u{661}", Character('\u{661}')),
        (long.as_str(), TooLong),
        ("sip:", SipAddress),
        ("sip:alice", SipAddress),
        ("sip:@host", SipAddress),
        ("sip:a@", SipAddress),
        ("sip:a b@host", SipAddress),
        ("sip:a@host;transport=tcp", SipAddress),
        ("sip:a:secret@host", SipAddress),
        ("sip:a@host?X=y", SipAddress),
        ("sip:a@host:0", SipAddress),
        ("sip:a@host:99999", SipAddress),
        ("sip:a@-host", SipAddress),
        ("sip:a@b@c", SipAddress),
    ];
    for (text, reason) in cases {
        assert_eq!(text.parse::<PhoneNumber>(), Err(reason), "{text:?}");
    }
    let long_address = format!("sip:a@{}", "b".repeat(59));
    assert_eq!(long_address.parse::<PhoneNumber>(), Err(TooLong));
}

#[test]
fn a_message_with_an_impossible_number_does_not_parse() {
    assert!(serde_json::from_str::<PhoneNumber>(r#""12x""#).is_err());
    assert!(serde_json::from_str::<PhoneNumber>("12").is_err());
    assert_eq!(serde_json::from_str::<PhoneNumber>(r#""1 2""#).unwrap().as_str(), "12");
}

#[test]
fn dtmf_takes_what_a_keypad_has() {
    for (text, sent) in [("1", "1"), ("0123456789*#", "0123456789*#"), ("aBcD", "ABCD")] {
        assert_eq!(text.parse::<DtmfDigits>().unwrap().as_str(), sent);
    }
    for text in ["", "E", "1 2", "+", "\u{ff11}", &"1".repeat(33)] {
        assert!(text.parse::<DtmfDigits>().is_err(), "{text:?}");
    }
}

#[test]
fn event_ids_are_an_epoch_and_a_number() {
    for text in ["a-0", "19af-7", "e-18446744073709551615"] {
        assert_eq!(text.parse::<EventId>().unwrap().to_string(), text);
    }
    for text in ["", "7", "-7", "a-", "a--1", "a-+1", "a-1 ", "a-b-1", "a-18446744073709551616", "a-1.5"] {
        assert!(text.parse::<EventId>().is_err(), "{text:?}");
    }
    assert!(format!("{}-1", "e".repeat(65)).parse::<EventId>().is_err());
}
