//! Pages of other origins: those that the backend allows have the phone, all others reach nothing.

use anyhow::Result;
use e2e::{Site, Tab, all_show, until};
use intranet::Page;
use serde_json::{Value, json};

const PLAIN: &str = include_str!("../pages/plain.html");

async fn site() -> Result<Site> {
    Site::with([("/", Page::html(PLAIN))]).await
}

async fn three(site: &Site) -> Result<Vec<Tab>> {
    Ok(vec![site.open("/").await?, site.open("/").await?, site.open("/").await?])
}

async fn ring(site: &Site) -> Result<()> {
    site.backend.post("/api/sim/incoming", json!({ "number": "+74951234567", "display_name": "Anna" })).await.map(drop)
}

async fn streams(site: &Site, count: u64) -> Result<()> {
    let there = || async { Ok((site.backend.sse_connections().await? == count).then_some(())) };
    until(&format!("{count} streams are open"), there).await
}

/// Everything that a page could change.
async fn backend_state(site: &Site) -> Result<Value> {
    let mut state = site.backend.state().await?;
    state["calls"] = site.backend.fetch("/api/sip/calls").await?;
    Ok(state)
}

#[tokio::test]
async fn three_tabs_of_another_origin_are_one_phone_on_one_stream() -> Result<()> {
    let site = site().await?;
    let mut tabs = three(&site).await?;
    ring(&site).await?;
    all_show(&tabs, "data-call", Some("incoming")).await?;
    tabs[1].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    streams(&site, 1).await?;
    tabs.remove(0).close().await?;
    let late = site.open("/").await?;
    late.wait_call("talking").await?;
    late.click("mute").await?;
    tabs[0].wait_attribute("data-muted", Some("")).await?;
    tabs.push(late);
    tabs[1].click("hangup").await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    streams(&site, 1).await?;
    for tab in tabs {
        tab.close().await?;
    }
    streams(&site, 0).await
}

#[tokio::test]
async fn a_crash_of_the_frame_is_noticed_and_mended_in_every_tab() -> Result<()> {
    let site = site().await?;
    let tabs = three(&site).await?;
    ring(&site).await?;
    tabs[0].click("answer").await?;
    all_show(&tabs, "data-call", Some("talking")).await?;
    for tab in &tabs {
        tab.script(
            "window.seen = []; document.addEventListener('sip-phone-state', (e) => seen.push(e.detail.state.connectionStatus))",
            vec![],
        )
        .await?;
    }
    site.browser.devtools().await?.crash_frame("/bridge.html").await?;
    for tab in &tabs {
        tab.wait_for("return seen.includes('reconnecting') && seen.at(-1) === 'connected'").await?;
        tab.wait_call("talking").await?;
        assert_eq!(tab.script("return document.querySelectorAll('iframe').length", vec![]).await?, 1);
    }
    tabs[2].click("hangup").await?;
    all_show(&tabs, "data-call", Some("idle")).await?;
    streams(&site, 1).await
}

#[tokio::test]
async fn a_page_that_is_not_allowed_says_what_to_set_and_reaches_nothing() -> Result<()> {
    let site = site().await?;
    let before = backend_state(&site).await?;
    let tab = site.open_foreign("/").await?;
    tab.wait_part("trouble").await?;
    assert_eq!(tab.attribute("data-connection").await?, "disconnected");
    assert!(tab.text("trouble").await?.contains("may not use the phone"));
    assert!(!tab.has_part("connection").await?, "a spinner would promise what does not come");
    let refused = "return phone.dial('100').then(() => 'taken', (e) => e.code)";
    assert_eq!(tab.script(refused, vec![]).await?, "not_connected");
    assert!(!tab.script("return phone.state", vec![]).await?.to_string().contains("\"dial\""));
    let complaints = site.browser.complaints().await?.join("\n");
    assert!(complaints.contains("--allow-origin http://evil.test"), "{complaints}");
    assert_eq!(backend_state(&site).await?, before);
    streams(&site, 0).await
}

