//! Feeds `hostile::rest_bodies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::rest_bodies(input));
