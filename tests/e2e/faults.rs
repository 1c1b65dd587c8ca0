//! The plug is pulled, the backend dies: tabs say so, block their buttons, and come back true.

use anyhow::Result;
use e2e::{Backend, Browser, Proxy, Tab};
use serde_json::json;

async fn all_wait(tabs: &[Tab], attribute: &str, value: &str) -> Result<()> {
    for tab in tabs {
        tab.wait_attribute(attribute, Some(value)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_connection_blocks_the_buttons_and_comes_back_with_what_was_missed() -> Result<()> {
    let backend = Backend::simulator().await?;
    let proxy = Proxy::to(&backend.address).await?;
    let browser = Browser::through(&proxy.address, &backend.address).await?;
    let tabs = [browser.open(&backend.url()).await?, browser.open(&backend.url()).await?];
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tabs[0].click("answer").await?;
    all_wait(&tabs, "data-call", "talking").await?;

    proxy.unplug();
    all_wait(&tabs, "data-connection", "reconnecting").await?;
    for tab in &tabs {
        assert_eq!(tab.attribute("data-call").await?, "talking", "what is known stays on screen");
        assert_eq!(tab.script("return part('hangup').disabled", vec![]).await?, true);
    }
    let refused = "return phone.hangup().then(() => 'taken', e => e.code)";
    assert_eq!(tabs[1].script(refused, vec![]).await?, "not_connected");

    // Meanwhile the other party hangs up and somebody else calls.
    backend.post("/api/sim/hangup", json!({})).await?;
    backend.post("/api/sim/incoming", json!({ "number": "300" })).await?;
    proxy.plug();
    all_wait(&tabs, "data-connection", "connected").await?;
    all_wait(&tabs, "data-call", "incoming").await?;
    tabs[1].click("answer").await?;
    all_wait(&tabs, "data-call", "talking").await?;
    assert_eq!(backend.sse_connections().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_restarted_backend_is_believed_and_keeps_the_operators_status() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = [browser.open(&backend.url()).await?, browser.open(&backend.url()).await?];
    tabs[0].choose_status("dnd").await?;
    all_wait(&tabs, "data-operator", "dnd").await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    all_wait(&tabs, "data-call", "incoming").await?;

    let mut backend = backend;
    backend.kill().await?;
    all_wait(&tabs, "data-connection", "reconnecting").await?;
    let backend = backend.restart().await?;
    all_wait(&tabs, "data-connection", "connected").await?;
    all_wait(&tabs, "data-call", "idle").await?;
    all_wait(&tabs, "data-operator", "dnd").await?;
    backend.post("/api/sim/incoming", json!({ "number": "200" })).await?;
    all_wait(&tabs, "data-call", "incoming").await
}

#[tokio::test]
async fn a_page_opened_while_the_backend_is_away_says_so_and_connects_when_it_comes() -> Result<()> {
    let backend = Backend::simulator().await?;
    let proxy = Proxy::to(&backend.address).await?;
    let browser = Browser::through(&proxy.address, &backend.address).await?;
    let first = browser.open(&backend.url()).await?;
    proxy.unplug();
    first.wait_attribute("data-connection", Some("reconnecting")).await?;
    first.wait_part("connection").await?;
    proxy.plug();
    first.wait_attribute("data-connection", Some("connected")).await
}
