//! `hook.json`: the running backend's address, and the secret that only who may read the data directory knows.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

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

/// The file's content.
#[derive(Serialize, Deserialize)]
pub(super) struct Ticket {
    /// `http://HOST:PORT`, reachable from this machine.
    pub(super) url: String,
    pub(super) secret: String,
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("hook.json")
}

/// Makes a new secret and writes it down with the address at which hooks reach this backend, `http://127.0.0.1:PORT`.
/// Only this user can read it, and no hook ever sees half of it.
///
/// # Errors
/// The directory can't be made or written.
pub fn write_ticket(data_dir: &Path, url: &str) -> io::Result<HookSecret> {
    fs::create_dir_all(data_dir)?;
    let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    let ticket = Ticket { url: url.to_owned(), secret };
    let mut file = tempfile::Builder::new().prefix("hook-").suffix(".new").tempfile_in(data_dir)?; // mode 0600
    file.write_all(&serde_json::to_vec(&ticket)?)?;
    file.persist(path(data_dir)).map_err(|error| error.error)?;
    Ok(HookSecret(ticket.secret))
}

pub(super) fn read_ticket(data_dir: &Path) -> io::Result<Ticket> {
    let file = OpenOptions::new().read(true).open(path(data_dir))?;
    Ok(serde_json::from_reader(io::BufReader::new(file))?)
}

#[cfg(test)]
mod tests {
    //! Written, read, private, new each time.
    use super::*;

    #[test]
    fn a_ticket() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let data_dir = dir.path().join("not yet there");
        let first = write_ticket(&data_dir, "http://127.0.0.1:1")?;
        let second = write_ticket(&data_dir, "http://127.0.0.1:2")?;
        let read = read_ticket(&data_dir)?;
        assert_eq!(read.url, "http://127.0.0.1:2");
        assert!(second.matches(read.secret.as_bytes()) && !first.matches(read.secret.as_bytes()));
        assert!(!second.matches(b"") && read.secret.len() == 64);
        assert!(!format!("{second:?}").contains(&read.secret));
        assert_eq!(fs::read_dir(&data_dir)?.count(), 1, "nothing is left lying about");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path(&data_dir))?.permissions().mode() & 0o777, 0o600);
        }
        Ok(())
    }
}
