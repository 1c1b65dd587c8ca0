//! Wires between browser and backend: dropped, reset, silent, slow, kept back, cut; a PC that slept; a network that changes.

use std::time::Duration;

use anyhow::Result;
use e2e::{Break, Browser, Desk, Row, here, now, record, resume, row, settled, stop, told, until};

#[tokio::test]
async fn dropped() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "The connection drops in mid-call, and nothing gets through for a while";
    let made = "The proxy closes all connections and takes none; the other party hangs up; the proxy works again";
    let promised = "All tabs say so and block their buttons; then they show the call's end, told once";
    row(Row { test: here!(), fault, made, promised }, async || {
        let call = desk.talk().await?;
        desk.proxy.unplug();
        e2e::all_show(&desk.tabs, "data-connection", Some("reconnecting")).await?;
        desk.leave().await?;
        let since = now();
        desk.proxy.plug();
        let took = settled(&desk.tabs, since, "idle").await?;
        for tab in &desk.tabs {
            let ended = || async { Ok(told(tab).await?.contains(&("ended".to_owned(), call.clone())).then_some(())) };
            until("the page is told of the end", ended).await?;
        }
        told_once(&desk).await?;
        Ok(took)
    })
    .await
}

/// No tab was told anything of a call twice.
async fn told_once(desk: &Desk) -> Result<()> {
    for tab in &desk.tabs {
        let told = told(tab).await?;
        let mut unique = told.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), told.len(), "{told:?}");
    }
    Ok(())
}

async fn broken(desk: &Desk, how: Break) -> Result<Duration> {
    desk.talk().await?;
    desk.proxy.break_in_mid_event(how);
    let since = now();
    desk.leave().await?;
    let took = settled(&desk.tabs, since, "idle").await?;
    assert_eq!(desk.proxy.caught(), 1);
    desk.proxy.plug();
    told_once(desk).await?;
    desk.streams(1).await?;
    Ok(took)
}

#[tokio::test]
async fn reset_in_mid_event() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "The connection is reset in the middle of an event";
    let made = "The proxy passes half of `call_ended`, then resets the connection";
    let promised = "The event is heard whole by the next stream, and told once";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.proxy.plug();
        broken(&desk, Break::Reset).await
    })
    .await
}

#[tokio::test]
async fn closed_in_mid_event() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "The connection is closed in the middle of an event";
    let made = "The proxy passes half of `call_ended`, then closes the connection";
    let promised = "The event is heard whole by the next stream, and told once";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.proxy.plug();
        broken(&desk, Break::Close).await
    })
    .await
}

/// In which two heartbeats come.
const HEARTBEATS: Duration = Duration::from_secs(9);

