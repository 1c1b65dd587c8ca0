//! A client of the stream of events that costs little itself: what is measured is the server.

use std::io;

use anyhow::{Result, bail, ensure};
use protocol::wire::rest::{EVENTS, WORKER_PARAM};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// What every event of a call has.
const OF_CALL: &[u8] = b"\nevent: call_";
/// Longer than what comes before the first event.
const MOST_AT_FIRST: usize = 16 * 1024;

/// One that has had its snapshot.
pub(super) struct Subscriber {
    stream: TcpStream,
    /// How much of [`OF_CALL`] the last bytes were.
    matched: usize,
}

impl Subscriber {
    /// Subscribes; `worker` is the name by which commands of the same client are measured out.
    ///
    /// # Errors
    /// The backend is gone, or has no room: the error says what it answered.
    pub(super) async fn to(address: &str, worker: Option<&str>) -> Result<Self> {
        let query = worker.map_or(String::new(), |name| format!("?{WORKER_PARAM}={name}"));
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET {EVENTS}{query} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let it = Self { stream, matched: 0 };
        let mut text = String::new();
        while !text.contains("event: snapshot\n") {
            let known = text.len();
            it.read(|bytes| text.push_str(&String::from_utf8_lossy(bytes))).await?;
            let answered = text.lines().next().unwrap_or_default();
            ensure!(answered.starts_with("HTTP/1.1 200 "), "answered {answered}");
            ensure!(text.len() > known && text.len() < MOST_AT_FIRST, "sends no snapshot");
        }
        Ok(it)
    }

    /// Waits until events of calls have come, and says how many.
    ///
    /// # Errors
    /// The stream has ended.
    pub(super) async fn calls(&mut self) -> Result<usize> {
        let mut count = 0;
        while count == 0 {
            let mut matched = self.matched;
            let of_calls = |bytes: &[u8]| {
                for byte in bytes {
                    matched = if *byte == OF_CALL[matched] { matched + 1 } else { usize::from(*byte == OF_CALL[0]) };
                    if matched == OF_CALL.len() {
                        (count, matched) = (count + 1, 0);
                    }
                }
            };
            self.read(of_calls).await?;
            self.matched = matched;
        }
        Ok(count)
    }

    /// Takes what comes next.
    async fn read(&self, take: impl FnMut(&[u8])) -> Result<()> {
        let mut take = take;
        loop {
            self.stream.readable().await?;
            match read_some(&self.stream, &mut take) {
                Ok(0) => bail!("has ended the stream"),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Not in the future itself, or ten thousand of them would each have a buffer.
fn read_some(stream: &TcpStream, take: &mut impl FnMut(&[u8])) -> io::Result<usize> {
    let mut buffer = [0; 16 * 1024];
    let length = stream.try_read(&mut buffer)?;
    take(&buffer[..length]);
    Ok(length)
}
