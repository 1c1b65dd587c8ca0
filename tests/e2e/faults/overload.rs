//! More than anybody has: tabs, events.

use anyhow::{Result, ensure};
use e2e::{Desk, Process, Row, here, is_measured, now, row, rung, settled};
use futures_util::future::try_join_all;
use serde_json::json;

/// Tabs in one browser: as many as the row says where it is measured, fewer where the test is one of many.
fn tabs() -> usize {
    if is_measured() { 100 } else { 12 }
}

/// Events in the burst, likewise; each call makes two, one when it rings and one when it is given up.
fn events() -> usize {
    if is_measured() { 10_000 } else { 1_000 }
}

/// Requests under way at a time; the simulator has no more lines than that.
const LINES: usize = 8;

#[tokio::test]
async fn a_hundred_tabs() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "A hundred tabs in one browser";
    let made = "They are opened; a call rings, is answered in one, muted in another, ended in a third";
    let promised = "All show the same; one stream, one worker; measured: from the call to the last of them ringing";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.open(tabs()).await?;
        let since = now();
        desk.ring().await?;
        let took = settled(&desk.tabs, since, "incoming").await?;
        desk.tabs[4].click("answer").await?;
        desk.all_show("talking").await?;
        desk.tabs[7].click("mute").await?;
        e2e::all_show(&desk.tabs, "data-muted", Some("")).await?;
        desk.tabs[tabs() - 1].click("hangup").await?;
        desk.all_show("idle").await?;
        desk.streams(1).await?;
        desk.devtools.worker().await?;
        let processes = desk.devtools.processes().await?;
        // One that has just ended has no memory.
        let memory: u64 = processes.iter().filter_map(|process| process.memory_kib().ok()).sum();
        eprintln!("{} processes of the browser, {} MiB together", processes.len(), memory / 1024);
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn ten_thousand_events() -> Result<()> {
    let desk = Desk::with(2).await?;
    let fault = "10,000 events in a burst, with tabs that watch";
    let made = "5,000 calls that ring and are given up, eight at a time, by the simulator, then one that stays; 1,000 more before \
         each further try";
    let promised =
        "The tabs show the last call, as the backend does; memory of the backend stays; measured: from the last call";
    let backend = desk.backend.process()?;
    burst(&desk, events() / 10).await?; // what is kept for replay is full now
    let before = backend.memory_kib()?;
    let mut burst_of = events();
    row(Row { test: here!(), fault, made, promised }, async || {
        burst(&desk, std::mem::replace(&mut burst_of, events() / 5)).await?;
        let since = now();
        let call = desk.ring().await?;
        let took = rung(&desk.tabs, since, &call).await?;
        desk.all_show("incoming").await?;
        for tab in &desk.tabs {
            assert_eq!(tab.state().await?["activeCall"]["id"], json!(call));
            assert_eq!(tab.state().await?["otherCalls"], json!([]));
        }
        stays(backend, before)?;
        desk.end_call().await?;
        Ok(took)
    })
    .await
}

async fn burst(desk: &Desk, events: usize) -> Result<()> {
    let line = async || {
        for _ in 0..events / 2 / LINES {
            desk.ring().await?;
            desk.leave().await?;
        }
        anyhow::Ok(())
    };
    try_join_all((0..LINES).map(|_| line())).await.map(drop)
}

fn stays(process: Process, before: u64) -> Result<()> {
    let after = process.memory_kib()?;
    eprintln!("the backend has {after} KiB, and had {before}");
    ensure!(after < before * 3 / 2 + 8192, "the backend has {after} KiB, and had {before}");
    Ok(())
}