#[tokio::test]
async fn half_open() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "The connection goes silent without being closed, and a call comes";
    let made = "The proxy passes nothing on for connections that are open, and works for new ones";
    let promised = "After two heartbeats of silence (9 s; on a stream younger than one of them 30 s) it counts as dropped; the call rings";
    row(Row { test: here!(), fault, made, promised }, async || {
        // The wait on time is what makes it an old stream, one whose heartbeats have been heard.
        tokio::time::sleep(HEARTBEATS).await;
        let since = now();
        desk.proxy.half_open();
        desk.ring().await?;
        desk.proxy.plug();
        let took = settled(&desk.tabs, since, "incoming").await?;
        desk.end_call().await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn slow() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "A slow line: 300 ms of latency, 2,000 bytes a second";
    let made = "The proxy delays and measures out what passes, while a call rings and is answered";
    let promised = "Late by the line's own delay, and nothing else";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.proxy.slow(Duration::from_millis(300), 2000);
        let since = now();
        desk.ring().await?;
        let took = settled(&desk.tabs, since, "incoming").await?;
        desk.tabs[1].click("answer").await?;
        desk.all_show("talking").await?;
        desk.leave().await?;
        desk.all_show("idle").await?;
        desk.proxy.plug();
        told_once(&desk).await?;
        desk.streams(1).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn buffered() -> Result<()> {
    let desk = Desk::with(0).await?;
    let fault = "A proxy passes responses on only when they are whole, so a stream never arrives";
    let made = "The proxy keeps each body back until its end; a tab is opened behind it, then a call comes";
    let promised = "The tab connects all the same, and the call rings";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.proxy.buffer();
        let tabs = [desk.browser.open(&desk.backend.url()).await?];
        record(&tabs).await?;
        let since = now();
        desk.ring().await?;
        let took = settled(&tabs, since, "incoming").await?;
        tabs[0].click("answer").await?;
        settled(&tabs, since, "talking").await?;
        desk.leave().await?;
        settled(&tabs, since, "idle").await?;
        let [tab] = tabs;
        tab.close().await?;
        desk.proxy.plug();
        desk.streams(0).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn cut_at_an_age() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "A proxy cuts every connection at an age, streams too";
    let made = "The proxy cuts at 1 s instead of the usual 60 s, while five calls ring and are given up";
    let promised = "Each call rings and ends in every tab, told once; measured: the slowest of the five rings";
    row(Row { test: here!(), fault, made, promised }, async || {
        let before = told(&desk.tabs[0]).await?.len();
        desk.proxy.cut_at_age(Duration::from_secs(1));
        let mut slowest = Duration::ZERO;
        for _ in 0..5 {
            let since = now();
            desk.ring().await?;
            slowest = slowest.max(settled(&desk.tabs, since, "incoming").await?);
            desk.leave().await?;
            settled(&desk.tabs, since, "idle").await?;
        }
        desk.proxy.plug();
        for tab in &desk.tabs {
            let all = || async { Ok((told(tab).await?.len() == before + 10).then_some(())) };
            until("five calls have rung and ended", all).await?;
        }
        told_once(&desk).await?;
        desk.streams(1).await?;
        Ok(slowest)
    })
    .await
}

/// More than the pulse by which the worker notices that its machine has slept.
const SLEEP: Duration = Duration::from_secs(9);

#[tokio::test]
async fn sleep_and_wake() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The PC sleeps; on waking, its connections are dead without having been closed";
    let made = "The browser's processes are stopped for 9 s, the open connections go silent, a call comes, they go on";
    let promised = "The call rings at once, not after two heartbeats";
    row(Row { test: here!(), fault, made, promised }, async || {
        let processes = desk.devtools.processes().await?;
        stop(&processes)?;
        desk.proxy.half_open();
        desk.ring().await?;
        // The one wait on time: the fault is that time passes.
        tokio::time::sleep(SLEEP).await;
        desk.proxy.plug();
        let since = now();
        resume(&processes)?;
        let took = settled(&desk.tabs, since, "incoming").await?;
        desk.end_call().await?;
        Ok(took)
    })
    .await
}

/// Retries until the waits between two of them are as long as they get.
async fn tired(desk: &Desk) -> Result<()> {
    let refused = desk.proxy.refused();
    until("several attempts were in vain", || async { Ok((desk.proxy.refused() >= refused + 5).then_some(())) }).await
}

#[tokio::test]
async fn network_comes_back() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The network goes, attempts fail and grow rare; it comes back while a call is ringing";
    let made =
        "The proxy refuses until five attempts were in vain; then it works, and the browser fires `online` in one tab";
    let promised = "An attempt at once on `online`, whatever the backoff says";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.proxy.unplug();
        tired(&desk).await?;
        let offline = desk.devtools.offline(&desk.tabs[1]).await?;
        desk.ring().await?;
        desk.proxy.plug();
        let since = now();
        desk.devtools.online(offline).await?;
        let took = settled(&desk.tabs, since, "incoming").await?;
        desk.end_call().await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn click_retries_at_once() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "The connection is away, attempts have grown rare, and the operator clicks";
    let made = "The proxy refuses until five attempts were in vain; then it works, and a tab is clicked";
    let promised = "An attempt at once on the click, whatever the backoff says";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.proxy.unplug();
        tired(&desk).await?;
        desk.ring().await?;
        desk.proxy.plug();
        let since = now();
        desk.tabs[1].click("connection").await?;
        let took = settled(&desk.tabs, since, "incoming").await?;
        desk.end_call().await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn two_sites() -> Result<()> {
    let desk = Desk::with(0).await?;
    // Another name of the same machine: another site, so another worker.
    let port = desk.backend.address.rsplit(':').next().unwrap_or_default();
    let map = |host: &str| format!("MAP {host} {}", desk.proxy.address);
    let rules = format!("--host-resolver-rules={},{}", map(&desk.backend.address), map(&format!("localhost:{port}")));
    let browser = Browser::with_arguments(&[rules]).await?;
    let tabs = [browser.open(&desk.backend.url()).await?, browser.open(&format!("http://localhost:{port}/")).await?];
    record(&tabs).await?;
    desk.streams(2).await?;
    let fault = "The connections of two sites' workers drop at once";
    let made = "As the first row of this table's wires, with pages under two names of the backend";
    let promised = "Both come back; one stream each, one primary tab among both";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.proxy.unplug();
        e2e::all_show(&tabs, "data-connection", Some("reconnecting")).await?;
        desk.ring().await?;
        let since = now();
        desk.proxy.plug();
        let took = settled(&tabs, since, "incoming").await?;
        desk.streams(2).await?;
        desk.leave().await?;
        settled(&tabs, since, "idle").await?;
        Ok(took)
    })
    .await
}
