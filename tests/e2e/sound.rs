//! Many tabs, one ring and one notification.

use anyhow::Result;
use e2e::{Backend, Browser, Tab, all_show, until};
use serde_json::{Value, json};

/// Keeps the sources that play in `pagePlays`.
const LISTEN: &str = "window.pagePlays = new Set();
    const [begins, ends] = [AudioBufferSourceNode.prototype, AudioScheduledSourceNode.prototype];
    const { start } = begins, { stop } = ends;
    begins.start = function (...when) { pagePlays.add(this); return start.apply(this, when); };
    ends.stop = function (...when) { pagePlays.delete(this); return stop.apply(this, when); };";
/// How many of them are heard.
const HEARD: &str =
    "return [...pagePlays].filter((source) => source.context.state === 'running' && source.loop).length";
/// What the service worker shows.
const SHOWN: &str = "return navigator.serviceWorker.getRegistration('/sip-notices/')
    .then((it) => it ? it.getNotifications() : [])
    .then((list) => list.map(({ tag, title, body, data, actions }) => ({ tag, title, body, data, actions: actions.map((it) => it.action) })))";

async fn open(browser: &Browser, backend: &Backend, count: usize) -> Result<Vec<Tab>> {
    let mut tabs = Vec::new();
    for _ in 0..count {
        let tab = browser.open(&backend.url()).await?;
        tab.script(LISTEN, vec![]).await?;
        tabs.push(tab);
    }
    Ok(tabs)
}

/// Waits until it rings in so many tabs, and gives the places of those where it does.
async fn rings(tabs: &[Tab], count: usize) -> Result<Vec<usize>> {
    let ask = || async {
        let mut found = Vec::new();
        for (place, tab) in tabs.iter().enumerate() {
            let heard = tab.script(HEARD, vec![]).await?;
            assert!(heard == json!(0) || heard == json!(1), "a tab rings once, not {heard} times");
            if heard == json!(1) {
                found.push(place);
            }
        }
        Ok((found.len() == count).then_some(found))
    };
    until(&format!("it rings in {count} tabs"), ask).await
}

/// A use is told on a line of its own: calls until the worker has heard that this tab is the one, and it rings there. Gives
/// that call's id.
async fn rings_in(backend: &Backend, tabs: &[Tab], place: usize) -> Result<Value> {
    until("it rings in the tab that was used last", async || {
        let call = backend.post("/api/sim/incoming", json!({ "number": "100", "display_name": "Anna" })).await?;
        all_show(tabs, "data-call", Some("incoming")).await?;
        if rings(tabs, 1).await? == [place] {
            return Ok(Some(call["call_id"].clone()));
        }
        backend.post("/api/sim/hangup", json!({})).await?;
        all_show(tabs, "data-call", Some("idle")).await?;
        Ok(None)
    })
    .await
}

#[tokio::test]
async fn it_rings_in_one_tab_and_moves_on_when_that_one_goes() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let mut tabs = open(&browser, &backend, 3).await?;
    for tab in &tabs {
        tab.click("sound").await?;
    }
    rings_in(&backend, &tabs, 2).await?;
    tabs.remove(2).close().await?;
    rings(&tabs, 1).await?;
    tabs[0].click("silence").await?;
    rings(&tabs, 0).await?;
    tabs[0].click("silence").await?;
    rings(&tabs, 1).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    rings(&tabs, 0).await?;
    Ok(())
}

#[tokio::test]
async fn where_no_tab_may_play_all_say_so_and_a_click_on_it_rings() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = open(&browser, &backend, 3).await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    for tab in &tabs {
        tab.wait_part("sound-blocked").await?;
    }
    rings(&tabs, 0).await?;
    tabs[1].click("sound-blocked").await?;
    assert_eq!(rings(&tabs, 1).await?, [1]);
    for tab in &tabs {
        tab.wait_for("return part('sound-blocked') == null").await?;
    }
    let complaints = browser.complaints().await?;
    assert!(!complaints.iter().any(|text| text.contains("AudioContext")), "{complaints:?}");
    Ok(())
}

/// The notifications of a browser that allows them to the backend's pages.
async fn shown(tab: &Tab, count: usize) -> Result<Vec<Value>> {
    let ask = || async {
        let shown = tab.script(SHOWN, vec![]).await?;
        Ok(shown.as_array().filter(|list| list.len() == count).cloned())
    };
    until(&format!("{count} notifications"), ask).await
}

#[tokio::test]
async fn one_notification_for_all_tabs_and_its_buttons_answer() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let mut devtools = browser.devtools().await?;
    let origin = backend.url();
    let grant = json!({ "permissions": ["notifications"], "origin": origin.trim_end_matches('/') });
    devtools.call(None, "Browser.grantPermissions", grant).await?;
    let mut tabs = open(&browser, &backend, 3).await?;
    tabs[2].click("sound").await?;
    tabs[2].click("sound").await?;
    let call = rings_in(&backend, &tabs, 2).await?;
    let first = until("a notification of this call", async || {
        let now = shown(&tabs[0], 1).await?.remove(0);
        Ok((now["tag"] == call).then_some(now))
    });
    let first = first.await?;
    assert_eq!((&first["title"], &first["actions"]), (&json!("Anna"), &json!(["answer", "reject"])));
    assert!(first["body"].as_str().is_some_and(|text| text.contains("100")));
    // The tab that shows it goes: another takes it over.
    tabs.remove(2).close().await?;
    let again = until("it is another tab's", || async {
        let now = shown(&tabs[0], 1).await?.remove(0);
        Ok((now["data"] != first["data"]).then_some(now))
    });
    assert_eq!(again.await?["tag"], first["tag"]);

    // What the browser does when the operator presses a button of it.
    let targets = devtools.call(None, "Target.getTargets", json!({})).await?;
    let of_it = |target: &&Value| target["type"] == "service_worker";
    let worker = targets["targetInfos"].as_array().into_iter().flatten().find(of_it).unwrap();
    let attach = json!({ "targetId": worker["targetId"], "flatten": true });
    let session = devtools.call(None, "Target.attachToTarget", attach).await?["sessionId"].clone();
    let press = "registration.getNotifications().then(([notification]) =>
        dispatchEvent(new NotificationEvent('notificationclick', { notification, action: 'answer' })))";
    devtools.call(session.as_str(), "Runtime.evaluate", json!({ "expression": press, "awaitPromise": true })).await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    shown(&tabs[0], 0).await?;
    Ok(())
}
