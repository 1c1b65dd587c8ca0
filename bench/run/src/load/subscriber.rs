//! A client of the stream of events that costs little itself: what is measured is the server.

use anyhow::{Result, bail, ensure};
use protocol::wire::rest::{EVENTS, WORKER_PARAM};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// One that has had its snapshot.
pub(super) struct Subscriber {
    lines: BufReader<TcpStream>,
    line: Vec<u8>,
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
        let mut it = Self { lines: BufReader::with_capacity(2048, stream), line: Vec::new() };
        it.read().await?;
        ensure!(it.line.starts_with(b"HTTP/1.1 200 "), "answered {}", String::from_utf8_lossy(&it.line).trim());
        while it.line != b"event: snapshot\n" {
            it.read().await?;
        }
        Ok(it)
    }

    /// Waits for the next event of a call.
    ///
    /// # Errors
    /// The stream has ended.
    pub(super) async fn call(&mut self) -> Result<()> {
        loop {
            self.read().await?;
            if self.line.starts_with(b"event: call_") {
                return Ok(());
            }
        }
    }

    async fn read(&mut self) -> Result<()> {
        self.line.clear();
        if self.lines.read_until(b'\n', &mut self.line).await? == 0 {
            bail!("the backend has ended the stream");
        }
        Ok(())
    }
}
