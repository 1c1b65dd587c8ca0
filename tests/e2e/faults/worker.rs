//! The worker goes: killed, closed, by an exception, by a panic.

use std::time::Duration;

use anyhow::Result;
use e2e::{Build, Desk, Row, here, now, row, settled, until};
use serde_json::json;

/// What all of these rows are promised.
const PROMISED: &str = "All tabs notice, start one new worker and show the call's end";

/// Talks, lets the fault happen, and the other party hang up as soon as the worker is gone, so that another has to tell of it;
/// waits until all tabs show that.
async fn survives(desk: &mut Desk, fault: Fault) -> Result<Duration> {
    desk.talk().await?;
    let worker = desk.devtools.worker().await?;
    let mut since = now();
    match fault {
        Fault::Kill => desk.devtools.kill_worker(&worker).await?,
        Fault::Script(script) => drop(desk.devtools.evaluate(&worker, script).await?),
        Fault::WithCommand(script) => {
            desk.devtools.evaluate(&worker, script).await?;
            since = now();
            desk.tabs[1].click("mute").await?;
        }
        Fault::WithTabGone(script) => {
            desk.devtools.evaluate(&worker, script).await?;
            since = now();
            desk.tabs.remove(0).bury(&mut desk.devtools).await?;
        }
        Fault::Panic => {
            desk.tabs[0].script(RAW_PORT, vec![]).await?;
            let panic = json!({ "type": "FAULT_PANIC", "payload": {} });
            desk.tabs[0].script("raw.postMessage(arguments[0])", vec![panic]).await?;
        }
    }
    until("the worker is gone", async || Ok((!desk.devtools.workers().await?.contains(&worker)).then_some(()))).await?;
    desk.leave().await?;
    let took = settled(&desk.tabs, since, "idle").await?;
    desk.streams(1).await?;
    desk.devtools.worker().await?;
    // It is a phone again in all respects.
    desk.ring().await?;
    desk.all_show("incoming").await?;
    desk.tabs[0].click("reject").await?;
    desk.all_show("idle").await?;
    Ok(took)
}

/// The hub's clock: it throws in the midst of the next input, whichever that is.
const THROWS: &str = "performance.now = () => { delete performance.now; throw new Error('fault') }, 0";

enum Fault {
    Kill,
    Script(&'static str),
    /// It happens with the next command.
    WithCommand(&'static str),
    /// It happens when the first tab is gone, of which only its lock tells.
    WithTabGone(&'static str),
    Panic,
}

#[tokio::test]
async fn killed_by_the_browser() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The browser ends the worker";
    let made = "DevTools `Target.closeTarget` on the worker in mid-call; the other party hangs up when it is gone";
    row(Row { test: here!(), fault, made, promised: PROMISED }, async || survives(&mut desk, Fault::Kill).await).await
}

#[tokio::test]
async fn closed_by_itself() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The worker closes itself";
    let made = "`self.close()` in the worker in mid-call after 50 ms; the other party hangs up when it is gone";
    // Not while DevTools hold it: such a worker stays, without a life.
    let script = "setTimeout(() => self.close(), 50), 0";
    row(Row { test: here!(), fault, made, promised: PROMISED }, async || {
        survives(&mut desk, Fault::Script(script)).await
    })
    .await
}

#[tokio::test]
async fn exception_beside_the_phone() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "An exception that nobody catches in the worker";
    let made = "`setTimeout(() => { throw … })` in the worker in mid-call; the other party hangs up when it is gone";
    let script = "setTimeout(() => { throw new Error('fault') }), 0";
    row(Row { test: here!(), fault, made, promised: PROMISED }, async || {
        survives(&mut desk, Fault::Script(script)).await
    })
    .await
}

#[tokio::test]
async fn exception_in_the_phone() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "An exception in the midst of the worker's own code, which leaves it in no sound state";
    let made = "`performance.now` throws once in the worker, when a tab mutes the call; the other party hangs up when it is gone";
    row(Row { test: here!(), fault, made, promised: PROMISED }, async || {
        survives(&mut desk, Fault::WithCommand(THROWS)).await
    })
    .await
}

#[tokio::test]
async fn exception_when_a_tab_goes() -> Result<()> {
    let mut desk = Desk::with(4).await?;
    let fault = "The same, when the worker hears of a tab's end: there the browser swallows exceptions";
    let made =
        "`performance.now` throws once in the worker, when a tab in the background is closed in mid-call; as above";
    row(Row { test: here!(), fault, made, promised: PROMISED }, async || {
        let took = survives(&mut desk, Fault::WithTabGone(THROWS)).await?;
        desk.open(4).await?;
        Ok(took)
    })
    .await
}