/// What a hostile page would try, each attempt's outcome in words.
const ATTEMPTS: &str = r#"
    const backend = arguments[0];
    const outcome = (promise) => Promise.resolve().then(promise).then((it) => `reached: ${it}`, () => 'refused');
    const post = (type, body, mode) => () => fetch(`${backend}/api/sip/call/dial`, { method: 'POST', mode, body, headers: { 'content-type': type } })
      .then((answer) => answer.text());
    const framed = (path) => () => new Promise((resolve, reject) => {
      const frame = Object.assign(document.createElement('iframe'), { src: backend + path });
      frame.onload = () => { const { length } = frame.contentWindow; frame.remove(); length ? resolve(length) : reject(); };
      document.body.append(frame);
    });
    const form = () => new Promise((resolve) => {
      const target = Object.assign(document.createElement('iframe'), { name: 'sink' });
      const form = Object.assign(document.createElement('form'), { method: 'post', enctype: 'text/plain', action: `${backend}/api/sip/call/dial`, target: 'sink' });
      form.append(Object.assign(document.createElement('input'), { name: '{"phone":"100","x":"', value: '"}' }));
      document.body.append(target, form);
      target.onload = () => { form.remove(); target.remove(); resolve('sent'); };
      form.submit();
    });
    const socket = () => new Promise((resolve, reject) => {
      const socket = new WebSocket(`${backend.replace('http', 'ws')}/api/sip/events`);
      socket.onopen = () => resolve('open');
      socket.onerror = reject;
    });
    const events = () => new Promise((resolve, reject) => {
      const source = new EventSource(`${backend}/api/sip/events`);
      source.onopen = () => resolve('open');
      source.onerror = () => { source.close(); reject(); };
    });
    const attempts = {
      read: () => fetch(`${backend}/api/sip/state`).then((answer) => answer.text()),
      json: post('application/json', '{"phone":"100"}'),
      simple: post('text/plain', '{"phone":"100"}'),
      image: () => new Promise((resolve, reject) => Object.assign(new Image(), { onload: resolve, onerror: reject, src: `${backend}/api/sip/state` })),
      metrics: () => fetch(`${backend}/metrics`).then((answer) => answer.text()),
      worker: () => { new SharedWorker(`${backend}/sip-worker.js`); return 'started'; },
      events, socket, bridge: framed('/bridge.html'), page: framed('/'),
    };
    return (async () => {
      const said = {};
      for (const [name, attempt] of Object.entries(attempts)) said[name] = await outcome(attempt);
      // These may be sent, unseen: what counts is what comes of them.
      await outcome(post('text/plain', '{"phone":"100"}', 'no-cors'));
      await outcome(form);
      return said;
    })();
"#;

#[tokio::test]
async fn a_hostile_page_changes_nothing_and_learns_nothing() -> Result<()> {
    let site = Site::with([("/", Page::html("<!doctype html><title>Evil</title><body></body>"))]).await?;
    let backend = format!("http://{}", site.backend.address);
    let before = backend_state(&site).await?;
    // A name of its own that now means the backend's address: DNS rebinding.
    let port = site.backend.address.rsplit(':').next().unwrap_or_default();
    let browser = e2e::Browser::with_hosts(&[("evil.test", "127.0.0.1")]).await?;
    let rebound = browser.open_page(&format!("http://evil.test:{port}/")).await?;
    let asked = "return fetch('/api/sip/state').then(async (a) => [a.status, (await a.json()).error])";
    assert_eq!(rebound.script(asked, vec![]).await?, json!([403, "unauthorized"]));
    let dialled = "return fetch('/api/sip/call/dial', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{\"phone\":\"100\"}' })
        .then((a) => a.status)";
    assert_eq!(rebound.script(dialled, vec![]).await?, 403);
    drop(browser);

    for tab in [site.open_foreign("/").await?, site.open_page("/").await?] {
        let said = tab.script(ATTEMPTS, vec![json!(backend)]).await?;
        let said = said.as_object().expect("each attempt has an outcome");
        assert_eq!(said.len(), 10);
        let allowed = tab.script("return location.hostname", vec![]).await? == "crm.test";
        for (name, outcome) in said {
            // An allowed page may frame the bridge, which is the way in; the API itself is closed to it like to any other.
            let expected = if allowed && name == "bridge" { "reached: 1" } else { "refused" };
            assert_eq!(outcome, expected, "{name}, allowed: {allowed}");
        }
    }
    assert_eq!(backend_state(&site).await?, before);
    streams(&site, 0).await
}

