//! Chrome's DevTools protocol, beside WebDriver: for frames that crash, and what else a driver has no words for.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

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

    /// Crashes the process of the first frame whose address contains this.
    ///
    /// # Errors
    /// There is no such frame in a process of its own.
    pub async fn crash_frame(&mut self, address: &str) -> Result<()> {
        let targets = self.call(None, "Target.getTargets", json!({})).await?;
        let of_it = |target: &&Value| {
            target["type"] == "iframe" && target["url"].as_str().is_some_and(|url| url.contains(address))
        };
        let target = targets["targetInfos"].as_array().into_iter().flatten().find(of_it);
        let target = target.with_context(|| format!("no frame of {address} in {targets}"))?["targetId"].clone();
        let attached = self.call(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true })).await?;
        // What has crashed gives no answer.
        self.send(attached["sessionId"].as_str(), "Page.crash", json!({})).await.map(drop)
    }

    /// Calls a method and waits for its result.
    ///
    /// # Errors
    /// The browser refuses it, or is gone.
    pub async fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value> {
        let id = self.send(session, method, params).await?;
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
