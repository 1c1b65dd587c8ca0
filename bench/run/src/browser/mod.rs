//! Product and peer in Chromium, by turns: blank tabs, the product, the peer, and again.

mod calls;
mod cold;
mod scene;
mod usage;

use anyhow::{Context, Result};

use crate::figure::{self, Figure};
use crate::options::Plan;
use crate::samples::Samples;
use crate::side::Side;
use crate::table::Table;
use scene::Scene;

/// Measures all figures of both sides.
///
/// # Errors
/// A tab does not come to show what it should.
pub async fn measure(plan: &Plan) -> Result<Table> {
    let mut samples = Samples::default();
    for round in 1..=plan.rounds {
        let blank = blank().await.with_context(|| format!("blank tabs, round {round}"))?;
        for side in [Side::Ours, Side::Peer] {
            eprintln!("round {round} of {}: {side}", plan.rounds);
            let figures = of(side, plan, blank).await.with_context(|| format!("{side}, round {round}"))?;
            for (figure, value) in figures {
                samples.add(figure, side, round, value);
            }
        }
    }
    Ok(figure::table(&samples))
}

/// Memory of the browser with blank tabs, in KiB.
#[derive(Clone, Copy)]
struct Blank {
    with_10: f64,
    with_30: f64,
}

async fn blank() -> Result<Blank> {
    let mut scene = Scene::set(Side::Ours).await?;
    scene.open_blank(10).await?;
    let with_10 = usage::memory(&mut scene).await?;
    scene.open_blank(30).await?;
    Ok(Blank { with_10, with_30: usage::memory(&mut scene).await? })
}

/// One round of a side, in a browser and with a backend of its own.
async fn of(side: Side, plan: &Plan, blank: Blank) -> Result<Vec<(Figure, f64)>> {
    let mut scene = Scene::set(side).await?;
    let mut figures = Vec::new();
    for _ in 0..plan.cold {
        figures.extend(cold::pair(&mut scene).await.context("a cold tab")?);
    }
    // MB, of each tab.
    let share = |kib: f64, blank: f64, tabs: f64| (kib - blank) * 1024.0 / 1e6 / tabs;

    scene.open(2).await?;
    calls::ring(&scene, plan.calls, Figure::Ring2, &mut figures).await?;
    scene.open(10).await?;
    figures.push((Figure::Memory10, share(usage::memory(&mut scene).await?, blank.with_10, 10.0)));
    figures.push((Figure::Idle, usage::processor(&mut scene, plan.watch).await?));
    calls::ring(&scene, plan.calls, Figure::Ring10, &mut figures).await?;
    calls::answer(&scene, plan.calls, &mut figures).await?;
    scene.talk().await?;
    figures.push((Figure::Talking, usage::processor(&mut scene, plan.watch).await?));
    scene.hang_up().await?;
    figures.push((Figure::Burst, calls::burst(&scene).await.context("the burst")?));
    scene.open(30).await?;
    figures.push((Figure::Memory30, share(usage::memory(&mut scene).await?, blank.with_30, 30.0)));
    calls::ring(&scene, plan.calls, Figure::Ring30, &mut figures).await?;
    Ok(figures)
}
