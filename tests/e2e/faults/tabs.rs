//! Tabs that go: closed, crashed, frozen, kept in memory, discarded.

use anyhow::Result;
use e2e::{Desk, Row, Site, Tab, here, now, record, row, settled, until};
use intranet::Page;
use serde_json::json;

#[tokio::test]
async fn closed_in_call() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The tab that hosts the worker is closed in mid-call";
    let made = "WebDriver closes the tab that was opened first; the other party hangs up at once";
    let promised = "The call goes on; the others show its end, on the same stream";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.open_anew().await?;
        desk.talk().await?;
        let gone = desk.tabs.remove(0);
        let since = now();
        gone.close().await?;
        desk.leave().await?;
        let took = settled(&desk.tabs, since, "idle").await?;
        desk.streams(1).await?;
        desk.open(3).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn crashed_with_the_worker() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The tab whose process hosts the worker crashes in mid-call";
    let made = "DevTools `Page.crash` on the tab that was opened first; the other party hangs up at once";
    let promised = "The others start one new worker by themselves and show the call's end";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.open_anew().await?;
        let call = desk.talk().await?;
        let worker = desk.devtools.worker().await?;
        let crashed = desk.tabs.remove(0);
        let since = now();
        desk.devtools.crash_tab(&crashed).await?;
        desk.leave().await?;
        let took = settled(&desk.tabs, since, "idle").await?;
        assert_ne!(desk.devtools.worker().await?, worker, "it is another worker, and one");
        desk.streams(1).await?;
        ended_once(&desk.tabs, &call).await?;
        crashed.bury(&mut desk.devtools).await?;
        desk.open(3).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn crashed_beside_the_worker() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "A tab crashes in mid-call, not the one that hosts the worker";
    let made = "DevTools `Page.crash` on the tab that was opened last and used last; a second call rings at once";
    let promised = "The others go on, on the same worker; exactly one of them is the operator's";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.open_anew().await?;
        desk.talk().await?;
        let worker = desk.devtools.worker().await?;
        let crashed = desk.tabs.remove(2);
        let since = now();
        desk.devtools.crash_tab(&crashed).await?;
        desk.leave().await?;
        let took = settled(&desk.tabs, since, "idle").await?;
        assert_eq!(desk.devtools.worker().await?, worker);
        for tab in &desk.tabs {
            let note =
                "phone.addEventListener('sip-phone-incoming', ({ detail }) => { window.chosen = [detail.primary]; })";
            tab.script(note, vec![]).await?;
        }
        // Its part goes to another as soon as the browser tells of the crash; a call that comes before is nobody's.
        until("one of the others is the operator's", async || {
            desk.ring().await?;
            desk.all_show("incoming").await?;
            let mut chosen = 0;
            for tab in &desk.tabs {
                let of_it = tab.wait_for("const it = window.chosen; delete window.chosen; return it").await?;
                chosen += usize::from(of_it == json!([true]));
            }
            assert!(chosen <= 1, "never are two cards opened");
            desk.end_call().await?;
            Ok((chosen == 1).then_some(()))
        })
        .await?;
        crashed.bury(&mut desk.devtools).await?;
        desk.open(3).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn frozen_and_resumed() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "A tab is frozen while calls come and go";
    let made = "DevTools `Page.setWebLifecycleState`: frozen, three calls, active";
    let promised = "The tab shows the call that is up as soon as it runs again; the others never wait for it";
    row(Row { test: here!(), fault, made, promised }, async || {
        let frozen = desk.tabs.pop().unwrap();
        desk.devtools.freeze(&frozen).await?;
        for _ in 0..2 {
            desk.ring().await?;
            desk.all_show("incoming").await?;
            desk.leave().await?;
            desk.all_show("idle").await?;
        }
        let call = desk.ring().await?;
        desk.all_show("incoming").await?;
        let since = now();
        desk.devtools.resume(&frozen).await?;
        desk.tabs.push(frozen);
        let took = settled(&desk.tabs, since, "incoming").await?;
        assert_eq!(desk.tabs[2].state().await?["activeCall"]["id"], json!(call));
        desk.leave().await?;
        desk.all_show("idle").await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn frozen_as_soon_as_it_was_connected() -> Result<()> {
    let mut desk = Desk::with(1).await?;
    desk.open(2).await?;
    desk.devtools.freeze(&desk.tabs[1]).await?;
    desk.devtools.resume(&desk.tabs[1]).await?;
    desk.ring().await?;
    desk.all_show("incoming").await
}

#[tokio::test]
async fn back_from_the_browsers_memory() -> Result<()> {
    let plain = Page::html(include_str!("../../pages/plain.html"));
    let other = Page::html("<!doctype html><title>Other</title><link rel=icon href='data:,'>");
    let site = Site::with([("/", plain), ("/other", other)]).await?;
    let tabs = [site.open("/").await?, site.open("/").await?];
    record(&tabs).await?;
    let fault = "A page goes into the back-forward cache and comes back; a call came meanwhile";
    let made = "Another page, a call, back, on a page of another origin without TLS";
    let promised = "The page, as it was, shows the call and is a full tab again";
    row(Row { test: here!(), fault, made, promised }, async || {
        let since = until("the browser keeps the page, which it may not", async || {
            tabs[0].visit(&Site::url("/other")).await?;
            tabs[0].wait_for("return document.title === 'Other'").await?;
            site.backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
            tabs[1].wait_call("incoming").await?;
            let since = now();
            tabs[0].back().await?;
            tabs[0].wait_for("return document.title === 'Plain'").await?;
            if tabs[0].script("return Array.isArray(window.shown)", vec![]).await? == true {
                return Ok(Some(since));
            }
            site.backend.post("/api/sim/hangup", json!({})).await?;
            e2e::all_show(&tabs, "data-call", Some("idle")).await?;
            record(&tabs).await?;
            Ok(None)
        })
        .await?;
        let took = settled(&tabs, since, "incoming").await?;
        tabs[0].click("answer").await?;
        tabs[1].wait_call("talking").await?;
        tabs[0].click("hangup").await?;
        settled(&tabs, since, "idle").await?;
        assert_eq!(site.backend.sse_connections().await?, 1);
        Ok(took)
    })
    .await
}

/// Each page was told of the call's end, and once.
async fn ended_once(tabs: &[Tab], call: &str) -> Result<()> {
    for tab in tabs {
        let ended = format!("return told.filter(([name, id]) => name === 'ended' && id === '{call}').length");
        tab.wait_for(&ended.replace(".length", ".length > 0")).await?;
        assert_eq!(tab.script(&ended, vec![]).await?, 1);
    }
    Ok(())
}
