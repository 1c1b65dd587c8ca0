//! Many subscribers of one backend: what each costs in memory, and each event in time and in work.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::Process;
use futures_util::future::try_join_all;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::figure::Figure;
use super::server::Server;
use super::subscriber::Subscriber;
use super::{SETTLED, ms};
use crate::side::Side;
use crate::stats::{FAR_TAIL, MEDIAN, quantile};

/// How many there are at first, and how many there should be.
const FEW: usize = 1_000;
const WANTED: usize = 10_000;
/// Calls under way at a time in a row, as in the browser's burst.
const LINES: usize = 8;
/// Files of this process beside their sockets.
const OTHER_FILES: u64 = 256;
/// Far beyond what an event takes to reach everybody.
const PATIENCE: Duration = Duration::from_secs(120);

/// So that there are files for all of them.
pub(super) fn prepare() -> Result<()> {
    let wanted = WANTED as u64 + OTHER_FILES;
    let files = rlimit::increase_nofile_limit(wanted).context("how many files may be open?")?;
    if files < wanted {
        eprintln!("this process may have {files} files open, too few for {WANTED} subscribers: raise `ulimit -n`");
    }
    Ok(())
}

/// So many calls when all have heard of the last, and so many in a row.
pub(super) async fn measure(side: Side, calls: usize, in_a_row: usize) -> Result<Vec<(Figure, f64)>> {
    let server = Server::start(side, WANTED).await?;
    let process = server.process()?;
    server.call().await?; // its connection and its files are there now
    sleep(SETTLED).await;
    let before = process.memory_kib()?;
    let mut crowd = Crowd::default();
    crowd.grow(&server.address, FEW).await?;
    let mut figures = vec![(Figure::Memory1k, each(process, before, &crowd)?)];
    let few = singly(&server, &mut crowd, calls).await?;
    figures.extend([(Figure::Event1kMedian, few.median), (Figure::Event1kTail, few.tail)]);

    crowd.grow(&server.address, WANTED).await?;
    figures.push((Figure::Subscribers, crowd.size() as f64));
    let all = singly(&server, &mut crowd, calls).await?;
    figures.extend([(Figure::Event10kMedian, all.median), (Figure::Event10kTail, all.tail)]);
    figures.push((Figure::Single, all.told_in_a_second));

    let used = process.processor_time()?;
    let line = async || {
        for _ in 0..in_a_row / LINES {
            server.call().await?;
        }
        anyhow::Ok(())
    };
    try_join_all((0..LINES).map(|_| line())).await?;
    let told = crowd.hears(2 * LINES * (in_a_row / LINES)).await?.len() as f64;
    figures.push((Figure::Burst, told / (process.processor_time()? - used).as_secs_f64()));
    // Last: now each has had events too.
    figures.push((Figure::Memory10k, each(process, before, &crowd)?));
    Ok(figures)
}

/// Memory of the backend for each member, in kB.
fn each(process: Process, before: u64, crowd: &Crowd) -> Result<f64> {
    Ok(process.memory_kib()?.saturating_sub(before) as f64 * 1024.0 / 1e3 / crowd.size() as f64)
}

/// Times of events in ms, of all members, and how many are told in a second of the processor.
struct Singly {
    median: f64,
    tail: f64,
    told_in_a_second: f64,
}

/// Each event when all have heard the last.
async fn singly(server: &Server, crowd: &mut Crowd, calls: usize) -> Result<Singly> {
    let process = server.process()?;
    let mut took = Vec::new();
    let used = process.processor_time()?;
    for _ in 0..calls {
        let since = Instant::now();
        server.ring().await?;
        took.extend(crowd.hears(1).await?.iter().map(|at| ms(at.duration_since(since))));
        let since = Instant::now();
        server.hang_up().await?;
        took.extend(crowd.hears(1).await?.iter().map(|at| ms(at.duration_since(since))));
    }
    let used = process.processor_time()? - used;
    let of = |at| quantile(&took, at).context("there were events");
    Ok(Singly { median: of(MEDIAN)?, tail: of(FAR_TAIL)?, told_in_a_second: took.len() as f64 / used.as_secs_f64() })
}

/// Subscribers that listen until it is dropped.
struct Crowd {
    members: JoinSet<()>,
    tell: UnboundedSender<(Instant, usize)>,
    heard: UnboundedReceiver<(Instant, usize)>,
}

impl Default for Crowd {
    fn default() -> Self {
        let (tell, heard) = unbounded_channel();
        Self { members: JoinSet::new(), tell, heard }
    }
}

impl Crowd {
    /// Until there are so many, or as many as find room; and all are at rest.
    async fn grow(&mut self, address: &str, wanted: usize) -> Result<()> {
        while self.members.len() < wanted {
            match Subscriber::to(address, None).await {
                Ok(member) => drop(self.members.spawn(listen(member, self.tell.clone()))),
                Err(refused) => {
                    eprintln!("it took {} subscribers, then it {refused:#}", self.members.len());
                    break;
                }
            }
        }
        ensure!(!self.members.is_empty(), "it took no subscriber");
        sleep(SETTLED).await;
        Ok(())
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
            let (at, count) = heard.context("all streams have ended")?;
            times.extend(std::iter::repeat_n(at, count));
        }
        Ok(times)
    }
}

/// Ends with the stream; who waits for its events then waits in vain.
async fn listen(mut member: Subscriber, tell: UnboundedSender<(Instant, usize)>) {
    while let Ok(count) = member.calls().await {
        if tell.send((Instant::now(), count)).is_err() {
            return;
        }
    }
}
