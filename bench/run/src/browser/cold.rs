//! What the first tab loads, how long it takes to be connected, and how long a second one.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::sleep;

use super::scene::Scene;
use crate::figure::Figure;

/// After which a tab is looked at; what it loads later than that, or the browser stores, belongs to the time after.
const AT_REST: Duration = Duration::from_secs(1);
/// When the phone was first connected, in milliseconds since the navigation.
const CONNECTED: &str = "return seen.find(([, , connection]) => connection === 'connected')?.[1] ?? null";

/// A cold tab, and a second one beside it.
pub(super) async fn pair(scene: &mut Scene) -> Result<[(Figure, f64); 3]> {
    scene.close().await?;
    scene.devtools.forget_files(&scene.keeper).await?;
    let before = scene.front.bytes();
    let cold = opened(scene).await?;
    let bytes = scene.front.bytes() - before;
    let second = opened(scene).await?;
    scene.close().await?;
    Ok([(Figure::Bytes, bytes as f64 / 1e3), (Figure::Cold, cold), (Figure::Second, second)])
}

async fn opened(scene: &mut Scene) -> Result<f64> {
    let tab = scene.browser.open_page(&scene.front.page()).await?;
    sleep(AT_REST).await;
    tab.wait_ready().await?;
    let at = tab.script(CONNECTED, vec![]).await?.as_f64().context("the page has not seen its phone connect")?;
    scene.tabs.push(tab);
    Ok(at)
}
