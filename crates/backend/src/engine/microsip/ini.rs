//! What the engine reads of MicroSIP's settings: UTF-16LE with a byte order mark.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// MicroSIP's `singleMode`; on where nothing says otherwise.
pub(super) fn single_mode(exe: &Path) -> bool {
    places(exe).find_map(|path| fs::read(path).ok()).is_none_or(|bytes| single_mode_in(&bytes))
}

/// The same of the file's content, whatever it is.
pub fn single_mode_in(ini: &[u8]) -> bool {
    decode(ini).is_none_or(|text| setting(&text, "singleMode") != Some("0"))
}

/// Beside the executable (portable), else with the user's settings; for the copy that was installed the other way round.
pub(super) fn places(exe: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let beside = exe.with_extension("ini");
    let name = beside.file_name().map(PathBuf::from);
    let installed = env::var_os("APPDATA").filter(|_| cfg!(windows)).zip(name);
    let installed = installed.map(|(dir, name)| Path::new(&dir).join("MicroSIP").join(name));
    let places = if is_installed(exe) { [installed, Some(beside)] } else { [Some(beside), installed] };
    places.into_iter().flatten()
}

/// MicroSIP takes itself for installed where its installer has noted this directory.
#[cfg(windows)]
fn is_installed(exe: &Path) -> bool {
    use windows_registry::{CURRENT_USER, LOCAL_MACHINE};

    let Some(dir) = exe.parent() else { return false };
    let noted = [CURRENT_USER, LOCAL_MACHINE].into_iter().find_map(|key| {
        let dir = key.open(r"Software\MicroSIP").and_then(|key| key.get_string("")).ok()?;
        (!dir.is_empty()).then_some(dir)
    });
    noted.is_some_and(|noted| noted.trim_end_matches('\\').to_lowercase() == dir.to_string_lossy().to_lowercase())
}

#[cfg(not(windows))]
fn is_installed(_exe: &Path) -> bool {
    false
}

pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let text = bytes.strip_prefix(&[0xff, 0xfe])?;
    let units: Vec<u16> = text.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

fn setting<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| !line.eq_ignore_ascii_case("[Settings]")).skip(1);
    lines
        .by_ref()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case(key))
        .map(|(_, value)| value.trim())
}

/// A file as MicroSIP writes it.
#[cfg(test)]
pub(super) fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    //! Files as MicroSIP writes them, and worse ones.
    use super::*;

    #[test]
    fn single_mode_of_a_file() {
        for (bytes, single) in [
            (utf16("[Settings]\r\nsingleMode=0\r\n"), false),
            (utf16("[Calls]\r\nsingleMode=0\r\n[Settings]\r\nSINGLEMODE = 1\r\n"), true),
            (utf16("[settings]\r\nx=й\r\nsinglemode=0\r\n[Calls]\r\n"), false),
            (utf16("[Settings]\r\n[Calls]\r\nsingleMode=0\r\n"), true),
            (b"[Settings]\nsingleMode=0".to_vec(), true),
            (vec![0xff], true),
            (vec![0xff, 0xfe, 0x00], true),
            (vec![], true),
        ] {
            let dir = tempfile::tempdir().expect("a directory");
            let exe = dir.path().join("microsip.exe");
            fs::write(exe.with_extension("ini"), &bytes).expect("a file");
            assert_eq!(single_mode(&exe), single, "{bytes:?}");
        }
    }
}
