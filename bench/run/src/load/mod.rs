//! What a backend bears, the product's and the peer's in Node by turns: subscribers, events, commands; how soon it is there, and
//! what it takes.

mod commands;
mod crowd;
mod figure;
mod server;
mod subscriber;

use std::time::Duration;

use anyhow::{Context, Result};
use e2e::{Backend, Browser};
use tokio::time::sleep;

use crate::options::Plan;
use crate::samples::Samples;
use crate::side::Side;
use crate::table::Table;
use figure::Figure;
use server::Server;

/// After which a backend is at rest.
const SETTLED: Duration = Duration::from_secs(1);
/// How often each is started in a round.
const STARTS: usize = 4;
const TABS: usize = 10;
/// Of the commands of a run: calls of which all subscribers are told, one after the other and in a row. A call is two events.
const SINGLY: usize = 20;
const IN_A_ROW: usize = 4;

/// Measures all of it.
///
/// # Errors
/// A backend does not do what it should.
pub async fn measure(plan: &Plan) -> Result<Table> {
    crowd::prepare()?;
    let mut samples = Samples::default();
    for round in 1..=plan.rounds {
        for side in [Side::Ours, Side::Peer] {
            let name = if side == Side::Ours { "ours" } else { "the peer's" };
            eprintln!("backend, round {round} of {}: {name}", plan.rounds);
            let figures = of(side, plan).await.with_context(|| format!("{name}, round {round}"))?;
            for (figure, value) in figures {
                samples.add(figure, side, round, value);
            }
        }
    }
    eprintln!("backend: {TABS} tabs");
    samples.add(Figure::Tabs, Side::Ours, 1, memory_with_tabs().await?);
    Ok(figure::table(&samples))
}

/// One round of a side.
async fn of(side: Side, plan: &Plan) -> Result<Vec<(Figure, f64)>> {
    let mut figures = Vec::new();
    for _ in 0..STARTS {
        figures.push((Figure::Start, ms(Server::start(side, 1).await?.took)));
    }
    figures.extend(commands::measure(side, plan.commands).await.context("commands")?);
    figures
        .extend(crowd::measure(side, plan.commands / SINGLY, plan.commands / IN_A_ROW).await.context("subscribers")?);
    Ok(figures)
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
    Ok(backend.process()?.memory_kib()? as f64 * 1024.0 / 1e6)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
