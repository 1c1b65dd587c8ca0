//! An update while tabs are open: a newer backend under older tabs, an older one under newer tabs. Two real builds, of
//! different protocol numbers.

use anyhow::{Result, ensure};
use e2e::{Build, Desk, Row, Tab, here, now, row, settled, until};

/// Counts the sources of sound that loop, as a ring does.
const LISTEN: &str = "if (window.plays) return;
    window.plays = new Set();
    const [begins, ends] = [AudioBufferSourceNode.prototype, AudioScheduledSourceNode.prototype];
    const { start } = begins, { stop } = ends;
    begins.start = function (...when) { plays.add(this); return start.apply(this, when); };
    ends.stop = function (...when) { plays.delete(this); return stop.apply(this, when); };";
const RINGS: &str = "return [...plays].some((source) => source.context.state === 'running' && source.loop)";

async fn listen(desk: &Desk) -> Result<()> {
    for tab in &desk.tabs {
        tab.script(LISTEN, vec![]).await?;
        tab.click("number").await?;
    }
    Ok(())
}

/// It rings in one tab, and never in two.
async fn rings_once(desk: &Desk) -> Result<()> {
    let ask = || async {
        let mut ringing = 0;
        for tab in &desk.tabs {
            ringing += usize::from(tab.script(RINGS, vec![]).await? == true);
        }
        ensure!(ringing <= 1, "it rings in {ringing} tabs");
        Ok((ringing == 1).then_some(()))
    };
    until("it rings in one tab", ask).await
}

/// The tab says that it wants to be loaded again, and has a button for it.
async fn wants_reload(tab: &Tab) -> Result<bool> {
    let asks = "const it = part('error') ?? part('trouble'); return it != null && /reload/i.test(it.textContent)";
    Ok(tab.script(asks, vec![]).await? == true)
}

/// Each tab works, or says what it wants and works after that; gives how many had to be loaded again.
async fn works_or_reloads(desk: &Desk) -> Result<usize> {
    let mut reloaded = 0;
    for tab in &desk.tabs {
        let ask = || async {
            let works = tab.attribute("data-connection").await? == "connected";
            let asks = wants_reload(tab).await?;
            Ok(if asks { Some(true) } else { works.then_some(false) })
        };
        if until("the tab works, or asks for a reload", ask).await? {
            tab.reload().await?;
            reloaded += 1;
        }
    }
    Ok(reloaded)
}

/// A call rings in all tabs, in one of them aloud, is answered in one and ended in another.
async fn is_one_phone(desk: &Desk) -> Result<()> {
    listen(desk).await?;
    desk.ring().await?;
    desk.all_show("incoming").await?;
    rings_once(desk).await?;
    desk.tabs[0].click("answer").await?;
    desk.all_show("talking").await?;
    desk.tabs[desk.tabs.len() - 1].click("hangup").await?;
    desk.all_show("idle").await
}

#[tokio::test]
async fn newer_backend_under_old_tabs() -> Result<()> {
    let fault = "The backend is updated while tabs are open";
    let made = "SIGKILL, start of a build with another protocol number; then a tab of the new release is opened too";
    let promised =
        "Old tabs go on or ask for a reload; one stream once they have settled; it rings in one tab, never in two";
    row(Row { test: here!(), fault, made, promised }, async || {
        let mut desk = Desk::with(2).await?;
        is_one_phone(&desk).await?;
        desk.backend.replace_by(Build::Next).await?;
        let since = now();
        let reloaded = works_or_reloads(&desk).await?;
        e2e::record(&desk.tabs).await?;
        let took = settled(&desk.tabs, since, "idle").await?;
        is_one_phone(&desk).await?;
        // Whoever opens a page now has the new release.
        desk.open(3).await?;
        works_or_reloads(&desk).await?;
        desk.streams(1).await?;
        is_one_phone(&desk).await?;
        ensure!(desk.devtools.workers().await?.len() == 1, "the old worker has stepped aside");
        eprintln!("{reloaded} of 2 old tabs asked for a reload");
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn newer_backend_in_mid_call() -> Result<()> {
    let fault = "A tab of the new release is opened beside old ones in mid-call";
    let made = "SIGKILL, start of the other build, a new tab; an incoming call is answered in it";
    let promised = "All tabs, or those that were asked to reload, show the call; one stream, one worker";
    row(Row { test: here!(), fault, made, promised }, async || {
        let mut desk = Desk::with(2).await?;
        desk.backend.replace_by(Build::Next).await?;
        desk.open(3).await?;
        let since = now();
        desk.ring().await?;
        desk.tabs[2].click("answer").await?;
        desk.tabs[2].wait_call("talking").await?;
        works_or_reloads(&desk).await?;
        e2e::record(&desk.tabs).await?;
        let took = settled(&desk.tabs, since, "talking").await?;
        desk.streams(1).await?;
        ensure!(desk.devtools.workers().await?.len() == 1);
        desk.tabs[0].click("hangup").await?;
        desk.all_show("idle").await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn older_backend_under_new_tabs() -> Result<()> {
    let fault = "An update is taken back while tabs of the newer release are open";
    let made = "A backend of the other build with tabs of its own; SIGKILL, start of this build; then one more tab";
    let promised = "The newer tabs go on or ask for a reload, after which they work; one stream, one worker";
    row(Row { test: here!(), fault, made, promised }, async || {
        let mut desk = Desk::of(Build::Next, 2).await?;
        is_one_phone(&desk).await?;
        desk.backend.replace_by(Build::This).await?;
        desk.open(3).await?;
        let since = now();
        works_or_reloads(&desk).await?;
        e2e::record(&desk.tabs).await?;
        let took = settled(&desk.tabs, since, "idle").await?;
        desk.streams(1).await?;
        is_one_phone(&desk).await?;
        ensure!(desk.devtools.workers().await?.len() == 1);
        Ok(took)
    })
    .await
}
