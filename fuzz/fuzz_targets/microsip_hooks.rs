//! Feeds `hostile::microsip_hooks`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::microsip_hooks(input));
