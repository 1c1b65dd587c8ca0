//! A backend of one of the two: the product's, or the peer's in Node.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::{Process, backend_executable};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::machine::workspace_root;
use crate::side::Side;

/// One with the simulator, until it is dropped.
pub(super) struct Server {
    /// `127.0.0.1:PORT`.
    pub(super) address: String,
    /// From the start to the line that says where it listens.
    pub(super) took: Duration,
    http: reqwest::Client,
    child: Child,
    _dir: TempDir,
}

impl Server {
    /// One with room for so many streams.
    pub(super) async fn start(side: Side, streams: usize) -> Result<Self> {
        let dir = TempDir::new()?;
        let mut command = match side {
            Side::Ours => {
                let mut backend = Command::new(backend_executable()?);
                backend
                    .args(["--engine", "simulator", "--max-streams", &streams.to_string(), "--data-dir"])
                    .arg(dir.path());
                backend.env("SIP_PHONE_LOG", "warn");
                backend
            }
            Side::Peer => {
                let mut node = Command::new("node");
                node.arg(workspace_root()?.join("bench/peer/server/main.js"));
                node
            }
        };
        command.args(["--listen", "127.0.0.1:0"]).current_dir(dir.path()).kill_on_drop(true).stdout(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().context("it does not start; the peer's needs Node.js from 20.19 on")?;
        let mut lines = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        let line = lines.next_line().await?.context("it ended before it was ready")?;
        let took = started.elapsed();
        let address = line.strip_prefix("listening on http://").with_context(|| format!("it said {line:?}"))?;
        let http = reqwest::Client::builder().tcp_nodelay(true).build()?;
        Ok(Self { address: address.to_owned(), took, http, child, _dir: dir })
    }

    pub(super) fn process(&self) -> Result<Process> {
        self.child.id().map(Process::of_id).context("it has ended")
    }

    /// POSTs as a worker of this name would, whatever it is answered.
    pub(super) fn request(&self, path: &str, body: &Value, worker: (&str, &str)) -> reqwest::RequestBuilder {
        self.http.post(format!("http://{}{path}", self.address)).header(worker.0, worker.1).json(body)
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let response = self.http.post(format!("http://{}{path}", self.address)).json(&body).send().await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{path} was answered with {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// The other party calls, and gives up: two events.
    pub(super) async fn call(&self) -> Result<()> {
        self.ring().await?;
        self.hang_up().await
    }

    pub(super) async fn ring(&self) -> Result<Value> {
        self.post("/api/sim/incoming", json!({ "number": "100" })).await.map(|mut made| made["call_id"].take())
    }

    pub(super) async fn hang_up(&self) -> Result<()> {
        self.post("/api/sim/hangup", json!({})).await.map(drop)
    }
}
