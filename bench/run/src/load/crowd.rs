//! Many subscribers, as many as the backend takes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::Backend;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::subscriber::Subscriber;
use super::{Rows, SETTLED, memory, ms};
use crate::options::Plan;
use crate::stats::{FAR_TAIL, quantile};

/// How many there should be.
const WANTED: usize = 10_000;
/// Files of this process beside their sockets.
const OTHER_FILES: u64 = 256;
/// Far beyond what an event takes to reach everybody.
const PATIENCE: Duration = Duration::from_secs(60);
/// Calls in a row, each two events, by which the backend's processor time is measured.
const CALLS_IN_A_ROW: usize = 250;
/// Of the commands of a run: events that are told to all, one after the other.
const SHARE_OF_COMMANDS: usize = 20;

pub(super) async fn measure(plan: &Plan, rows: &mut Rows) -> Result<()> {
    let files = rlimit::increase_nofile_limit(WANTED as u64 + OTHER_FILES).context("how many files may be open?")?;
    if files < WANTED as u64 + OTHER_FILES {
        eprintln!("this process may have {files} files open, too few for {WANTED} subscribers: raise `ulimit -n`");
    }
    let backend = Backend::simulator().await?;
    let process = backend.process()?;
    call(&backend).await?; // its connection and its files are there now
    let before = memory(process)?;
    let mut crowd = Crowd::of(&backend.address).await?;
    sleep(SETTLED).await;
    let size = crowd.size();
    rows.push("Subscribers at once", size as f64, "", format!("{WANTED}"), Some(size == WANTED));
    let each = (memory(process)? - before) * 1e6 / 1024.0 / size as f64;
    rows.at_most("Memory of the backend for each", each, 16.0, "KiB");

    let mut took = Vec::new();
    for _ in 0..plan.commands / SHARE_OF_COMMANDS {
        let since = Instant::now();
        ring(&backend).await?;
        took.extend(crowd.hears(1).await?.iter().map(|at| ms(at.duration_since(since))));
        hang_up(&backend).await?;
        crowd.hears(1).await?;
    }
    let p99 = quantile(&took, FAR_TAIL).context("there were events")?;
    rows.at_most("Event to each of them, p99", p99, 250.0, "ms");

    let used = process.processor_time()?;
    for _ in 0..CALLS_IN_A_ROW {
        call(&backend).await?;
    }
    let told = crowd.hears(2 * CALLS_IN_A_ROW).await?.len() as f64;
    let used = (process.processor_time()? - used).as_secs_f64();
    rows.push(
        "Events × subscribers in a second of the processor",
        told / used,
        "",
        "5 × the same in Node".to_owned(),
        None,
    );
    Ok(())
}

async fn call(backend: &Backend) -> Result<()> {
    ring(backend).await?;
    hang_up(backend).await
}

async fn ring(backend: &Backend) -> Result<()> {
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await.map(drop)
}

async fn hang_up(backend: &Backend) -> Result<()> {
    backend.post("/api/sim/hangup", json!({})).await.map(drop)
}

/// Subscribers that listen until it is dropped.
struct Crowd {
    members: JoinSet<()>,
    heard: UnboundedReceiver<Instant>,
}

impl Crowd {
    /// As many as there should be, or as many as find room.
    async fn of(address: &str) -> Result<Self> {
        let (tell, heard) = unbounded_channel();
        let mut members = JoinSet::new();
        while members.len() < WANTED {
            match Subscriber::to(address, None).await {
                Ok(member) => drop(members.spawn(listen(member, tell.clone()))),
                Err(refused) => {
                    eprintln!("the backend took {} subscribers, then it {refused:#}", members.len());
                    break;
                }
            }
        }
        ensure!(!members.is_empty(), "the backend took no subscriber");
        Ok(Self { members, heard })
    }

    fn size(&self) -> usize {
        self.members.len()
    }

    /// Waits until each has heard of so many events of calls, and says when each did.
    async fn hears(&mut self, events: usize) -> Result<Vec<Instant>> {
        let wanted = events * self.size();
        let mut times = Vec::with_capacity(wanted);
        while times.len() < wanted {
            let heard = timeout(PATIENCE, self.heard.recv()).await;
            let heard = heard.with_context(|| format!("{} of {wanted} events came", times.len()))?;
            times.push(heard.context("all streams have ended")?);
        }
        Ok(times)
    }
}

/// Ends with the stream; who waits for its events then waits in vain.
async fn listen(mut member: Subscriber, tell: UnboundedSender<Instant>) {
    while member.call().await.is_ok() {
        if tell.send(Instant::now()).is_err() {
            return;
        }
    }
}