/// A further line to the worker of the page's phone.
const RAW_PORT: &str =
    "window.raw = new SharedWorker(`/sip-worker.js?v=${phone.constructor.bundle}`, { name: 'sip-phone' }).port;
    raw.start();";

#[tokio::test]
async fn panic() -> Result<()> {
    let mut desk = Desk::of(Build::Next, 3).await?;
    let fault = "A panic in the worker's wasm";
    let made =
        "The message that makes the test build's worker panic, in mid-call; the other party hangs up when it is gone";
    let promised = "As above; the panic's message is in the backend's log";
    row(Row { test: here!(), fault, made, promised }, async || {
        let took = survives(&mut desk, Fault::Panic).await?;
        let named = || async { Ok(desk.backend.log().contains("panicked").then_some(())) };
        until("the log has the panic's message", named).await?;
        Ok(took)
    })
    .await
}

/// What asks for a script whose worker already exists; tabs ask for the same file before that.
const WORKERS_OWN: &str = "Sec-Fetch-Dest: sharedworker";
/// The worker's script, whoever asks for it.
const SCRIPT: &str = "/sip-worker.js";

#[tokio::test]
async fn script_that_never_comes() -> Result<()> {
    let mut desk = Desk::with(2).await?;
    let fault = "The worker's script never comes: a worker made of it would be shared by every tab, without a life";
    let made = "All tabs are closed and the browser's cache is emptied; the proxy goes silent on the connection that asks for the \
         script; a call rings, two tabs are opened";
    let promised = "No worker is made before its script is there; the tabs ask again, and ring; measured: from the opening of the first";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.devtools.forget_files(&desk.tabs[0]).await?;
        desk.close_all().await?;
        let caught = desk.proxy.caught();
        desk.proxy.swallow_requests(SCRIPT, 1);
        desk.ring().await?;
        let since = now();
        open_pages(&mut desk).await?;
        desk.all_show("incoming").await?;
        let took = Duration::from_millis(now() - since);
        assert_eq!(desk.proxy.caught(), caught + 1, "the script was not asked for");
        assert_eq!(desk.devtools.workers().await?.len(), 1, "another worker waits for its script");
        one_phone(&desk).await?;
        desk.proxy.plug();
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn worker_that_never_begins() -> Result<()> {
    let fault =
        "The same where the browser can keep no files, so that the worker asks once more for what the tab has had";
    let made = "As above, but the proxy forbids to keep files, and goes silent on the connection of the worker's own request; \
         each time in a new browser";
    let promised = "The tabs start another worker beside it, and ring; measured: from the opening of the first";
    row(Row { test: here!(), fault, made, promised }, async || {
        let mut desk = cacheless().await?;
        desk.proxy.swallow_requests(WORKERS_OWN, 1);
        desk.ring().await?;
        let since = now();
        open_pages(&mut desk).await?;
        desk.all_show("incoming").await?;
        let took = Duration::from_millis(now() - since);
        assert_eq!(desk.proxy.caught(), 1, "the worker's script was not asked for");
        one_phone(&desk).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn script_that_comes_late() -> Result<()> {
    let fault = "The worker's script comes when tabs have started another worker beside it, and then both come to life";
    let made = "As above, but the proxy only keeps the script back until it was asked for by a second worker";
    let promised = "All tabs gather at one worker, the other one ends; measured: until they ring";
    row(Row { test: here!(), fault, made, promised }, async || {
        let mut desk = cacheless().await?;
        desk.proxy.hold_answers(WORKERS_OWN);
        desk.ring().await?;
        open_pages(&mut desk).await?;
        until("a second worker is started", async || Ok((desk.proxy.caught() > 1).then_some(()))).await?;
        let since = now();
        desk.proxy.release_answers();
        desk.all_show("incoming").await?;
        let took = Duration::from_millis(now() - since);
        one_phone(&desk).await?;
        until("one worker is left", async || Ok((desk.devtools.workers().await?.len() == 1).then_some(()))).await?;
        Ok(took)
    })
    .await
}

/// A desk without a tab, whose browser may keep nothing.
async fn cacheless() -> Result<Desk> {
    let desk = Desk::with(0).await?;
    desk.proxy.forbid_keeping();
    Ok(desk)
}

/// Two, whatever their phones say.
async fn open_pages(desk: &mut Desk) -> Result<()> {
    for _ in 0..2 {
        desk.tabs.push(desk.browser.open_page(&desk.backend.url()).await?);
    }
    Ok(())
}

/// The call that rings is given up in one tab, all show it, and one worker listens.
async fn one_phone(desk: &Desk) -> Result<()> {
    desk.tabs[1].click("reject").await?;
    desk.all_show("idle").await?;
    desk.streams(1).await
}
