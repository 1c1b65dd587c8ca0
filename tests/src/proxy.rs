//! A TCP proxy between browser and backend: the plug that a test pulls, and an ear for what is asked.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What gets through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plug {
    In,
    /// Pages, scripts and wasm do, the API does not.
    NoApi,
    /// All but the worker's wasm does.
    NoWorker,
    Out,
}

/// A proxy that runs until it is dropped.
pub struct Proxy {
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
    plugged: watch::Sender<Plug>,
    heard: Arc<Mutex<String>>,
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
        let (plugged, plug) = watch::channel(Plug::In);
        let heard = Arc::default();
        let task = tokio::spawn(run(listener, target.to_owned(), plug, Arc::clone(&heard)));
        Ok(Self { address, plugged, heard, task })
    }

    /// Cuts every connection and takes no new one.
    pub fn unplug(&self) {
        self.plugged.send_replace(Plug::Out);
    }

    /// Cuts whatever asks the API, and lets the rest through.
    pub fn unplug_api(&self) {
        self.plugged.send_replace(Plug::NoApi);
    }

    /// Cuts whatever asks for the worker's wasm, and lets the rest through.
    pub fn unplug_worker(&self) {
        self.plugged.send_replace(Plug::NoWorker);
    }

    /// Lets everything through again.
    pub fn plug(&self) {
        self.plugged.send_replace(Plug::In);
    }

    /// The requests below `/api/sip/` that have passed so far, as `METHOD PATH`.
    pub fn sip_requests(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = heard.lines().filter_map(|line| line.strip_suffix(" HTTP/1.1"));
        requests.filter(|request| request.contains(" /api/sip/")).map(str::to_owned).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(listener: TcpListener, target: String, plug: watch::Receiver<Plug>, heard: Arc<Mutex<String>>) {
    while let Ok((near, _)) = listener.accept().await {
        if *plug.borrow() == Plug::Out {
            continue; // closed at once
        }
        let (target, mut plug, heard) = (target.clone(), plug.clone(), Arc::clone(&heard));
        tokio::spawn(async move {
            let Ok(far) = TcpStream::connect(&target).await else { return };
            let ((near_in, mut near_out), (mut far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::select! {
                () = overhear(near_in, far_out, &heard, plug.clone()) => {}
                _ = copy(&mut far_in, &mut near_out) => {}
                _ = plug.wait_for(|plug| *plug == Plug::Out) => {}
            }
        });
    }
}

/// Passes on what the browser says, and keeps a copy.
async fn overhear(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, heard: &Mutex<String>, plug: watch::Receiver<Plug>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..length]);
        let cut = match *plug.borrow() {
            Plug::NoApi => " /api/",
            Plug::NoWorker => " /sip-worker-",
            Plug::In | Plug::Out => "\n",
        };
        if text.lines().next().is_some_and(|request| request.contains(cut)) {
            return;
        }
        heard.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
