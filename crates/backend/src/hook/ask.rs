//! What a command in a terminal wants to know of the running backend of the same data directory.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::{address, left, sent};
use super::ticket;
use crate::store::DirLock;
use crate::token::Token;

/// More than a snapshot ever has.
const MAX_BYTES: u64 = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(3);
/// Who has no better reason to wait than a friendlier word.
const LITTLE_PATIENCE: Duration = Duration::from_secs(1);

/// How many calls the running backend knows of; `None` where no backend with MicroSIP runs.
///
/// # Errors
/// It does not answer, or not so that it can be understood.
pub(crate) fn calls_up(data_dir: &Path, token: Option<&Token>) -> io::Result<Option<usize>> {
    if DirLock::is_free(data_dir) {
        return Ok(None);
    }
    let Ok(ticket) = ticket::read_ticket(data_dir) else { return Ok(None) };
    let host = ticket.url.strip_prefix("http://").unwrap_or_default();
    let answer = get(host, "/api/sip/state", token, PATIENCE)?;
    let state: Value = serde_json::from_str(&answer)?;
    let others = state["other_calls"].as_array().map_or(0, Vec::len);
    Ok(Some(others + usize::from(!state["active_call"].is_null())))
}

/// Whether it is a backend that listens there.
pub(crate) fn is_backend(address: SocketAddr) -> bool {
    let health = get(&address.to_string(), "/healthz", None, LITTLE_PATIENCE).ok();
    let health = health.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    health.is_some_and(|health| health["status"].is_string() && health["problems"].is_array())
}

/// Where the backend listens whose data directory this is, if its hooks know.
pub(crate) fn running_at(data_dir: &Path) -> Option<String> {
    let url = ticket::read_ticket(data_dir).ok()?.url;
    // It may be an old one's.
    let there = url.strip_prefix("http://").and_then(address)?;
    is_backend(there).then_some(url)
}

/// The body of an answer that is good.
fn get(host: &str, path: &str, token: Option<&Token>, patience: Duration) -> io::Result<String> {
    let until = Instant::now() + patience;
    let address = address(host).ok_or_else(|| io::Error::other(format!("{host:?} is no address")))?;
    let shown = token.map_or_else(String::new, |token| format!("Authorization: Bearer {}\r\n", token.secret()));
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{shown}Connection: close\r\n\r\n");
    let mut stream = sent(address, &request, until)?;
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while (answer.len() as u64) < MAX_BYTES {
        stream.set_read_timeout(Some(left(until)?))?;
        match stream.read(&mut piece)? {
            0 => break,
            length => answer.extend_from_slice(&piece[..length]),
        }
    }
    let answer = String::from_utf8_lossy(&answer);
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(body.to_owned()),
        Some((head, _)) => Err(io::Error::other(format!("it answers {:?}", head.lines().next().unwrap_or_default()))),
        None => Err(io::Error::other("it does not speak HTTP")),
    }
}
