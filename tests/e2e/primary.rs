//! `detail.primary`: of all tabs, the one that the operator used last, and no other.

use anyhow::Result;
use e2e::{Site, Tab, all_show, until};
use intranet::Page;
use serde_json::json;

const PLAIN: &str = include_str!("../pages/plain.html");

/// Notes what the page is told, as `incoming:true`.
const NOTE: &str = "window.told = [];
    for (const name of ['incoming', 'connected', 'ended']) {
      document.addEventListener(`sip-phone-${name}`, ({ detail }) => told.push(`${name}:${detail.primary}`));
    }";

async fn ring(site: &Site) -> Result<()> {
    site.backend.post("/api/sim/incoming", json!({ "number": "100" })).await.map(drop)
}

/// Waits until all were told of the event, and says which of them were told that they are primary; forgets it all then.
async fn primaries(tabs: &[Tab], event: &str) -> Result<Vec<usize>> {
    let mut primaries = Vec::new();
    for (index, tab) in tabs.iter().enumerate() {
        let told = tab.wait_for(&format!("return told.find((it) => it.startsWith('{event}:'))")).await?;
        tab.script("told.length = 0", vec![]).await?;
        if told == format!("{event}:true") {
            primaries.push(index);
        }
    }
    Ok(primaries)
}

/// The operator clicks into the page of this tab. A use is told on a line of its own: calls until the phones at large agree
/// that this tab is the one, and leaves that call ringing.
async fn leads(site: &Site, tabs: &[Tab], index: usize) -> Result<()> {
    tabs[index].click("number").await?;
    until("the tab is the primary one", || async {
        ring(site).await?;
        let primaries = primaries(tabs, "incoming").await?;
        assert_eq!(primaries.len(), 1, "never two, never none");
        if primaries == [index] {
            return Ok(Some(()));
        }
        leave(site, tabs).await?;
        Ok(None)
    })
    .await
}

/// The caller gives up.
async fn leave(site: &Site, tabs: &[Tab]) -> Result<()> {
    site.backend.post("/api/sim/hangup", json!({})).await?;
    all_show(tabs, "data-call", Some("idle")).await
}

#[tokio::test]
async fn each_event_of_a_call_is_for_exactly_one_tab() -> Result<()> {
    let site = Site::with([("/", Page::html(PLAIN))]).await?;
    let mut tabs = vec![site.open("/").await?, site.open("/").await?, site.open("/").await?];
    for tab in &tabs {
        tab.script(NOTE, vec![]).await?;
    }
    leads(&site, &tabs, 1).await?;
    tabs[2].click("answer").await?;
    assert_eq!(primaries(&tabs, "connected").await?, [2], "who answers uses the tab");
    site.backend.post("/api/sim/hangup", json!({})).await?;
    assert_eq!(primaries(&tabs, "ended").await?, [2]);
    tabs.remove(2).close().await?;
    ring(&site).await?;
    assert_eq!(primaries(&tabs, "incoming").await?, [1], "the one used before it");
    Ok(())
}

#[tokio::test]
async fn also_among_pages_of_different_sites() -> Result<()> {
    let site = Site::with([("/", Page::html(PLAIN))]).await?;
    // Each site has a worker of its own.
    let tabs = [site.open("/").await?, site.browser.open(&site.backend.url()).await?, site.open("/").await?];
    for tab in &tabs {
        tab.script(NOTE, vec![]).await?;
    }
    assert_eq!(site.backend.sse_connections().await?, 2);
    for index in [0, 1, 2, 1] {
        leads(&site, &tabs, index).await?;
        leave(&site, &tabs).await?;
    }
    Ok(())
}

#[tokio::test]
async fn also_when_the_first_call_of_a_new_backend_comes_before_the_tabs_are_back() -> Result<()> {
    let mut site = Site::with([("/", Page::html(PLAIN))]).await?;
    let tabs = [site.open("/").await?, site.browser.open(&site.backend.url()).await?];
    for tab in &tabs {
        tab.script(NOTE, vec![]).await?;
    }
    leads(&site, &tabs, 1).await?;
    leave(&site, &tabs).await?;
    site.backend.restart().await?;
    site.backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    for tab in &tabs {
        tab.wait_call("incoming").await?;
    }
    assert_eq!(primaries(&tabs, "incoming").await?.len(), 1, "one card, not one for each site");
    Ok(())
}
