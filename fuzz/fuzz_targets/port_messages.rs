//! Feeds `hostile::port_messages`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::port_messages(input));
