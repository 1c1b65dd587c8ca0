//! MicroSIP's settings file as setting the hooks changes it: all other settings in it are somebody's.

use std::path::Path;

use backend::parsers::{HookEvent, Hooks, Ini, Key, connect, disconnect, keys};

/// The input is the file; and also its text, where it is one.
pub fn microsip_hooks(input: &[u8]) {
    change(input);
    if let Ok(text) = std::str::from_utf8(input) {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        let written: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        change(&written);
    }
}

fn change(file: &[u8]) {
    let hooks = Hooks::new(Path::new("/opt/sip phone/backend"), Some(Path::new("/data"))).expect("plain paths");
    let connected = match connect(file, &hooks) {
        Ok(connected) => connected,
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && text.lines().count() == 1, "what to do is one line: {text:?}");
            return assert_eq!((keys(file, &hooks), disconnect(file, None)), (Err(error), Err(error)));
        }
    };
    let all = keys(&connected, &hooks).expect("it can be read again");
    assert!(all.iter().all(|(_, key)| *key == Key::Here), "{all:?}");
    assert_eq!(connect(&connected, &hooks).as_ref(), Ok(&connected), "twice is harmless");
    assert!(other_units(&connected) >= other_units(file), "no other setting is lost");

    let there = keys(file, &hooks).expect("it could be read");
    // Where hooks of ours were set by hand, nobody knows what was there before.
    if there.iter().any(|(_, key)| matches!(key, Key::Here | Key::Elsewhere(_))) {
        return;
    }
    let back = disconnect(&connected, Some(file)).expect("it can be read again");
    // A section's line that was the last one and had no end has got one.
    let ended = [file, &[b'\r', 0, b'\n', 0]].concat();
    let ended_short = [file, &[b'\n', 0]].concat();
    assert!(back == file || back == ended || back == ended_short, "all is as it was");
}

/// How many units are in lines that are no hook's.
fn other_units(file: &[u8]) -> usize {
    let ini = Ini::read(file).expect("it can be read");
    let lines: usize = HookEvent::ALL.iter().filter_map(|event| ini.line(*event)).map(<[u16]>::len).sum();
    file.len() / 2 - lines
}
