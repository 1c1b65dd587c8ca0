//! MicroSIP's settings file, as whoever wrote it left it.

use backend::parsers::{calls_listed_in, single_mode_in};

/// The input is the file.
pub fn microsip_ini(input: &[u8]) {
    let single = single_mode_in(input);
    // What is no UTF-16 with a byte order mark is not understood, and then MicroSIP's own default holds.
    assert!(single || input.starts_with(&[0xff, 0xfe]));
    assert!(calls_listed_in(input) <= input.len() / 2, "a call is a line");
    // The text, where the input is one: a fuzzer finds its way in letters sooner than in pairs of bytes.
    if let Ok(text) = std::str::from_utf8(input) {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let written: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        let is_off = !single_mode_in(&written);
        assert!(!is_off || off_somewhere(text), "{text:?} does not switch it off");
        assert!(calls_listed_in(&written) <= text.lines().filter(|line| line.matches(';').count() == 5).count());
        // Half a character at the end costs nothing that was there before.
        let cut = [&written[..], b"\n"].concat();
        assert_eq!(!single_mode_in(&cut), is_off);
    }
}

/// Whether any line says so, in whatever section.
fn off_somewhere(text: &str) -> bool {
    let says = |line: &str| {
        let (key, value) = line.split_once('=')?;
        Some(key.trim().eq_ignore_ascii_case("singleMode") && value.trim() == "0")
    };
    text.lines().filter_map(says).any(|says| says)
}
