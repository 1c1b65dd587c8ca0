//! `backend autostart on | off`: the backend starts when this user logs in. No administrator is needed.

#[cfg(windows)]
mod windows;
#[cfg(not(windows))]
mod xdg;

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::background;
use crate::cli::Options;
use crate::config::{FILE, Settings};
use crate::hook;

#[cfg(windows)]
use windows as system;
#[cfg(not(windows))]
use xdg as system;

/// Under this name it is among the programs that start with the user.
const NAME: &str = "sip-phone";

/// Why it can't be arranged.
#[derive(Debug, thiserror::Error)]
pub enum AutostartError {
    /// The backend's own path.
    #[error("the path of this program can't be told: {0}")]
    Own(io::Error),
    /// A path or an option that no command line can carry.
    #[error("{0:?} can't stand in a command line: choose another path or option")]
    Text(OsString),
    /// More than Windows takes.
    #[error(
        "Windows takes 260 characters, and with these options it would be {0}: put the options into sip-phone.toml in the data directory"
    )]
    TooLong(usize),
    /// There is no such place.
    #[error(
        "this user has no directory for programs that start with the desktop: start the backend by a service manager"
    )]
    NoPlace,
    /// The system refuses.
    #[error("the list of programs that start with this user can't be changed: {0}")]
    System(String),
}

/// Has the backend start with these options, or no longer. Says in one line how it is now.
///
/// # Errors
/// The system refuses, or can't start it with these options.
pub fn set(on: bool, options: &Options, settings: &Settings) -> Result<String, AutostartError> {
    if !on {
        system::remove()?;
        return Ok("The phone no longer starts when you log in.".to_owned());
    }
    let program = std::env::current_exe().map_err(AutostartError::Own)?;
    let mut words = vec![text(program.into_os_string())?, background::OPTION.to_owned()];
    words.extend(arguments(options, settings)?);
    let line = system::add(&words)?;
    Ok(format!("The phone starts when you log in: {line}"))
}

/// What was said on this command line, so that it means the same wherever the system starts it from.
fn arguments(options: &Options, settings: &Settings) -> Result<Vec<String>, AutostartError> {
    // Each by name: a new one must not be forgotten here.
    let Options {
        listen,
        engine,
        microsip,
        public_origin,
        allow_origin,
        token,
        data_dir: _,
        start_microsip,
        max_streams,
        reject_when_away,
        config,
    } = options;
    let path = |path: &Path| text(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).into_os_string());
    let mut paths = Vec::new();
    let here = std::env::current_dir().ok().map(|dir| dir.join(FILE)).filter(|file| file.is_file());
    let named = config.as_ref().map(Into::into).or(here);
    for (name, value) in [
        ("--config", named.as_deref()),
        ("--data-dir", hook::named_data_dir(&settings.data_dir).as_deref()),
        ("--microsip", microsip.as_ref().and(settings.microsip.as_deref())),
    ] {
        if let Some(value) = value {
            paths.extend([name.to_owned(), path(value)?]);
        }
    }
    let others = [
        ("--listen", listen),
        ("--engine", engine),
        ("--public-origin", public_origin),
        ("--token", token),
        ("--start-microsip", start_microsip),
        ("--max-streams", max_streams),
        ("--reject-when-away", reject_when_away),
    ];
    let others = others.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let origins = allow_origin.iter().flatten().map(|origin| ("--allow-origin", origin));
    let others = others.chain(origins).map(|(name, value)| Ok([name.to_owned(), text(value.into())?]));
    let others: Vec<[String; 2]> = others.collect::<Result<_, AutostartError>>()?;
    Ok(paths.into_iter().chain(others.into_iter().flatten()).collect())
}

fn text(word: OsString) -> Result<String, AutostartError> {
    match word.into_string() {
        Ok(word) if !word.contains(['"', '\n', '\r', '\0']) => Ok(word),
        Ok(word) => Err(AutostartError::Text(word.into())),
        Err(word) => Err(AutostartError::Text(word)),
    }
}
