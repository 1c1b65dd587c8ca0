//! Many tabs, one phone (the simulator plays the other party).

use anyhow::Result;
use e2e::{Backend, Browser, Proxy, Tab, all_show, until};
use serde_json::{Value, json};

async fn open(browser: &Browser, backend: &Backend, count: usize) -> Result<Vec<Tab>> {
    let mut tabs = Vec::new();
    for _ in 0..count {
        tabs.push(browser.open(&backend.url()).await?);
    }
    Ok(tabs)
}

#[tokio::test]
async fn a_call_rings_in_every_tab_is_answered_in_any_and_ended_in_any_other() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = open(&browser, &backend, 5).await?;
    backend.post("/api/sim/incoming", json!({ "number": "+74951234567", "display_name": "Anna" })).await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    for tab in &tabs {
        assert!(tab.text("caller").await?.contains("Anna"));
        assert_eq!(tab.script("return part('incoming').getAttribute('role')", vec![]).await?, "alertdialog");
    }
    tabs[1].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    for tab in &tabs {
        assert!(!tab.has_part("answer").await? && !tab.has_part("incoming").await?);
        tab.wait_part("timer").await?;
    }
    tabs[2].click("hangup").await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    assert_eq!(backend.sse_connections().await?, 1, "all tabs cost one connection");
    Ok(())
}

#[tokio::test]
async fn every_tab_shows_the_same_second_also_one_opened_in_mid_call() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let first = browser.open(&backend.url()).await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    first.click("answer").await?;
    first.wait_for("const t = part('timer')?.textContent.trim(); return t && t !== '00:00'").await?;
    let late = browser.open(&backend.url()).await?;
    late.wait_call("talking").await?;
    assert_ne!(late.text("timer").await?, "00:00");
    let start = |state: &Value| state["activeCall"]["startTime"].clone();
    assert_eq!(start(&first.state().await?), start(&late.state().await?));
    Ok(())
}

#[tokio::test]
async fn a_second_tab_is_served_from_memory_without_a_request() -> Result<()> {
    let backend = Backend::simulator().await?;
    let proxy = Proxy::to(&backend.address).await?;
    let browser = Browser::through(&proxy.address, &backend.address).await?;
    let first = browser.open(&backend.url()).await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    first.wait_call("incoming").await?;
    browser.open(&backend.url()).await?.wait_call("incoming").await?;
    let asked = proxy.sip_requests();
    assert!(asked.len() == 1 && asked[0].starts_with("GET /api/sip/events?"), "one stream and nothing else: {asked:?}");
    Ok(())
}

#[tokio::test]
async fn closing_the_first_tab_in_mid_call_harms_nothing() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let mut tabs = open(&browser, &backend, 3).await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    tabs.remove(0).close().await?;
    tabs[0].reload().await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    let late = browser.open(&backend.url()).await?;
    late.wait_call("talking").await?;
    assert_eq!(backend.sse_connections().await?, 1);
    tabs[1].click("hangup").await?;
    tabs.push(late);
    all_show(&tabs, "data-call", Some("idle")).await
}

#[tokio::test]
async fn dialling_by_enter_shows_in_all_tabs_until_the_other_party_answers() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = open(&browser, &backend, 2).await?;
    tabs[0].type_into("number", "8 (800) 555-35-35\u{e007}").await?;
    all_show(&tabs, "data-call", Some("dialing")).await?;
    assert!(tabs[1].has_part("hangup").await?);
    backend.post("/api/sim/answer", json!({})).await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    assert_eq!(tabs[1].state().await?["activeCall"]["phoneNumber"], "88005553535");
    tabs[1].click("hangup").await?;
    all_show(&tabs, "data-call", Some("idle")).await
}

#[tokio::test]
async fn mute_hold_and_status_set_in_one_tab_show_in_the_others() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = open(&browser, &backend, 2).await?;
    tabs[0].choose_status("lunch").await?;
    tabs[1].wait_attribute("data-operator", Some("lunch")).await?;
    tabs[1].wait_for("return part('status').value === 'lunch'").await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    tabs[1].click("mute").await?;
    tabs[0].wait_attribute("data-muted", Some("")).await?;
    tabs[0].click("mute").await?;
    tabs[1].wait_attribute("data-muted", None).await?;
    tabs[0].click("hold").await?;
    tabs[1].wait_attribute("data-held", Some("")).await?;
    tabs[1].click("hold").await?;
    tabs[0].wait_attribute("data-held", None).await
}

#[tokio::test]
async fn a_second_call_is_answered_beside_the_first_which_is_held() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = open(&browser, &backend, 2).await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    backend.post("/api/sim/incoming", json!({ "number": "200" })).await?;
    tabs[1].wait_part("incoming").await?;
    assert!(tabs[1].text("caller").await?.contains("200"));
    tabs[1].click("answer").await?;
    tabs[0].wait_for("return phone.state.activeCall?.phoneNumber === '200' && phone.state.otherCalls[0]?.held").await?;
    tabs[0].wait_part("calls").await?;
    tabs[0].click("hangup").await?;
    tabs[1].wait_for("return phone.state.activeCall?.phoneNumber === '100' && !phone.state.otherCalls.length").await?;
    Ok(())
}

#[tokio::test]
async fn a_refused_number_is_explained_where_it_was_typed_and_costs_nothing() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tabs = open(&browser, &backend, 2).await?;
    tabs[0].type_into("number", "call me\u{e007}").await?;
    tabs[0].wait_part("error").await?;
    assert!(!tabs[1].has_part("error").await?, "the other tab did nothing wrong");
    let refused = "return phone.dial('12x').then(() => 'taken', e => e.code)";
    assert_eq!(tabs[1].script(refused, vec![]).await?, "validation_error");
    assert_eq!(tabs[0].attribute("data-call").await?, "idle");
    Ok(())
}

#[tokio::test]
async fn closed_tabs_leave_nothing_open_at_the_server() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    for tab in open(&browser, &backend, 3).await? {
        tab.close().await?;
    }
    until("the stream ends with the last tab", || async { Ok((backend.sse_connections().await? == 0).then_some(())) })
        .await
}

/// Takes the phone off the page and puts another there, whose timers are kept in `timers` while they run.
const WATCH_TIMERS: &str = "window.timers = new Set();
    for (const kind of ['Timeout', 'Interval']) {
      const [set, clear] = [window[`set${kind}`].bind(window), window[`clear${kind}`].bind(window)];
      window[`set${kind}`] = (act, ...rest) => {
        const id = set((...given) => { if (kind === 'Timeout') timers.delete(id); act(...given); }, ...rest);
        timers.add(id);
        return id;
      };
      window[`clear${kind}`] = (id) => { timers.delete(id); clear(id); };
    }
    phone.replaceWith(document.createElement('sip-phone-widget'));";

#[tokio::test]
async fn a_tab_without_a_call_runs_no_timer() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tab = browser.open(&backend.url()).await?;
    tab.script(WATCH_TIMERS, vec![]).await?;
    tab.wait_ready().await?;
    tab.wait_for("return timers.size === 0").await?;
    backend.post("/api/sim/incoming", json!({ "number": "+74951234567" })).await?;
    tab.wait_call("incoming").await?;
    tab.click("answer").await?;
    tab.wait_call("talking").await?;
    tab.wait_for("return timers.size > 0").await?;
    tab.click("hangup").await?;
    tab.wait_call("idle").await?;
    tab.wait_for("return timers.size === 0").await.map(drop)
}
