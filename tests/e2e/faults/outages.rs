//! The plug is pulled, the backend dies: tabs say so, block their buttons, and come back true.

use anyhow::Result;
use e2e::{Backend, Browser, Proxy, all_show};
use serde_json::json;

#[tokio::test]
async fn a_cut_connection_blocks_the_buttons_and_comes_back_with_what_was_missed() -> Result<()> {
    let backend = Backend::simulator().await?;
    let proxy = Proxy::to(&backend.address).await?;
    let browser = Browser::through(&proxy.address, &backend.address).await?;
    let tabs = [browser.open(&backend.url()).await?, browser.open(&backend.url()).await?];
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;

    proxy.unplug();
    all_show(&tabs, "data-connection", Some("reconnecting")).await?;
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
    all_show(&tabs, "data-connection", Some("connected")).await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    tabs[1].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    assert_eq!(backend.sse_connections().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_restarted_backend_is_believed_and_keeps_the_operators_status() -> Result<()> {
    let mut backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = [browser.open(&backend.url()).await?, browser.open(&backend.url()).await?];
    tabs[0].choose_status("dnd").await?;
    all_show(&tabs, "data-operator", Some("dnd")).await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;

    backend.kill().await?;
    all_show(&tabs, "data-connection", Some("reconnecting")).await?;
    backend.restart().await?;
    all_show(&tabs, "data-connection", Some("connected")).await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    all_show(&tabs, "data-operator", Some("dnd")).await?;
    backend.post("/api/sim/incoming", json!({ "number": "200" })).await?;
    all_show(&tabs, "data-call", Some("incoming")).await
}

#[tokio::test]
async fn a_tab_opened_while_the_backend_is_away_says_so_and_connects_when_it_comes() -> Result<()> {
    let backend = Backend::simulator().await?;
    let proxy = Proxy::to(&backend.address).await?;
    let browser = Browser::through(&proxy.address, &backend.address).await?;
    proxy.unplug_api();
    let tab = browser.open_page(&backend.url()).await?;
    tab.wait_attribute("data-connection", Some("disconnected")).await?;
    tab.wait_part("connection").await?;
    assert!(!tab.has_part("dial").await?, "what the phone can do is not known yet");
    proxy.plug();
    tab.wait_ready().await?;
    tab.wait_part("dial").await
}

#[tokio::test]
async fn a_worker_that_could_not_be_loaded_is_started_again_without_a_reload() -> Result<()> {
    let backend = Backend::simulator().await?;
    let proxy = Proxy::to(&backend.address).await?;
    let browser = Browser::through(&proxy.address, &backend.address).await?;
    proxy.unplug_worker();
    let tab = browser.open_page(&backend.url()).await?;
    tab.wait_part("error").await?;
    assert_eq!(tab.attribute("data-connection").await?, "disconnected");
    proxy.plug();
    tab.wait_ready().await?;
    tab.wait_for("return part('error') == null").await.map(drop)
}

#[tokio::test]
async fn a_backend_that_stays_away_is_named_to_the_operator() -> Result<()> {
    let mut backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tab = browser.open(&backend.url()).await?;
    backend.kill().await?;
    tab.wait_attribute("data-connection", Some("reconnecting")).await?;
    tab.wait_part("trouble").await?;
    assert!(tab.text("trouble").await?.contains("does not answer"));
    backend.restart().await?;
    tab.wait_ready().await?;
    tab.wait_for("return part('trouble') == null").await.map(drop)
}
