//! Feeds `hostile::sse_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| hostile::sse_text(input));
