//! Inis as MicroSIP writes them, worse ones, and a change that is interrupted anywhere.

mod property;
mod steps;

use std::path::Path;

use super::*;
use crate::engine::microsip::HookEvent;
use crate::engine::microsip::ini::utf16;

fn hooks() -> Hooks {
    Hooks::new(Path::new(r"C:\Sip Phone\backend.exe"), None).unwrap()
}

fn line(event: HookEvent) -> String {
    format!("{}={}\r\n", event.key(), hooks().value(event))
}

fn all_lines() -> String {
    HookEvent::ALL.map(line).concat()
}

#[test]
fn a_file_as_microsip_writes_it() {
    let empty = HookEvent::ALL.map(|event| format!("{}=\r\n", event.key())).concat();
    let file = |lines: &str| {
        utf16(&format!(
            "[Settings]\r\nsingleMode=1\r\n{lines}silent=0\r\n[Account1]\r\nlabel=Анна\r\n[Calls]\r\n0=100;;1;1;2;Call ended\r\n"
        ))
    };
    let connected = connect(&file(&empty), &hooks()).unwrap();
    assert_eq!(connected, file(&all_lines()));
    assert_eq!(connect(&connected, &hooks()).unwrap(), connected, "twice is harmless");
    assert_eq!(disconnect(&connected, Some(&file(&empty))).unwrap(), file(&empty));
    assert_eq!(disconnect(&connected, None).unwrap(), file(""));
    // MicroSIP writes the values again without the outer quotes.
    let again = file(&all_lines().replace("=\"\"", "=\"").replace("\"\r\n", "\r\n"));
    assert_ne!(again, connected);
    assert_eq!(connect(&again, &hooks()).unwrap(), again);
    assert!(keys(&again, &hooks()).unwrap().iter().all(|(_, key)| *key == Key::Here));
}

#[test]
fn new_lines_stand_at_the_top_of_the_section() {
    for (before, after) in [
        // As MicroSIP begins its file.
        ("[Settings]", format!("[Settings]\r\n{}", all_lines())),
        ("[Settings]\n", format!("[Settings]\n{}", all_lines().replace('\r', ""))),
        (
            "x\r\n [settings] \r\n;c\r\n[A]\r\ncmdCallEnd=1",
            format!("x\r\n [settings] \r\n{};c\r\n[A]\r\ncmdCallEnd=1", all_lines()),
        ),
    ] {
        let connected = connect(&utf16(before), &hooks()).unwrap();
        assert_eq!(connected, utf16(&after), "{before}");
        let back = disconnect(&connected, Some(&utf16(before))).unwrap();
        assert!(back == utf16(before) || back == utf16("[Settings]\r\n"), "{before}");
    }
}

#[test]
fn what_the_administrator_had_there_comes_back() {
    let file =
        |ring: &str, end: &str| utf16(&format!("[Settings]\r\n  CMDcallRING = {ring}\r\na=1\r\ncmdCallEnd={end}\r\n"));
    let first = file("\"C:\\tools\\pop up.exe\" /x", "old.exe");
    let connected = connect(&first, &hooks()).unwrap();
    assert_eq!(backup(&first, &hooks(), None).unwrap(), first);
    assert_eq!(disconnect(&connected, Some(&first)).unwrap(), first);
    // Changed by hand since: that stays.
    let ini = Ini::read(&connected).unwrap();
    let foreign = "cmdCallEnd=new.exe".encode_utf16().collect();
    let changed = ini.with(&[(HookEvent::End, Some(foreign))]);
    let back = disconnect(&changed, Some(&first)).unwrap();
    assert_eq!(back, file("\"C:\\tools\\pop up.exe\" /x", "new.exe"));
    // And is what comes back when it is connected once more.
    let kept = backup(&changed, &hooks(), Some(&first)).unwrap();
    assert_eq!(kept, back);
    let again = connect(&changed, &hooks()).unwrap();
    assert_eq!(disconnect(&again, Some(&kept)).unwrap(), back);
}

#[test]
fn a_backend_that_moved_is_connected_anew() {
    let first = utf16("[Settings]\r\ncmdCallEnd=old.exe\r\n");
    let moved = Hooks::new(Path::new(r"D:\backend.exe"), Some(Path::new(r"D:\data"))).unwrap();
    let there = connect(&first, &hooks()).unwrap();
    let found = keys(&there, &moved).unwrap();
    assert!(found.iter().all(|(_, key)| *key == Key::Elsewhere(r"C:\Sip Phone\backend.exe".to_owned())), "{found:?}");
    let kept = backup(&there, &moved, Some(&first)).unwrap();
    assert_eq!(kept, first);
    assert_eq!(disconnect(&connect(&there, &moved).unwrap(), Some(&kept)).unwrap(), first);
}

#[test]
fn files_that_are_not_as_microsip_keeps_them() {
    let bare = |text: &str| utf16(text)[2..].to_vec();
    let mut cut = utf16("[Settings]\r\na=1");
    cut.pop();
    for (bytes, error) in [
        (vec![], IniError::Empty),
        (vec![0xff], IniError::Encoding("ANSI or UTF-8")),
        (vec![0xff, 0xfe], IniError::NoSettings),
        (vec![0xff, 0xfe, 0x41], IniError::Cut),
        (cut, IniError::Cut),
        (bare("[Settings]\r\nsingleMode=1\r\n"), IniError::NoMark),
        (b"[Settings]\r\nsingleMode=1\r\n".to_vec(), IniError::Encoding("ANSI or UTF-8")),
        ("\u{feff}[Settings]\r\n".as_bytes().to_vec(), IniError::Encoding("UTF-8")),
        (vec![0xfe, 0xff, 0, b'['], IniError::Encoding("UTF-16 BE")),
        (vec![0; 4096], IniError::Encoding("ANSI or UTF-8")),
        (utf16("[Calls]\r\n0=1\r\n"), IniError::NoSettings),
        (utf16("Settings\r\ncmdCallEnd=\r\n"), IniError::NoSettings),
        (utf16("[Settings]\r\n[SETTINGS]\r\n"), IniError::TwoSettings),
        (utf16("[Settings]\r\ncmdCallEnd=\r\nCMDCALLEND=x\r\n"), IniError::Twice("cmdCallEnd")),
    ] {
        assert_eq!(connect(&bytes, &hooks()), Err(error), "{bytes:?}");
        assert_eq!(disconnect(&bytes, None), Err(error));
        assert_eq!(keys(&bytes, &hooks()), Err(error));
    }
    let huge = utf16(&format!("[Settings]\r\na={}", "x".repeat(9 * 1024 * 1024)));
    assert_eq!(connect(&huge, &hooks()), Err(IniError::TooLarge));
    // Elsewhere twice is nobody's concern.
    assert!(
        connect(&utf16("[Settings]\r\na=1\r\na=2\r\n[B]\r\ncmdCallEnd=\r\ncmdCallEnd=\r\n[B]\r\n"), &hooks()).is_ok()
    );
}
