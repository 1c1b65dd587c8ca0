//! A TCP proxy between browser and backend: the plug that a test pulls, the wires that it spoils, and an ear for what is asked.

mod http;
mod trap;
mod wire;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpListener;
use tokio::sync::watch;

use trap::{Snap, Traps};

/// How the wires are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plug {
    In,
    /// Pages, scripts and wasm get through, the API does not.
    NoApi,
    /// All but the worker's wasm gets through.
    NoWorker,
    Out,
    /// Connections stay open, and nothing moves on them any more.
    HalfOpen,
    Slow(Slow),
    /// The body of a response gets through once it is whole.
    Buffering,
    /// Every connection is cut at this age.
    Aging(Duration),
}

/// A bad line.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Slow {
    latency: Duration,
    bytes_per_second: usize,
}

/// How a connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// In order: what was sent before still arrives.
    Close,
    /// By a reset.
    Reset,
}

/// What the connections share.
struct Shared {
    target: String,
    plug: watch::Sender<Plug>,
    traps: Mutex<Traps>,
    /// Answers to requests whose head contains this are kept back.
    holding: watch::Sender<Option<String>>,
    heard: Mutex<String>,
    refused: AtomicUsize,
    /// Files that never change may not be kept all the same.
    unkept: AtomicBool,
}

/// A proxy that runs until it is dropped.
pub struct Proxy {
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
    shared: Arc<Shared>,
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
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            plug: watch::Sender::new(Plug::In),
            traps: Mutex::default(),
            holding: watch::Sender::new(None),
            heard: Mutex::default(),
            refused: AtomicUsize::new(0),
            unkept: AtomicBool::new(false),
        });
        let task = tokio::spawn(run(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Cuts every connection and takes no new one.
    pub fn unplug(&self) {
        self.set(Plug::Out);
    }

    /// Cuts whatever asks the API, and lets the rest through.
    pub fn unplug_api(&self) {
        self.set(Plug::NoApi);
    }

    /// Cuts whatever asks for the worker's wasm, and lets the rest through.
    pub fn unplug_worker(&self) {
        self.set(Plug::NoWorker);
    }

    /// Goes silent: connections stay open and new ones are taken, but nothing moves on them, now or ever. The backend's ends
    /// close when the plug is in again, as a system gives up a peer at last; the browser's never do.
    pub fn half_open(&self) {
        self.set(Plug::HalfOpen);
    }

    /// Delays each piece by `latency`, and lets so many bytes through in a second on each connection.
    pub fn slow(&self, latency: Duration, bytes_per_second: usize) {
        self.set(Plug::Slow(Slow { latency, bytes_per_second }));
    }

    /// Keeps the body of each response until it is whole, as some security products do; a stream never is.
    pub fn buffer(&self) {
        self.set(Plug::Buffering);
    }

    /// Cuts every connection that reaches this age, as some proxies do after 60 s.
    pub fn cut_at_age(&self, age: Duration) {
        self.set(Plug::Aging(age));
    }

    /// Lets everything through again, and forgets all traps.
    pub fn plug(&self) {
        *self.traps() = Traps::default();
        self.release_answers();
        self.set(Plug::In);
    }

    /// Breaks the stream of events in the middle of the next event.
    pub fn break_in_mid_event(&self, how: Break) {
        self.traps().set_event(how);
    }

    /// Closes the connection of the next `count` requests whose head contains this, which reach the backend, before the answer.
    pub fn lose_answers(&self, path: &str, count: usize) {
        self.traps().set_request(path, Snap::LoseAnswer, count);
    }

    /// Closes the connection of the next `count` requests whose head contains this, which the backend never sees.
    pub fn lose_requests(&self, path: &str, count: usize) {
        self.traps().set_request(path, Snap::LoseRequest, count);
    }

    /// From now on the browser may keep no file, as on a PC whose cache is full, or switched off.
    pub fn forbid_keeping(&self) {
        self.shared.unkept.store(true, Ordering::Relaxed);
    }

    /// Has the connection of the next `count` requests whose head contains this go silent for ever; the backend never sees them.
    pub fn swallow_requests(&self, path: &str, count: usize) {
        self.traps().set_request(path, Snap::Swallow, count);
    }

    /// Keeps back the answers to requests whose head contains this.
    pub fn hold_answers(&self, path: &str) {
        self.shared.holding.send_replace(Some(path.to_owned()));
    }

    /// Passes on the answers that were kept back.
    pub fn release_answers(&self) {
        self.shared.holding.send_replace(None);
    }

    /// How many requests, answers and events were lost, held or broken as asked, so far.
    pub fn caught(&self) -> usize {
        self.traps().caught
    }

    /// How many connections were not taken while the plug was out.
    pub fn refused(&self) -> usize {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// The requests below `/api/sip/` that have passed so far, as `METHOD PATH`.
    pub fn sip_requests(&self) -> Vec<String> {
        let heard = self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = heard.lines().filter_map(|line| line.strip_suffix(" HTTP/1.1"));
        requests.filter(|request| request.contains(" /api/sip/")).map(str::to_owned).collect()
    }

    fn set(&self, plug: Plug) {
        self.shared.plug.send_replace(plug);
    }

    fn traps(&self) -> std::sync::MutexGuard<'_, Traps> {
        self.shared.traps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((near, _)) = listener.accept().await {
        if *shared.plug.borrow() == Plug::Out {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            continue; // closed at once
        }
        tokio::spawn(wire::run(near, Arc::clone(&shared)));
    }
}
