//! Feeds `hostile::phone_number`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::phone_number(input));
