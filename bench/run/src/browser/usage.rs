//! What the browser uses of the machine.

use std::time::Duration;

use anyhow::Result;
use e2e::Process;
use tokio::time::{Instant, sleep};

use super::scene::Scene;

/// After which a browser that was busy is at rest.
const SETTLED: Duration = Duration::from_secs(3);
/// What processor time is told for, in s.
const TOLD_FOR: f64 = 20.0;

/// Memory of all its processes, once it is at rest and has thrown away what nobody needs, in KiB; what several share counts once.
pub(super) async fn memory(scene: &mut Scene) -> Result<f64> {
    sleep(SETTLED).await;
    let mut targets = scene.devtools.targets("page", &scene.front.page()).await?;
    targets.extend(scene.devtools.workers().await?);
    for target in targets {
        scene.devtools.heap(&target).await?;
    }
    sleep(SETTLED).await;
    let processes = scene.devtools.processes().await?;
    // One that has just ended has none.
    Ok(processes.iter().filter_map(|process| process.share_kib().ok()).map(|kib| kib as f64).sum())
}

/// Processor time that it uses while it is left alone for this long, in seconds of 20.
pub(super) async fn processor(scene: &mut Scene, watch: Duration) -> Result<f64> {
    sleep(SETTLED).await;
    let started = Instant::now();
    let before = used(scene).await?;
    sleep(watch).await;
    let after = used(scene).await?;
    let took = started.elapsed().as_secs_f64();
    let since =
        |process: &Process| before.iter().find(|(it, _)| it == process).map_or(Duration::ZERO, |(_, time)| *time);
    let grown: Duration = after.iter().map(|(process, time)| time.saturating_sub(since(process))).sum();
    Ok(grown.as_secs_f64() * TOLD_FOR / took)
}

async fn used(scene: &mut Scene) -> Result<Vec<(Process, Duration)>> {
    let processes = scene.devtools.processes().await?;
    Ok(processes.into_iter().filter_map(|process| Some((process, process.processor_time().ok()?))).collect())
}
