//! A change that is killed between any two of its steps, or in the midst of writing.

use std::fs;

use super::super::file::{Change, Step};
use super::*;

fn plan(file: &IniFile, hooks: &Hooks) -> Change {
    let from = file.read().unwrap();
    let kept = file.read_before().unwrap();
    let before = Some(backup(&from, hooks, kept.as_deref()).unwrap());
    Change { to: connect(&from, hooks).unwrap(), before, from }
}

fn undo(file: &IniFile) -> Change {
    let from = file.read().unwrap();
    let kept = file.read_before().unwrap();
    Change { to: disconnect(&from, kept.as_deref()).unwrap(), before: None, from }
}

#[test]
fn interrupted_between_any_two_steps() {
    let first = utf16("[Settings]\r\ncmdCallEnd=old.exe\r\ncmdCallRing=\r\n[Calls]\r\n0=1;2;3\r\n");
    let moved = Hooks::new(Path::new("/b/backend"), None).unwrap();
    // Connecting, connecting again from elsewhere, and disconnecting: each killed after so many steps.
    for cuts in (0..5 * 5 * 5).map(|n| [n % 5, n / 5 % 5, n / 25]) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("MicroSIP.ini");
        fs::write(&path, &first).unwrap();
        let file = IniFile::new(&path);
        let interrupted = |change: &Change, cut: usize| {
            for step in &Step::ALL[..cut] {
                file.take(*step, change).unwrap();
                let now = fs::read(&path).unwrap();
                assert!(now == change.from || now == change.to, "{cuts:?} {step:?}: neither old nor new");
            }
        };
        interrupted(&plan(&file, &hooks()), cuts[0]);
        interrupted(&plan(&file, &moved), cuts[1]);
        interrupted(&undo(&file), cuts[2]);
        file.make(&plan(&file, &hooks())).unwrap();
        assert!(keys(&file.read().unwrap(), &hooks()).unwrap().iter().all(|(_, key)| *key == Key::Here), "{cuts:?}");
        file.make(&undo(&file)).unwrap();
        assert_eq!(file.read().unwrap(), first, "{cuts:?}");
        let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["MicroSIP.ini", "MicroSIP.ini.before-sip-phone"], "{cuts:?}: nothing lies about");
    }
}

#[test]
fn half_written_files_beside_it_are_written_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("MicroSIP.ini");
    let first = utf16("[Settings]\r\n");
    fs::write(&path, &first).unwrap();
    for name in ["MicroSIP.ini.sip-phone-new", "MicroSIP.ini.before-sip-phone.sip-phone-new"] {
        fs::write(dir.path().join(name), &first[..5]).unwrap();
    }
    let file = IniFile::new(&path);
    file.make(&plan(&file, &hooks())).unwrap();
    assert_eq!(file.read_before().unwrap(), Some(first.clone()));
    file.make(&undo(&file)).unwrap();
    assert_eq!(file.read().unwrap(), first);
}

#[test]
fn what_somebody_else_writes_meanwhile_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("MicroSIP.ini");
    fs::write(&path, utf16("[Settings]\r\n")).unwrap();
    let file = IniFile::new(&path);
    let change = plan(&file, &hooks());
    let theirs = utf16("[Settings]\r\nnew=1\r\n");
    fs::write(&path, &theirs).unwrap();
    assert!(matches!(file.make(&change), Err(FileError::Changed(_))));
    assert_eq!(fs::read(&path).unwrap(), theirs);
    assert!(!dir.path().join("MicroSIP.ini.sip-phone-new").exists());
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("real.ini"), dir.path().join("MicroSIP.ini"));
    fs::write(&path, utf16("[Settings]\r\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&path, &link).unwrap();
    let file = IniFile::new(&link);
    file.make(&plan(&file, &hooks())).unwrap();
    assert!(link.is_symlink() && keys(&fs::read(&path).unwrap(), &hooks()).unwrap()[0].1 == Key::Here);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
}
