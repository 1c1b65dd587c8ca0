//! Commands whose way is hard: an answer lost, a worker that dies, a wire that is silent. One effect, or one error.

use std::time::Duration;

use anyhow::Result;
use e2e::{Desk, Row, Tab, here, now, record, row, settled, until};
use serde_json::{Value, json};

/// Connects `raw`, a port without the widget, to the worker of the page's phone, and keeps what it hears.
const RAW_PORT: &str = "window.heard = [];
    window.raw = new SharedWorker(`/sip-worker.js?v=${phone.constructor.bundle}`, { name: 'sip-phone' }).port;
    raw.onmessage = ({ data }) => heard.push(data);
    raw.postMessage({ type: 'INIT_PORT', payload: { protocol: 1 } });";

/// [`RAW_PORT`], until it is connected.
async fn raw_port(tab: &Tab) -> Result<()> {
    tab.script(RAW_PORT, vec![]).await?;
    tab.wait_for("return heard.some(({ payload }) => payload.connectionStatus === 'connected')").await.map(drop)
}

/// Dials by that port.
async fn dial_by_port(tab: &Tab, request: &str) -> Result<()> {
    let dial = json!({ "type": "CMD_DIAL", "payload": { "phone": "205", "requestId": request, "ack": true } });
    tab.script("raw.postMessage(arguments[0])", vec![dial]).await.map(drop)
}

/// A script that gives what that port has heard of this request.
fn answers_to(request: &str) -> String {
    format!("return heard.filter(({{ payload }}) => payload.requestId === '{request}')")
}

/// A dial whose promise's outcomes are kept in `outcomes`: `[["accepted", CALL_ID]]` or `[["refused", CODE]]`.
const DIAL: &str = "window.outcomes = [];
    phone.dial('205').then((it) => outcomes.push(['accepted', it]), (e) => outcomes.push(['refused', e.code]));";

/// What a tab shows of a dial that was carried out; the other party answers by itself after two seconds.
const IN_CALL: &str = "dialing talking";

/// The other party answers, unless it has.
async fn party_answers(desk: &Desk) {
    let _ = desk.backend.post("/api/sim/answer", json!({})).await;
}

/// Waits for the outcome of [`DIAL`].
async fn outcome(tab: &Tab) -> Result<(bool, Value)> {
    let outcomes = tab.wait_for("return outcomes.length > 0 && outcomes").await?;
    assert_eq!(outcomes.as_array().map(Vec::len), Some(1), "{outcomes}");
    Ok((outcomes[0][0] == "accepted", outcomes[0][1].clone()))
}

/// The call is up, or never was: just as the tab was told.
async fn effect_is_as_told(desk: &Desk, accepted: bool, dialled_before: f64) -> Result<()> {
    let dialled = desk.dialled().await? - dialled_before;
    assert_eq!(dialled, if accepted { 1.0 } else { 0.0 }, "accepted: {accepted}");
    if accepted {
        desk.leave().await?;
    }
    desk.all_show("idle").await
}

