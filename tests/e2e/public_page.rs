//! A page with a public address: Chrome asks the operator before it lets such a page reach this computer (Local Network Access).

use anyhow::Result;
use e2e::{DevTools, Site};
use serde_json::json;

const PAGE: &str = "<!doctype html><title>Public</title><link rel=icon href='data:,'>
    <body><sip-phone-widget server='__BACKEND__' lang='en'></sip-phone-widget>
    <script async src='/sip-phone-widget.js' data-manual></script></body>";

/// As if the operator, or an administrator, had chosen it; for as long as the connection lives.
async fn set_permission(devtools: &mut DevTools, setting: &str) -> Result<()> {
    for name in ["local-network-access", "loopback-network", "local-network"] {
        let params = json!({ "permission": { "name": name }, "setting": setting, "origin": "http://crm.test" });
        devtools.call(None, "Browser.setPermission", params).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_operator_is_told_before_the_browser_asks_and_the_phone_connects_once_it_may() -> Result<()> {
    let site = Site::public(PAGE).await?;
    let mut devtools = site.browser.devtools().await?;
    // A browser without a window answers every question with no; this one has not been asked yet.
    set_permission(&mut devtools, "prompt").await?;
    let tab = site.open_page("/").await?;
    tab.wait_part("allow").await?;
    assert!(tab.text("trouble").await?.contains("must let this page reach your phone"));
    assert_eq!(tab.attribute("data-connection").await?, "disconnected");
    let state = "return navigator.permissions.query({ name: 'loopback-network' }).then((it) => it.state)";
    assert_eq!(tab.script(state, vec![]).await?, "prompt", "nothing was asked behind the operator's back");
    assert_eq!(site.backend.sse_connections().await?, 0);
    // The page stays as it is: no reload.
    tab.script("window.untouched = true", vec![]).await?;
    set_permission(&mut devtools, "granted").await?;
    tab.wait_ready().await?;
    assert!(!tab.has_part("trouble").await?);
    assert_eq!(tab.script("return window.untouched", vec![]).await?, true);
    site.backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tab.click("answer").await?;
    tab.wait_call("talking").await
}

#[tokio::test]
async fn who_has_said_no_is_told_where_to_change_it_and_needs_no_reload() -> Result<()> {
    let site = Site::public(PAGE).await?;
    let mut devtools = site.browser.devtools().await?;
    set_permission(&mut devtools, "denied").await?;
    let tab = site.open_page("/").await?;
    tab.wait_part("trouble").await?;
    assert!(tab.text("trouble").await?.contains("keeps this page from your phone"));
    assert!(!tab.has_part("allow").await?, "a button that can't help");
    set_permission(&mut devtools, "granted").await?;
    tab.wait_ready().await
}
