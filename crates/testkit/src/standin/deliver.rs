//! A later process: hands its command line to the instance.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::ExitCode;

use super::link::{Door, Reply, Request};

/// Gives the exit code, or `None` where no instance of this executable runs.
pub(super) fn to_door(exe: &Path, raw: &str) -> anyhow::Result<Option<ExitCode>> {
    let Some(door) = Door::read(exe) else { return Ok(None) };
    let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, door.port)) else { return Ok(None) };
    let mut stream = BufReader::new(stream);
    // The port may belong to somebody else by now.
    if !matches!(read(&mut stream), Some(Reply::Hello { pid }) if pid == door.pid) {
        return Ok(None);
    }
    let mut line = serde_json::to_string(&Request::Deliver { raw: raw.to_owned() })?;
    line.push('\n');
    stream.get_mut().write_all(line.as_bytes())?;
    let modal = matches!(read(&mut stream), Some(Reply::Modal));
    Ok(Some(if modal { ExitCode::FAILURE } else { ExitCode::SUCCESS }))
}

fn read(stream: &mut impl BufRead) -> Option<Reply> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}
