//! Feeds `hostile::hook_arguments`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::hook_arguments(input));
