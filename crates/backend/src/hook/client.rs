//! One request to the backend, bounded in time at every step: no HTTP library, for this must start and end at once.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{SECRET_HEADER, ticket};
use crate::engine::microsip::SpooledHook;
use crate::store::DirLock;

/// All of it takes no longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why the backend was not told. The texts go to `hook.log`: no number, no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum TellError {
    #[error("no backend runs")]
    NoBackend,
    #[error("no backend has left its address here: {0}")]
    NoTicket(io::Error),
    #[error("{0:?} in hook.json is not http://HOST:PORT")]
    Address(String),
    #[error("the backend does not answer: {0}")]
    Connection(#[from] io::Error),
    #[error("the backend answered {0:?}")]
    Refused(String),
}

/// Tells the backend of an event.
pub(super) fn tell(data_dir: &Path, hook: &SpooledHook) -> Result<(), TellError> {
    let until = Instant::now() + PATIENCE;
    // Some systems take a second to say that nobody listens, and MicroSIP would wait for it.
    if DirLock::is_free(data_dir) {
        return Err(TellError::NoBackend);
    }
    let ticket = ticket::read_ticket(data_dir).map_err(TellError::NoTicket)?;
    let host = ticket.url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let address = host.and_then(address).ok_or_else(|| TellError::Address(ticket.url.clone()))?;
    let host = host.unwrap_or_default();

    let body = serde_json::json!({ "number": hook.number, "id": hook.id }).to_string();
    let event = hook.event;
    let secret = &ticket.secret;
    let request = format!(
        "POST /api/hook/{event} HTTP/1.1\r\nHost: {host}\r\n{SECRET_HEADER}: {secret}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = sent(address, &request, until)?;
    let status = status_line(&mut stream, until)?;
    if status.split(' ').nth(1) == Some("202") { Ok(()) } else { Err(TellError::Refused(status)) }
}

pub(super) fn address(host: &str) -> Option<SocketAddr> {
    // Only numbers and `localhost`: a name might have to be looked up, which takes its time.
    let local = host.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    local.as_deref().unwrap_or(host).parse().ok()
}

/// A connection on which this request has gone out.
pub(super) fn sent(address: SocketAddr, request: &str, until: Instant) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, left(until)?)?;
    stream.set_write_timeout(Some(left(until)?))?;
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

fn status_line(stream: &mut TcpStream, until: Instant) -> io::Result<String> {
    let mut seen = [0; 64];
    let mut length = 0;
    while length < seen.len() && !seen[..length].contains(&b'\n') {
        stream.set_read_timeout(Some(left(until)?))?;
        match stream.read(&mut seen[length..])? {
            0 => break,
            more => length += more,
        }
    }
    let text = String::from_utf8_lossy(&seen[..length]);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

pub(super) fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}
