//! One connection through the proxy, and what goes wrong on it.

use std::future::pending;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep, sleep_until};

use super::http::Response;
use super::trap::Snap;
use super::{Break, Plug, Shared};

/// A slow line passes a second's bytes in so many pieces.
const PIECES: usize = 20;

/// What the backend says of files that never change, and what forbids to keep them.
const KEPT: &[u8] = b"public, max-age=31536000, immutable";
const UNKEPT: &[u8] = b"no-store";

/// How a connection ends.
enum End {
    Closed,
    Reset,
    /// It does not: it goes silent.
    Silent,
}

pub(super) async fn run(near: TcpStream, shared: Arc<Shared>) {
    let mut plug = shared.plug.subscribe();
    if *plug.borrow() == Plug::HalfOpen {
        return silent(near, None, plug).await;
    }
    let Ok(far) = TcpStream::connect(&shared.target).await else { return };
    let holding = shared.holding.subscribe();
    let mut wire = Wire {
        near,
        far,
        holding,
        born: Instant::now(),
        request: String::new(),
        head: String::new(),
        response: Response::default(),
        fate: Fate::Pass,
        shared,
    };
    match wire.pass(&mut plug).await {
        End::Closed => {}
        // It fails on a socket that is gone, which then needs no reset.
        End::Reset => drop(wire.near.set_zero_linger()),
        End::Silent => silent(wire.near, Some(wire.far), plug).await,
    }
}

/// Neither end hears anything any more.
async fn silent(near: TcpStream, far: Option<TcpStream>, mut plug: watch::Receiver<Plug>) {
    // An error means that the proxy is gone, and this with it.
    let _ = plug.wait_for(|plug| *plug != Plug::HalfOpen).await;
    drop(far);
    let _kept = near;
    let _ = plug.wait_for(|_| false).await;
}

/// What becomes of the answer to the request that is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pass,
    Lose,
    Hold,
}

struct Wire {
    near: TcpStream,
    far: TcpStream,
    shared: Arc<Shared>,
    holding: watch::Receiver<Option<String>>,
    born: Instant,
    /// `METHOD PATH` of the request that is under way; a browser asks one thing at a time on a connection.
    request: String,
    /// Its whole head.
    head: String,
    response: Response,
    fate: Fate,
}

impl Wire {
    async fn pass(&mut self, plug: &mut watch::Receiver<Plug>) -> End {
        let (mut said, mut answered) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
        loop {
            let now = *plug.borrow_and_update();
            let cut_at = match now {
                Plug::Out => return End::Closed,
                Plug::HalfOpen => return End::Silent,
                Plug::Aging(age) => Some(self.born + age),
                _ => None,
            };
            if now != Plug::Buffering && self.fate != Fate::Hold {
                let rest = self.response.rest();
                if self.near.write_all(&rest).await.is_err() {
                    return End::Closed;
                }
            }
            let room = match now {
                Plug::Slow(slow) => (slow.bytes_per_second / PIECES).clamp(1, answered.len()),
                _ => answered.len(),
            };
            let end = tokio::select! {
                read = self.near.read(&mut said) => match read {
                    Ok(length @ 1..) => self.say(&said[..length], now).await,
                    _ => return End::Closed,
                },
                read = self.far.read(&mut answered[..room]) => match read {
                    Ok(length @ 1..) => self.answer(&answered[..length], now).await,
                    _ => return self.last_words().await,
                },
                _ = plug.changed() => None,
                _ = self.holding.changed() => {
                    self.fate = if self.is_held() { Fate::Hold } else { Fate::Pass };
                    None
                }
                () = at(cut_at) => return End::Closed,
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// Passes on what the browser says, and keeps a copy.
    async fn say(&mut self, bytes: &[u8], plug: Plug) -> Option<End> {
        let text = String::from_utf8_lossy(bytes);
        if let Some(request) = text.lines().next().and_then(|line| line.strip_suffix(" HTTP/1.1")) {
            self.request = request.to_owned();
            self.head = text.to_string();
            self.response = Response::to(request);
            let cut = match plug {
                Plug::NoApi => request.contains(" /api/"),
                Plug::NoWorker => request.contains(" /sip-worker-"),
                _ => false,
            };
            let mut traps = self.shared.traps.lock().unwrap_or_else(PoisonError::into_inner);
            let snap = if cut { Some(Snap::LoseRequest) } else { traps.request(&text) };
            self.fate = match snap {
                Some(Snap::LoseRequest) => return Some(End::Closed),
                Some(Snap::Swallow) => return Some(End::Silent),
                Some(Snap::LoseAnswer) => Fate::Lose,
                None if self.is_held() => Fate::Hold,
                None => Fate::Pass,
            };
            traps.caught += usize::from(self.fate == Fate::Hold);
        }
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        if let Plug::Slow(slow) = plug {
            sleep(slow.latency).await;
        }
        self.far.write_all(bytes).await.err().map(|_| End::Closed)
    }

    /// Passes on what the backend answers.
    async fn answer(&mut self, bytes: &[u8], plug: Plug) -> Option<End> {
        if self.fate == Fate::Lose {
            return Some(End::Closed);
        }
        if self.request.contains("/api/sip/events") && has_event(bytes) {
            let broken = self.shared.traps.lock().unwrap_or_else(PoisonError::into_inner).event();
            if let Some(how) = broken {
                let _ = self.near.write_all(&bytes[..bytes.len() / 2]).await;
                return Some(if how == Break::Reset { End::Reset } else { End::Closed });
            }
        }
        let mut bytes = bytes.to_vec();
        if self.shared.unkept.load(Ordering::Relaxed) {
            forbid_keeping(&mut bytes);
        }
        self.response.push(&bytes);
        let due = match (self.fate, plug) {
            (Fate::Hold, _) => Vec::new(),
            (_, Plug::Buffering) => self.response.due(),
            _ => self.response.rest(),
        };
        if let Plug::Slow(slow) = plug {
            sleep(slow.latency.max(Duration::from_secs(1) / PIECES as u32)).await;
        }
        self.near.write_all(&due).await.err().map(|_| End::Closed)
    }

    /// The backend has closed: what was kept of its answer is all that there will be.
    async fn last_words(&mut self) -> End {
        let rest = self.response.rest();
        if self.fate == Fate::Pass {
            let _ = self.near.write_all(&rest).await;
        }
        End::Closed
    }

    fn is_held(&self) -> bool {
        self.holding.borrow().as_deref().is_some_and(|part| self.head.contains(part))
    }
}

/// Of the same length, so that whatever counts bytes stays right.
fn forbid_keeping(answer: &mut [u8]) {
    if let Some(at) = answer.windows(KEPT.len()).position(|part| part == KEPT) {
        answer[at..at + KEPT.len()].fill(b' ');
        answer[at..at + UNKEPT.len()].copy_from_slice(UNKEPT);
    }
}

fn has_event(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|six| six == b"\nevent" || six == b"event:")
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}
