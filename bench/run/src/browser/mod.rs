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
    let other = if plan.against.is_some() { "other" } else { "peer" };
    for round in 1..=plan.rounds {
        let blank = blank(plan).await.with_context(|| format!("blank tabs, round {round}"))?;
        for side in [Side::Ours, Side::Peer] {
            let name = if side == Side::Ours { "ours" } else { other };
            eprintln!("round {round} of {}: {name}", plan.rounds);
            let figures = of(side, plan, blank).await.with_context(|| format!("{name}, round {round}"))?;
            for (figure, value) in figures {
                samples.add(figure, side, round, value);
            }
        }
    }
    Ok(figure::table(&samples, other, &plan.figures))
}

/// Memory of the browser with blank tabs, in KiB.
#[derive(Clone, Copy, Default)]
struct Blank {
    with_10: f64,
    with_30: f64,
}

async fn blank(plan: &Plan) -> Result<Blank> {
    let mut blank = Blank::default();
    if !plan.wants(&[Figure::Memory10, Figure::Memory30]) {
        return Ok(blank);
    }
    let mut scene = Scene::set(Side::Ours, plan).await?;
    scene.open_blank(10).await?;
    blank.with_10 = usage::memory(&mut scene).await?;
    if plan.wants(&[Figure::Memory30]) {
        scene.open_blank(30).await?;
        blank.with_30 = usage::memory(&mut scene).await?;
    }
    Ok(blank)
}

/// One round of a side, in a browser and with a backend of its own.
async fn of(side: Side, plan: &Plan, blank: Blank) -> Result<Vec<(Figure, f64)>> {
    use Figure::{Answer, Burst, Bytes, Cold, Idle, Memory10, Memory30, Ring2, Ring10, Ring30, Second, Talking};
    let mut scene = Scene::set(side, plan).await?;
    let mut figures = Vec::new();
    if plan.wants(&[Bytes, Cold, Second]) {
        for _ in 0..plan.cold {
            figures.extend(cold::pair(&mut scene).await.context("a cold tab")?);
        }
    }
    // MB, of each tab.
    let share = |kib: f64, blank: f64, tabs: f64| (kib - blank) * 1024.0 / 1e6 / tabs;

    if plan.wants(&[Ring2]) {
        scene.open(2).await?;
        calls::ring(&scene, plan.calls, Ring2, &mut figures).await?;
    }
    if plan.wants(&[Memory10, Idle, Ring10, Answer, Talking, Burst]) {
        scene.open(10).await?;
    }
    if plan.wants(&[Memory10]) {
        figures.push((Memory10, share(usage::memory(&mut scene).await?, blank.with_10, 10.0)));
    }
    if plan.wants(&[Idle]) {
        figures.push((Idle, usage::processor(&mut scene, plan.watch).await?));
    }
    if plan.wants(&[Ring10]) {
        calls::ring(&scene, plan.calls, Ring10, &mut figures).await?;
    }
    if plan.wants(&[Answer]) {
        calls::answer(&scene, plan.calls, &mut figures).await?;
    }
    if plan.wants(&[Talking]) {
        scene.talk().await?;
        figures.push((Talking, usage::processor(&mut scene, plan.watch).await?));
        scene.hang_up().await?;
    }
    if plan.wants(&[Burst]) {
        figures.push((Burst, calls::burst(&scene).await.context("the burst")?));
    }
    if plan.wants(&[Memory30, Ring30]) {
        scene.open(30).await?;
    }
    if plan.wants(&[Memory30]) {
        figures.push((Memory30, share(usage::memory(&mut scene).await?, blank.with_30, 30.0)));
    }
    if plan.wants(&[Ring30]) {
        calls::ring(&scene, plan.calls, Ring30, &mut figures).await?;
    }
    Ok(figures)
}
