//! A TCP proxy between browser and backend: the plug that a test pulls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A proxy that runs until it is dropped.
pub struct Proxy {
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
    plugged: watch::Sender<bool>,
    accepted: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Forwards every connection to `target`.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn to(target: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (plugged, plug) = watch::channel(true);
        let accepted = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(run(listener, target.to_owned(), plug, accepted.clone()));
        Ok(Self { address, plugged, accepted, task })
    }

    /// Cuts every connection and takes no new one.
    pub fn unplug(&self) {
        self.plugged.send_replace(false);
    }

    /// Takes connections again.
    pub fn plug(&self) {
        self.plugged.send_replace(true);
    }

    /// Connections taken so far.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(listener: TcpListener, target: String, plug: watch::Receiver<bool>, accepted: Arc<AtomicU64>) {
    while let Ok((mut near, _)) = listener.accept().await {
        if !*plug.borrow() {
            continue; // closed at once
        }
        accepted.fetch_add(1, Ordering::Relaxed);
        let (target, mut plug) = (target.clone(), plug.clone());
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(&target).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = plug.wait_for(|plugged| !plugged) => {}
            }
        });
    }
}
