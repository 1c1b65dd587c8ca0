//! Feeds `hostile::microsip_ini`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::microsip_ini(input));