#[tokio::test]
async fn answer_lost_on_a_raw_port() -> Result<()> {
    let desk = Desk::with(3).await?;
    raw_port(&desk.tabs[0]).await?;
    let fault = "The answer to a dial is lost twice, after the backend has dialled";
    let made =
        "The proxy passes the request on and closes the connection before the answer; by a port without the widget";
    let promised = "One call, one answer, no error";
    let number = std::cell::Cell::new(0);
    row(Row { test: here!(), fault, made, promised }, async || {
        number.set(number.get() + 1);
        let request = format!("r{}", number.get());
        let before = desk.dialled().await?;
        desk.proxy.lose_answers("/call/dial", 2);
        let since = now();
        dial_by_port(&desk.tabs[0], &request).await?;
        let answers = answers_to(&request);
        let answer = desk.tabs[0].wait_for(&format!("{answers}[0]")).await?;
        let took = Duration::from_millis(now() - since);
        assert_eq!(answer["type"], "ACCEPTED", "{answer}");
        settled(&desk.tabs, now(), IN_CALL).await?;
        assert_eq!(desk.dialled().await? - before, 1.0);
        desk.leave().await?;
        desk.all_show("idle").await?;
        assert_eq!(desk.tabs[0].script(&answers, vec![]).await?.as_array().map(Vec::len), Some(1));
        desk.proxy.plug();
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn answer_lost_on_a_click() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "The answer to a dial is lost twice, and the operator sees nothing of it";
    let made = "As above, by typing a number and Enter in a tab";
    let promised = "One call, shown in all tabs, no error";
    row(Row { test: here!(), fault, made, promised }, async || {
        let before = desk.dialled().await?;
        desk.proxy.lose_answers("/call/dial", 2);
        let since = now();
        desk.tabs[1].type_into("number", "205\u{e007}").await?;
        let took = settled(&desk.tabs, since, IN_CALL).await?;
        until("both answers were lost", || async { Ok((desk.proxy.caught() == 2).then_some(())) }).await?;
        // The button waits until the command is settled.
        desk.tabs[1].wait_for("const b = part('hangup'); return b != null && !b.disabled").await?;
        assert!(!desk.tabs[1].has_part("error").await?);
        assert_eq!(desk.dialled().await? - before, 1.0);
        desk.tabs[1].click("hangup").await?;
        desk.all_show("idle").await?;
        assert!(!desk.tabs[1].has_part("error").await?);
        desk.proxy.plug();
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn request_lost() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "A dial is lost twice on its way to the backend";
    let made = "The proxy closes the connection when it has read the request";
    let promised = "One call, no error";
    row(Row { test: here!(), fault, made, promised }, async || {
        // A younger one could have been another when the request was first sent, and would say that it can't know.
        desk.backend.knows_all_commands().await?;
        let before = desk.dialled().await?;
        desk.proxy.lose_requests("/call/dial", 2);
        let since = now();
        desk.tabs[0].script(DIAL, vec![]).await?;
        let (accepted, what) = outcome(&desk.tabs[0]).await?;
        assert!(accepted, "{what}");
        let took = settled(&desk.tabs, since, IN_CALL).await?;
        effect_is_as_told(&desk, accepted, before).await?;
        desk.proxy.plug();
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn worker_dies_after_the_effect() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The worker dies with a dial under way that the backend has carried out";
    let made = "The proxy keeps the answer back; DevTools `Target.closeTarget` on the worker";
    let promised = "One call; the tab that dialled is told of it or of an error, once, and rightly";
    row(Row { test: here!(), fault, made, promised }, async || {
        let before = desk.dialled().await?;
        let caught = desk.proxy.caught();
        desk.proxy.hold_answers("/call/dial");
        desk.tabs[2].script(DIAL, vec![]).await?;
        until("the answer is kept back", || async { Ok((desk.proxy.caught() > caught).then_some(())) }).await?;
        settled(&desk.tabs, now(), IN_CALL).await?;
        let worker = desk.devtools.worker().await?;
        let since = now();
        desk.devtools.kill_worker(&worker).await?;
        desk.proxy.release_answers();
        party_answers(&desk).await;
        let took = settled(&desk.tabs, since, "talking").await?;
        let (accepted, what) = outcome(&desk.tabs[2]).await?;
        assert!(accepted, "there is a call, and the tab was told {what}");
        effect_is_as_told(&desk, accepted, before).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn worker_dies_before_the_effect() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The worker dies with a dial under way that the backend has not seen";
    let made =
        "The backend's side of the wire is silent; DevTools `Target.closeTarget` on the worker; the wire works again";
    let promised = "One call and its answer, or none and an error";
    row(Row { test: here!(), fault, made, promised }, async || {
        let before = desk.dialled().await?;
        desk.proxy.half_open();
        desk.tabs[2].script(DIAL, vec![]).await?;
        let worker = desk.devtools.worker().await?;
        desk.devtools.kill_worker(&worker).await?;
        let since = now();
        desk.proxy.plug();
        let (accepted, _) = outcome(&desk.tabs[2]).await?;
        let took = settled(&desk.tabs, since, if accepted { IN_CALL } else { "idle" }).await?;
        effect_is_as_told(&desk, accepted, before).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn tab_that_asked_crashes() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    let fault = "The tab that gave the command crashes before the answer, and takes the worker along";
    let made = "The proxy keeps the answer to a dial back; DevTools `Page.crash`";
    let promised = "The call that the backend began is shown in all other tabs";
    row(Row { test: here!(), fault, made, promised }, async || {
        desk.open_anew().await?;
        let before = desk.dialled().await?;
        let caught = desk.proxy.caught();
        desk.proxy.hold_answers("/call/dial");
        desk.tabs[0].script(DIAL, vec![]).await?;
        until("the answer is kept back", || async { Ok((desk.proxy.caught() > caught).then_some(())) }).await?;
        settled(&desk.tabs, now(), IN_CALL).await?;
        let crashed = desk.tabs.remove(0);
        let since = now();
        desk.devtools.crash_tab(&crashed).await?;
        party_answers(&desk).await;
        desk.proxy.release_answers();
        let took = settled(&desk.tabs, since, "talking").await?;
        effect_is_as_told(&desk, true, before).await?;
        crashed.bury(&mut desk.devtools).await?;
        desk.open(3).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn on_a_silent_wire() -> Result<()> {
    let desk = Desk::with(3).await?;
    let fault = "A command is given on a wire that has gone silent";
    let made = "The proxy passes nothing on while a dial is given, and works again only when the tab has been told";
    let promised = "The tab is told in the end, and the truth: measured until then";
    row(Row { test: here!(), fault, made, promised }, async || {
        let before = desk.dialled().await?;
        desk.proxy.half_open();
        let since = now();
        desk.tabs[1].script(DIAL, vec![]).await?;
        let (accepted, _) = outcome(&desk.tabs[1]).await?;
        let took = Duration::from_millis(now() - since);
        desk.proxy.plug();
        settled(&desk.tabs, since, if accepted { IN_CALL } else { "idle" }).await?;
        effect_is_as_told(&desk, accepted, before).await?;
        desk.streams(1).await?;
        record(&desk.tabs).await?;
        Ok(took)
    })
    .await
}

#[tokio::test]
async fn backend_dies_under_it() -> Result<()> {
    let mut desk = Desk::with(3).await?;
    raw_port(&desk.tabs[0]).await?;
    let fault = "The backend dies with a command under way, and starts again";
    let made = "The proxy keeps the answer to a dial back; SIGKILL; start; by a port without the widget, whose dials are over when their call shows";
    let promised =
        "The tab is told that it can't be known what became of it, or that it was not carried out; no phantom call";
    let number = std::cell::Cell::new(0);
    row(Row { test: here!(), fault, made, promised }, async || {
        number.set(number.get() + 1);
        let request = format!("r{}", number.get());
        let caught = desk.proxy.caught();
        desk.proxy.hold_answers("/call/dial");
        dial_by_port(&desk.tabs[0], &request).await?;
        until("the answer is kept back", || async { Ok((desk.proxy.caught() > caught).then_some(())) }).await?;
        desk.backend.restart().await?;
        let since = now();
        desk.proxy.release_answers();
        let answer = desk.tabs[0].wait_for(&format!("{}[0]", answers_to(&request))).await?;
        assert_eq!(answer["type"], "ERROR", "the dial was carried out before the kill, and again after it: {answer}");
        let took = settled(&desk.tabs, since, "idle").await?;
        assert_eq!(desk.dialled().await?, 0.0, "{answer}");
        desk.all_show("idle").await?;
        Ok(took)
    })
    .await
}
