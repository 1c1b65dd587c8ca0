//! `hook.json`: the running backend's address, and the secret that only who may read the data directory knows.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::store::patiently;

/// What a hook shows to be let in. Never shown otherwise.
#[derive(Clone)]
pub struct HookSecret(String);

impl HookSecret {
    /// Whether this is the secret, in a time that tells nothing about it.
    pub fn matches(&self, shown: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(shown).into()
    }
}

impl fmt::Debug for HookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookSecret(…)")
    }
}

/// What hooks need to find the running backend and to be let in.
#[derive(Clone, Serialize, Deserialize)]
pub struct Ticket {
    /// `http://HOST:PORT`, reachable from this machine.
    pub(super) url: String,
    pub(super) secret: String,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Ticket {
    /// A ticket with a new secret, for hooks to reach this backend at `http://127.0.0.1:PORT`.
    pub fn new(url: impl Into<String>) -> Self {
        let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        Self { url: url.into(), secret }
    }

    /// What its holders show.
    pub fn secret(&self) -> HookSecret {
        HookSecret(self.secret.clone())
    }
}

/// Where hooks look for the ticket.
pub fn ticket_path(data_dir: &Path) -> PathBuf {
    data_dir.join("hook.json")
}

pub(super) fn read_ticket(data_dir: &Path) -> io::Result<Ticket> {
    let file = patiently(|| File::open(ticket_path(data_dir)))?;
    Ok(serde_json::from_reader(io::BufReader::new(file))?)
}

#[cfg(test)]
mod tests {
    //! Written, read, new each time, and never shown.
    use super::*;
    use crate::store::KeptFile;

    #[test]
    fn a_ticket() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let first = Ticket::new("http://127.0.0.1:1").secret();
        let ticket = Ticket::new("http://127.0.0.1:2");
        let second = ticket.secret();
        KeptFile::new(ticket_path(dir.path())).replace(&ticket)?;
        let read = read_ticket(dir.path())?;
        assert_eq!(read.url, "http://127.0.0.1:2");
        assert!(second.matches(read.secret.as_bytes()) && !first.matches(read.secret.as_bytes()));
        assert!(!second.matches(b"") && read.secret.len() == 64);
        assert!(!format!("{second:?} {ticket:?}").contains(&read.secret));
        Ok(())
    }
}
