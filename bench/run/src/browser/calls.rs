//! How fast tabs show what happens.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use tokio::time::sleep;

use super::scene::Scene;
use crate::figure::Figure;
use crate::machine::now;

/// Calls under way at a time in a burst; the simulator has some more lines.
const LINES: usize = 8;
/// Calls of a burst that ring and are given up, on each line: with two more before the end and two at it, 500 events.
const GIVEN_UP: usize = 31;

/// Between one call and the next, which finds the browser at rest: title and icon of hidden tabs come and go after the call.
const REST: Duration = Duration::from_millis(500);

/// Calls that ring in every tab, and are given up.
pub(super) async fn ring(scene: &Scene, count: usize, figure: Figure, figures: &mut Vec<(Figure, f64)>) -> Result<()> {
    for _ in 0..count {
        let since = now();
        scene.incoming().await?;
        figures.push((figure, scene.last_shows("incoming").await? - since));
        scene.hang_up().await?;
        sleep(REST).await;
    }
    Ok(())
}

/// Calls that are answered by a click, in one tab after the other.
pub(super) async fn answer(scene: &Scene, count: usize, figures: &mut Vec<(Figure, f64)>) -> Result<()> {
    const CLICK: &str = "const at = performance.timeOrigin + performance.now(); part('answer').click(); return at";
    for tab in scene.tabs.iter().cycle().take(count) {
        scene.incoming().await?;
        scene.last_shows("incoming").await?;
        let since = tab.script(CLICK, vec![]).await?.as_f64().context("a click has a time")?;
        figures.push((Figure::Answer, scene.last_shows("talking").await? - since));
        scene.hang_up().await?;
        sleep(REST).await;
    }
    Ok(())
}

/// 500 events as fast as the backend takes them, the last of which is an answer: from the first to the last tab that shows it, in s.
pub(super) async fn burst(scene: &Scene) -> Result<f64> {
    let since = now();
    let line = async || {
        for _ in 0..GIVEN_UP {
            scene.incoming().await?;
            scene.leave().await?;
        }
        anyhow::Ok(())
    };
    try_join_all((0..LINES).map(|_| line())).await?;
    scene.incoming().await?;
    scene.leave().await?;
    let call = scene.incoming().await?;
    scene.take(&call).await?;
    let took = scene.last_shows("talking").await? - since;
    scene.all_have(&call).await?;
    scene.hang_up().await?;
    Ok(took / 1e3)
}