#[tokio::test]
async fn the_bridge_serves_the_page_around_it_alone_and_one_port() -> Result<()> {
    let site = Site::with([
        ("/", Page::html("<!doctype html><title>Page</title><body></body>")),
        ("/inner", Page::html("<!doctype html><title>Inner</title><body></body>")),
    ])
    .await?;
    let backend = json!(format!("http://{}", site.backend.address));
    let tab = site.open_page("/").await?;
    // The frame's answers to what is posted to it: by the page, and by another frame in the page.
    let script = r#"
        const backend = arguments[0];
        const said = [];
        addEventListener('message', ({ origin, data }) => { if (origin === backend) said.push(data.payload.error ?? data.type); });
        const answers = async (count) => { while (said.length < count) await new Promise((r) => setTimeout(r, 5)); return said.splice(0); };
        const put = (src) => new Promise((resolve) => {
          const frame = Object.assign(document.createElement('iframe'), { src });
          frame.onload = () => resolve(frame);
          document.body.append(frame);
        });
        return (async () => {
          const frame = await put(`${backend}/bridge.html`);
          const bridge = frame.contentWindow;
          const outcome = { ready: await answers(1) };
          for (const message of [null, 7, 'INIT_PORT', {}, { type: 'CMD_DIAL', payload: { phone: '1' } }, { type: 'INIT_PORT', payload: { protocol: 1 } }]) {
            bridge.postMessage(message, backend);
          }
          const two = [new MessageChannel(), new MessageChannel()];
          bridge.postMessage({ type: 'INIT_PORT', payload: { protocol: 1 } }, backend, two.map((it) => it.port2));
          outcome.noise = await answers(3);
          // A window that is not the page: one of the page's own frames, which has the bridge's window by its number.
          const inner = await put('/inner');
          const forged = new MessageChannel();
          inner.contentWindow.eval(`parent.frames[0].postMessage({ type: 'INIT_PORT', payload: { protocol: 1 } }, '*', [])`);
          // The page's own port still comes through after all that, and nothing else of it did.
          const line = new MessageChannel();
          const first = new Promise((resolve) => { line.port1.onmessage = ({ data }) => resolve(data.type); });
          bridge.postMessage({ type: 'INIT_PORT', payload: { protocol: 1 } }, backend, [line.port2]);
          outcome.first = await first;
          bridge.postMessage({ type: 'INIT_PORT', payload: { protocol: 1 } }, backend, [forged.port2]);
          outcome.again = await answers(1);
          return outcome;
        })();
    "#;
    let outcome = tab.script(script, vec![backend.clone()]).await?;
    let refused = vec!["validation_error"; 3];
    let expected =
        json!({ "ready": ["BRIDGE_READY"], "noise": refused, "first": "SYNC_STATE", "again": ["validation_error"] });
    assert_eq!(outcome, expected);
    // As a window of its own it serves nobody.
    let alone = site.browser.open_page(&format!("http://{}/bridge.html", site.backend.address)).await?;
    alone.wait_for("return document.readyState === 'complete'").await?;
    streams(&site, 1).await
}

#[tokio::test]
async fn a_thousand_dials_are_one_call_and_every_promise_is_kept() -> Result<()> {
    let site = site().await?;
    let tab = site.open("/").await?;
    let script = "return Promise.allSettled(Array.from({ length: 1000 }, () => phone.dial('100')))
        .then((all) => [all.filter((it) => it.status === 'fulfilled').length, [...new Set(all.map((it) => it.reason?.code))]])";
    assert_eq!(tab.script(script, vec![]).await?, json!([1, [null, "call_already_active"]]));
    tab.wait_call("dialing").await?;
    assert_eq!(site.backend.state().await?["other_calls"], json!([]));
    tab.click("hangup").await?;
    tab.wait_call("idle").await
}

