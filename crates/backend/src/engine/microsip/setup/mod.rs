//! `backend microsip connect | disconnect | status`: MicroSIP's ini made to tell the backend what happens, or not any more.
//!
//! MicroSIP reads its ini when it starts and writes it when it exits, so it is ended for the change and started again.
//! What the ini is to be is a pure function of its bytes (`text`, `edit`); `file` brings that to the disk.

mod edit;
mod file;
mod hooks;
mod phone;
mod text;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::PathBuf;

use super::{MicroSipAbsent, ini, locate};
use crate::config::Settings;
use crate::hook;
pub use edit::{Key, backup, connect, disconnect, keys};
pub use file::{FileError, IniFile};
pub use hooks::{Hooks, HooksError};
pub use phone::PhoneError;
pub use text::{Ini, IniError};

use file::Change;

/// What to do with MicroSIP's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Set the hooks.
    Connect,
    /// Bring back what was before.
    Disconnect,
    /// Say how it stands.
    Status,
}

/// Why it could not be done; in words for who sits at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Not where it was said to be.
    #[error("{0}: correct --microsip, or leave it out")]
    Absent(MicroSipAbsent),
    /// Nowhere.
    #[error("MicroSIP was not found on this computer: name its program file with --microsip PATH")]
    NotFound,
    /// The backend's own path.
    #[error("the path of this program can't be told: {0}")]
    Own(io::Error),
    /// The hooks' lines.
    #[error(transparent)]
    Hooks(#[from] HooksError),
    /// The ini.
    #[error(transparent)]
    File(#[from] FileError),
    /// MicroSIP's process.
    #[error(transparent)]
    Phone(#[from] PhoneError),
    /// Ending MicroSIP would end it.
    #[error("a call is up: try again when it is over")]
    InCall,
    /// The ini is not as it was written.
    #[error("MicroSIP has written its old settings again: exit it by its menu, and try again")]
    Undone,
}

/// MicroSIP, its ini, and the hooks that are wanted there.
struct Place<'a> {
    settings: &'a Settings,
    exe: PathBuf,
    ini: IniFile,
    hooks: Hooks,
}

/// Does the task, and says what it does. Gives whether MicroSIP is now as the task wants it; for the status: connected.
///
/// # Errors
/// It could not be done. The ini is then as it was, and MicroSIP runs if it ran.
pub fn run(task: Task, settings: &Settings, out: &mut dyn Write) -> Result<bool, SetupError> {
    let place = Place::find(settings)?;
    // A terminal that is gone is no reason to stop half way.
    let mut say = |line: &str| drop(writeln!(out, "{line}"));
    match task {
        Task::Status => place.status(&mut say),
        Task::Connect => place.connect(&mut say).map(|()| true),
        Task::Disconnect => place.disconnect(&mut say).map(|()| true),
    }
}

impl<'a> Place<'a> {
    fn find(settings: &'a Settings) -> Result<Self, SetupError> {
        let exe = locate(settings.microsip.as_deref()).map_err(SetupError::Absent)?.ok_or(SetupError::NotFound)?;
        let exe = std::path::absolute(&exe).unwrap_or(exe);
        let program = std::env::current_exe().map_err(SetupError::Own)?;
        let hooks = Hooks::new(&program, hook::named_data_dir(&settings.data_dir).as_deref())?;
        let mut places = ini::places(&exe).peekable();
        let usual = places.peek().cloned().unwrap_or_default();
        let path = places.find(|path| path.exists()).ok_or(FileError::Absent(usual))?;
        Ok(Self { settings, exe, ini: IniFile::new(&path), hooks })
    }

    fn keys(&self) -> Result<[(super::HookEvent, Key); 7], SetupError> {
        let bytes = self.ini.read()?;
        Ok(keys(&bytes, &self.hooks).map_err(|error| self.ini.content(error))?)
    }

    fn connect(&self, say: &mut dyn FnMut(&str)) -> Result<(), SetupError> {
        let all_here = |place: &Self| Ok::<_, SetupError>(place.keys()?.iter().all(|(_, key)| *key == Key::Here));
        if all_here(self)? {
            say("MicroSIP is connected already: nothing is changed.");
        } else {
            self.change(say, |from| {
                let kept = self.ini.read_before()?;
                let to = connect(&from, &self.hooks).map_err(|error| self.ini.content(error))?;
                let before = backup(&from, &self.hooks, kept.as_deref())
                    .map_err(|error| self.ini.content_of_either(&from, error))?;
                Ok(Change { to, before: Some(before), from })
            })?;
            // MicroSIP may hold it for itself just now.
            if matches!(all_here(self), Ok(false)) {
                return Err(SetupError::Undone);
            }
            say(&format!(
                "MicroSIP is connected. Its settings from before are kept in {}",
                self.ini.before().display()
            ));
        }
        if !phone::is_running(&self.exe) {
            say("MicroSIP does not run: start it.");
        }
        self.say_backend(say);
        Ok(())
    }

    fn disconnect(&self, say: &mut dyn FnMut(&str)) -> Result<(), SetupError> {
        let is_ours = |key: &Key| matches!(key, Key::Here | Key::Elsewhere(_));
        if !self.keys()?.iter().any(|(_, key)| is_ours(key)) {
            say("MicroSIP is not connected: nothing is changed.");
            return Ok(());
        }
        self.change(say, |from| {
            let kept = self.ini.read_before()?;
            let to = disconnect(&from, kept.as_deref()).map_err(|error| self.ini.content_of_either(&from, error))?;
            Ok(Change { to, before: None, from })
        })?;
        if self.keys().is_ok_and(|keys| keys.iter().any(|(_, key)| is_ours(key))) {
            return Err(SetupError::Undone);
        }
        say("MicroSIP is disconnected: its hooks are as they were before.");
        Ok(())
    }

    /// Makes a change while MicroSIP does not run.
    fn change(
        &self,
        say: &mut dyn FnMut(&str),
        plan: impl Fn(Vec<u8>) -> Result<Change, FileError>,
    ) -> Result<(), SetupError> {
        // Also here: what can't be changed is no reason to end MicroSIP.
        plan(self.ini.read()?)?;
        let ran = phone::is_running(&self.exe);
        if ran {
            self.must_be_idle(say)?;
            say("MicroSIP exits, for it writes its settings when it does …");
            phone::exit(&self.exe)?;
        }
        let made = self.ini.read().and_then(plan).and_then(|change| self.ini.make(&change));
        let started = if ran { phone::start(&self.exe) } else { Ok(()) };
        made?;
        started?;
        if ran {
            say("… and runs again.");
        }
        Ok(())
    }

    /// Ending MicroSIP would end a call.
    fn must_be_idle(&self, say: &mut dyn FnMut(&str)) -> Result<(), SetupError> {
        let tells = self.keys()?.iter().all(|(_, key)| *key == Key::Here);
        let unknown = match hook::calls_up(&self.settings.data_dir, self.settings.token.as_ref()) {
            Ok(Some(1..)) => return Err(SetupError::InCall),
            Ok(Some(0)) if tells => return Ok(()),
            Ok(Some(0)) => "MicroSIP does not tell the backend of its calls yet".to_owned(),
            Ok(None) => "no backend runs that would know".to_owned(),
            Err(error) => format!("the backend can't be asked: {error}"),
        };
        say(&format!("Whether a call is up is not known ({unknown}). If there is one, it ends now."));
        Ok(())
    }

    fn status(&self, say: &mut dyn FnMut(&str)) -> Result<bool, SetupError> {
        let runs = phone::is_running(&self.exe);
        say(&format!("MicroSIP: {} ({})", self.exe.display(), if runs { "runs" } else { "does not run: start it" }));
        say(&format!("Settings: {}", self.ini.path().display()));
        let keys = self.keys()?;
        for (event, key) in &keys {
            let words = match key {
                Key::Here => "set".to_owned(),
                Key::Unset => "not set".to_owned(),
                Key::Elsewhere(program) => format!("set to another backend, or another data directory: {program}"),
                Key::Foreign(value) => format!("set to something else: {value}"),
            };
            say(&format!("  {:<16} {words}", event.key()));
        }
        self.say_backend(say);
        let connected = keys.iter().all(|(_, key)| *key == Key::Here);
        say(match (connected, runs) {
            (true, _) => "Connected: MicroSIP tells this backend what happens.",
            (false, true) => {
                "Not connected. What to do: end calls, then run `backend microsip connect`, which restarts MicroSIP."
            }
            (false, false) => "Not connected. What to do: run `backend microsip connect`.",
        });
        Ok(connected)
    }

    fn say_backend(&self, say: &mut dyn FnMut(&str)) {
        match hook::calls_up(&self.settings.data_dir, self.settings.token.as_ref()) {
            Ok(Some(calls)) => say(&format!("Backend:  runs, calls that are up: {calls}")),
            Ok(None) => say("Backend:  does not run with MicroSIP: start it with `backend`."),
            Err(error) => say(&format!("Backend:  can't be asked: {error}")),
        }
    }
}
