//! What connecting and disconnecting make of the ini: bytes in, bytes out.

use super::hooks::{Hooks, program_of};
use super::text::{Ini, IniError};
use crate::engine::microsip::HookEvent;

/// What a hook's key says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// This backend, in this data directory.
    Here,
    /// A backend, but another program or another data directory; with the program.
    Elsewhere(String),
    /// Nothing.
    Unset,
    /// A program that has nothing to do with us.
    Foreign(String),
}

/// What each hook's key says.
///
/// # Errors
/// The file is not as MicroSIP keeps it.
pub fn keys(ini: &[u8], hooks: &Hooks) -> Result<[(HookEvent, Key); 7], IniError> {
    let ini = Ini::read(ini)?;
    Ok(HookEvent::ALL.map(|event| {
        let key = match ini.value(event) {
            None => Key::Unset,
            Some(value) if value.is_empty() => Key::Unset,
            Some(value) if hooks.is(event, &value) => Key::Here,
            Some(value) => program_of(event, &value).map_or_else(|| Key::Foreign(value.clone()), Key::Elsewhere),
        };
        (event, key)
    }))
}

/// The ini with all hooks set. What is set already stays as it is written.
///
/// # Errors
/// The file is not as MicroSIP keeps it.
pub fn connect(ini: &[u8], hooks: &Hooks) -> Result<Vec<u8>, IniError> {
    let read = Ini::read(ini)?;
    let unset = keys(ini, hooks)?.into_iter().filter(|(_, key)| *key != Key::Here);
    let line = |event: HookEvent| format!("{}={}", event.key(), hooks.value(event)).encode_utf16().collect();
    let changes: Vec<_> = unset.map(|(event, _)| (event, Some(line(event)))).collect();
    Ok(read.with(&changes))
}

/// The ini without the hooks of any backend: their lines are those of `before` again, the file from before connecting. Lines
/// that somebody has changed since are left alone.
///
/// # Errors
/// One of the files is not as MicroSIP keeps it.
pub fn disconnect(ini: &[u8], before: Option<&[u8]>) -> Result<Vec<u8>, IniError> {
    let read = Ini::read(ini)?;
    let before = before.map(Ini::read).transpose()?;
    let is_ours = |ini: &Ini, event| ini.value(event).is_some_and(|value| program_of(event, &value).is_some());
    let ours = HookEvent::ALL.into_iter().filter(|event| is_ours(&read, *event));
    let was = |event| {
        let before = before.as_ref().filter(|before| !is_ours(before, event))?;
        before.line(event).map(<[u16]>::to_vec)
    };
    let changes: Vec<_> = ours.map(|event| (event, was(event))).collect();
    Ok(read.with(&changes))
}

/// What to keep as the file from before connecting: the ini as it would be without us.
///
/// # Errors
/// One of the files is not as MicroSIP keeps it.
pub fn backup(ini: &[u8], hooks: &Hooks, kept: Option<&[u8]>) -> Result<Vec<u8>, IniError> {
    let connected = keys(ini, hooks)?.iter().any(|(_, key)| matches!(key, Key::Here | Key::Elsewhere(_)));
    match kept {
        // It knows what was in the keys that are ours by now.
        Some(kept) if connected => disconnect(ini, Some(kept)),
        _ => Ok(ini.to_vec()),
    }
}
