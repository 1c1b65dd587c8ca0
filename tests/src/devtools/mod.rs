//! Chrome's DevTools protocol, beside WebDriver: for what has to crash, freeze or go offline, and what else a driver has no
//! words for.

mod faults;
mod targets;

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub use faults::Offline;

/// Longer than any answer takes: what has crashed, or stands still, gives none.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection with the browser.
pub struct DevTools {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last: u64,
}

impl DevTools {
    pub(crate) async fn connect(profile: &Path) -> Result<Self> {
        // Chrome writes port and path here once it listens.
        let text = fs::read_to_string(profile.join("DevToolsActivePort")).context("the browser has no DevTools")?;
        let (port, path) = text.trim().split_once('\n').context("two lines were expected")?;
        let (socket, _) = connect_async(format!("ws://127.0.0.1:{port}{path}")).await?;
        Ok(Self { socket, last: 0 })
    }

    /// Calls a method and waits for its result.
    ///
    /// # Errors
    /// The browser refuses it, does not answer, or is gone.
    pub async fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value> {
        let id = self.send(session, method, params).await?;
        timeout(PATIENCE, self.answer(id, method)).await.with_context(|| format!("{method} is not answered"))?
    }

    async fn answer(&mut self, id: u64, method: &str) -> Result<Value> {
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message? else { continue };
            let mut answer: Value = serde_json::from_str(&text)?;
            if answer["id"] == id {
                ensure!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return Ok(answer["result"].take());
            }
        }
        bail!("the browser closed the connection")
    }

    /// Sends a call whose answer nobody waits for.
    async fn send(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<u64> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(Message::Text(message.to_string().into())).await?;
        Ok(self.last)
    }
}
