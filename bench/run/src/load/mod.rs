//! What the backend bears: subscribers, events, commands; how soon it is there, and what it takes.

mod commands;
mod crowd;
mod subscriber;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use e2e::{Backend, Browser, Process, backend_executable};
use tokio::time::sleep;

use crate::figure::digits;
use crate::options::Plan;
use crate::stats::{MEDIAN, quantile};
use crate::table::Table;

/// After which the backend is at rest.
const SETTLED: Duration = Duration::from_secs(1);
/// How often it is started.
const STARTS: usize = 10;
const TABS: usize = 10;

/// Rows of the table.
struct Rows(Table);

impl Rows {
    /// What may be so much at most.
    fn at_most(&mut self, name: &str, value: f64, most: f64, unit: &str) {
        self.push(name, value, unit, format!("at most {most} {unit}"), Some(value <= most));
    }

    fn push(&mut self, name: &str, value: f64, unit: &str, goal: String, met: Option<bool>) {
        let met = met.map_or("-", |met| if met { "yes" } else { "no" });
        let value = format!("{} {unit}", digits(value)).trim_end().to_owned();
        self.0.push([name.to_owned(), value, goal, met.to_owned()]);
    }
}

/// Measures all of it.
///
/// # Errors
/// The backend does not do what it should.
pub async fn measure(plan: &Plan) -> Result<Table> {
    backend_executable()?;
    let mut rows = Rows(Table::new(["figure", "measured", "goal", "met"]));
    eprintln!("backend: starts");
    rows.at_most("Start to ready, p50", start().await?, 100.0, "ms");
    eprintln!("backend: {TABS} tabs");
    rows.at_most("Memory with 10 tabs", memory_with_tabs().await?, 20.0, "MB");
    eprintln!("backend: commands");
    commands::measure(plan, &mut rows).await.context("commands")?;
    eprintln!("backend: subscribers");
    crowd::measure(plan, &mut rows).await.context("subscribers")?;
    Ok(rows.0)
}

/// From its start to the line that says where it listens, in ms.
async fn start() -> Result<f64> {
    let mut took = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let _backend = Backend::simulator().await?;
        took.push(ms(started.elapsed()));
    }
    quantile(&took, MEDIAN).context("it was started")
}

/// In RAM, with its own page in so many tabs, in MB.
async fn memory_with_tabs() -> Result<f64> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let mut tabs = Vec::new();
    for _ in 0..TABS {
        tabs.push(browser.open(&backend.url()).await?);
    }
    sleep(SETTLED).await;
    memory(backend.process()?)
}

/// In RAM, in MB.
fn memory(process: Process) -> Result<f64> {
    Ok(process.memory_kib()? as f64 * 1024.0 / 1e6)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
