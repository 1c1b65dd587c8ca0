//! The soak: tabs, calls and faults at random from a seed, in a real browser on a real backend behind a proxy. Every tab keeps a
//! log of what it shows; a program keeps the backend's journal. At the end the logs are held against the journal, and memory
//! and handles against those of the beginning.

mod check;
mod faults;
mod journal;
mod log;
mod measure;
mod operator;
mod world;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rand::Rng;

use measure::Measure;
use world::World;

/// What to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// For how long.
    pub time: Duration,
    /// What all choices are drawn from.
    pub seed: u64,
}

/// Tabs at the beginning, at the end, and when memory is measured.
const TABS: usize = 3;
/// After so many steps everything must have come to rest once.
const STEPS: usize = 40;
/// A step in so many makes a fault.
const FAULT_IN: u32 = 6;

/// Runs it.
///
/// # Errors
/// Something does not come up, something was lost, or there is more memory or there are more handles in use than at first.
pub async fn soak(plan: &Plan) -> Result<Report> {
    let mut world = World::new(plan.seed).await?;
    let begin = Instant::now();
    // What is loaded and kept once is not what leaks: the first fifth does not count.
    rounds(&mut world, begin + plan.time / 5).await?;
    let before = world.at_rest(TABS).await?;
    rounds(&mut world, begin + plan.time).await?;
    let after = world.at_rest(TABS).await?;
    world.collect_all().await?;
    let checked = check::check(&world).await?;
    after.no_more_than(&before)?;
    Ok(Report { seed: plan.seed, took: begin.elapsed(), counts: world.counts, checked, before, after })
}

async fn rounds(world: &mut World, end: Instant) -> Result<()> {
    while Instant::now() < end {
        for _ in 0..STEPS {
            if Instant::now() > end {
                break;
            }
            if world.random.random_ratio(1, FAULT_IN) {
                world.fault().await?;
            } else {
                world.operate().await?;
            }
        }
        world.calm().await.context("the tabs do not come to show what the backend has")?;
        let calls = world.counts.get("calls").copied().unwrap_or_default();
        let left = end.saturating_duration_since(Instant::now()).as_secs();
        println!("    {calls} calls, {} faults, {left} s to go", world.faults());
        // A worker whose script never came is left beside the one that speaks. The recorder listens too.
        if let Err(error) = world.desk.streams(2).await {
            return Err(error.context(world.scene().await?).context("not one worker listens"));
        }
    }
    Ok(())
}

/// What was done and found.
pub struct Report {
    seed: u64,
    took: Duration,
    counts: BTreeMap<String, usize>,
    checked: check::Checked,
    before: Measure,
    after: Measure,
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nseed {}, {} min {} s", self.seed, self.took.as_secs() / 60, self.took.as_secs() % 60)?;
        for (what, count) in &self.counts {
            writeln!(f, "    {what:<32} {count:>7}")?;
        }
        writeln!(f, "    {}", self.checked)?;
        writeln!(f, "    after the first fifth: {}", self.before)?;
        write!(f, "    at the end:            {}", self.after)
    }
}