#[tokio::test]
async fn attributes_that_say_nonsense_count_as_the_default_and_are_named() -> Result<()> {
    let site = site().await?;
    let tab = site.open("/").await?;
    let script = "for (const name of ['theme', 'mode', 'position', 'lang', 'server']) phone.setAttribute(name, 'x'.repeat(100000))";
    tab.script(script, vec![]).await?;
    tab.wait_ready().await?;
    tab.wait_part("panel").await?;
    assert_eq!(tab.script("return getComputedStyle(phone).position", vec![]).await?, "fixed");
    let complaints = site.browser.complaints().await?;
    for name in ["theme", "mode", "position", "server"] {
        let found = complaints.iter().find(|text| text.contains(&format!("{name}=")));
        assert!(found.is_some_and(|text| text.len() < 400), "{name}: {complaints:?}");
    }
    Ok(())
}

/// The plain page under a policy that lets the phone in by these directives alone, `B` being the backend.
async fn under(directives: &str) -> Result<Site> {
    let policy = format!("default-src 'none'; {}", directives.replace("B ", "__BACKEND__ "));
    Site::with([("/", Page::html(PLAIN).with_policy(policy))]).await
}

#[tokio::test]
async fn a_policy_without_the_frame_is_named_to_the_developer_and_explained_to_the_operator() -> Result<()> {
    let site = under("script-src B 'wasm-unsafe-eval'; connect-src B ; img-src B data:").await?;
    let tab = site.open_page("/").await?;
    tab.wait_part("trouble").await?;
    assert!(tab.text("trouble").await?.contains("security rules"));
    let complaints = site.browser.complaints().await?.join("\n");
    assert!(complaints.contains(&format!("frame-src http://{}", site.backend.address)), "{complaints}");
    Ok(())
}

#[tokio::test]
async fn a_phone_that_can_not_be_loaded_says_so_and_can_be_tried_again() -> Result<()> {
    let site = under("script-src B 'wasm-unsafe-eval'; frame-src B ; img-src data:").await?;
    let tab = site.open_page("/").await?;
    tab.wait_part("error").await?;
    assert!(tab.text("error").await?.contains("could not be loaded"));
    let failed = "return phone.dial('100').then(() => 'taken', (e) => e.code)";
    assert_eq!(tab.script(failed, vec![]).await?, "widget_failed");
    let again = "window.before = part('error'); part('error').querySelector('button').click()";
    tab.script(again, vec![]).await?;
    tab.wait_for("return part('error') != null && part('error') !== before").await?;
    Ok(())
}

#[tokio::test]
async fn a_page_that_comes_back_from_the_browsers_memory_is_a_full_tab_again() -> Result<()> {
    let other = Page::html("<!doctype html><title>Other</title><link rel=icon href='data:,'>");
    let site = Site::with([("/", Page::html(PLAIN)), ("/other", other)]).await?;
    let (tab, beside) = (site.open("/").await?, site.open("/").await?);
    tab.script("window.before = true", vec![]).await?;
    tab.visit(&Site::url("/other")).await?;
    tab.wait_for("return document.title === 'Other'").await?;
    ring(&site).await?;
    beside.wait_call("incoming").await?;
    tab.back().await?;
    tab.wait_for("return document.title === 'Plain'").await?;
    // Without TLS there are no locks, so that the browser keeps the page as it was.
    assert_eq!(tab.script("return window.before === true", vec![]).await?, true);
    tab.wait_call("incoming").await?;
    tab.click("answer").await?;
    beside.wait_call("talking").await?;
    beside.click("hangup").await?;
    tab.wait_call("idle").await?;
    streams(&site, 1).await
}

#[tokio::test]
async fn a_page_may_change_the_server_from_within_an_error() -> Result<()> {
    let site = site().await?;
    let tab = site.open("/").await?;
    let script =
        "phone.addEventListener('sip-phone-error', () => phone.setAttribute('server', arguments[0]), { once: true });
        return phone.dial('no number').then(() => 'taken', (e) => e.code)";
    let server = json!(format!("http://{}", site.backend.address));
    assert_eq!(tab.script(script, vec![server]).await?, "validation_error");
    tab.wait_ready().await?;
    assert_eq!(tab.script("return phone.shadowRoot.querySelectorAll('.root').length", vec![]).await?, 1);
    assert_eq!(tab.script("return document.querySelectorAll('iframe').length", vec![]).await?, 1);
    ring(&site).await?;
    tab.wait_call("incoming").await
}
