//! Where the registry says that MicroSIP is: as installers leave it, for this user or for all.

use std::path::{Path, PathBuf};

use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

const UNINSTALL: [&str; 2] = [
    r"Software\Microsoft\Windows\CurrentVersion\Uninstall",
    // Of 32-bit programs for all users, MicroSIP among them.
    r"Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
];
const APP_PATHS: &str = r"Software\Microsoft\Windows\CurrentVersion\App Paths\microsip.exe";

/// The executables that it names, whether they are there or not.
pub(super) fn executables() -> impl Iterator<Item = PathBuf> {
    [CURRENT_USER, LOCAL_MACHINE].into_iter().flat_map(|root| {
        let app_path = root.open(APP_PATHS).and_then(|key| key.get_string("")).ok();
        let programs = UNINSTALL.into_iter().filter_map(|path| root.open(path).ok()).flat_map(|key| of_uninstall(&key));
        app_path.map(|path| PathBuf::from(unquoted(&path))).into_iter().chain(programs)
    })
}

fn of_uninstall(list: &Key) -> Vec<PathBuf> {
    let names = list.keys().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    let entries = names.into_iter().filter_map(|name| {
        let entry = list.open(&name).ok()?;
        let shown = entry.get_string("DisplayName").unwrap_or_default();
        let ours = [name, shown].iter().any(|name| name.to_lowercase().starts_with("microsip"));
        ours.then_some(entry)
    });
    let folders = entries.flat_map(|entry| {
        let value = |name: &str| entry.get_string(name).unwrap_or_default();
        folders(&value("InstallLocation"), &value("UninstallString"), &value("DisplayIcon"))
    });
    folders.map(|folder| folder.join("microsip.exe")).collect()
}

/// The folders that an entry speaks of: that of the program, of its uninstaller, of its icon.
fn folders(location: &str, uninstaller: &str, icon: &str) -> Vec<PathBuf> {
    let location = Some(unquoted(location)).filter(|path| !path.is_empty()).map(PathBuf::from);
    let of_file = |text: &str| Path::new(unquoted(text)).parent().map(Path::to_owned);
    let others = [uninstaller, icon].into_iter().filter_map(of_file).filter(|path| path.is_absolute());
    location.into_iter().chain(others).collect()
}

/// The path alone: of `"C:\a b\x.exe" /S` what is within the quotes.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').map_or(text, |rest| rest.split('"').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_installers() {
        let dir = || vec![PathBuf::from(r"C:\a b\MicroSIP")];
        assert_eq!(folders("", r#""C:\a b\MicroSIP\Uninstall.exe""#, ""), dir());
        assert_eq!(folders(r#""C:\a b\MicroSIP""#, "", ""), dir());
        assert_eq!(folders("", "", r"C:\a b\MicroSIP\microsip.exe,0"), dir());
        assert_eq!(folders("", "MsiExec.exe /X{1}", ""), Vec::<PathBuf>::new());
    }
}
