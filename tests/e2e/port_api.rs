//! The worker's messages as public interface: a page of the backend's origin that is a tab without the widget.

use anyhow::Result;
use e2e::{Backend, Browser, Tab};
use serde_json::{Value, json};

/// Makes `port` of the page speak with the worker, and keeps what it hears in `heard`.
const CONNECT: &str = "window.heard = [];
    window.port = new SharedWorker('/sip-worker.js', { name: 'raw' }).port;
    port.onmessage = (event) => heard.push(event.data);
    port.postMessage({ type: 'INIT_PORT', payload: { protocol: 1 } });";

/// A page without a widget whose raw port is connected.
async fn raw_tab(browser: &Browser, backend: &Backend) -> Result<Tab> {
    let tab = browser.open_page(&format!("http://{}/healthz", backend.address)).await?;
    tab.script(CONNECT, vec![]).await?;
    tab.wait_for("return heard.some(m => m.type === 'SYNC_STATE' && m.payload.connectionStatus === 'connected')")
        .await?;
    Ok(tab)
}

async fn say(tab: &Tab, message: Value) -> Result<()> {
    tab.script("port.postMessage(arguments[0])", vec![message]).await.map(drop)
}

async fn error_for(tab: &Tab, request: &str) -> Result<String> {
    let script =
        format!("return heard.find(m => m.type === 'ERROR' && m.payload.requestId === '{request}')?.payload.error");
    Ok(tab.wait_for(&script).await?.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_raw_port_is_a_full_tab() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tab = raw_tab(&browser, &backend).await?;
    let call = backend.post("/api/sim/incoming", json!({ "number": "100", "display_name": "Bob" })).await?;
    tab.wait_for("return heard.some(m => m.type === 'SSE_EVENT' && m.payload.event === 'call_incoming')").await?;
    let order = "const at = heard.findIndex(m => m.type === 'SSE_EVENT' && m.payload.event === 'call_incoming');
        return [heard[at - 1].type, heard[at - 1].payload.activeCall, heard[at].payload.data]";
    let seen = tab.script(order, vec![]).await?;
    assert_eq!(seen[0], "SYNC_STATE", "the state that includes the event comes before it");
    assert_eq!(
        seen[1],
        json!({ "id": call["call_id"], "state": "incoming", "direction": "in", "phoneNumber": "100",
            "displayName": "Bob", "startTime": null, "muted": false, "held": false })
    );
    assert_eq!(seen[2], json!({ "call_id": call["call_id"], "number": "100", "display_name": "Bob" }));
    say(&tab, json!({ "type": "CMD_ANSWER", "payload": {} })).await?;
    tab.wait_for("return heard.at(-2)?.payload.activeCall?.state === 'talking'").await?;
    say(&tab, json!({ "type": "CMD_HANGUP", "payload": { "callId": call["call_id"] } })).await?;
    tab.wait_for("return heard.at(-2)?.payload.activeCall === null").await?;
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_refused_and_changes_nothing() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tab = raw_tab(&browser, &backend).await?;
    let cases = [
        (json!({ "type": "CMD_FLY", "payload": { "requestId": "1" } }), "validation_error"),
        (json!({ "type": "CMD_DIAL", "payload": { "requestId": "2" } }), "validation_error"),
        (json!({ "type": "CMD_DIAL", "payload": { "phone": "/resetnoask", "requestId": "3" } }), "validation_error"),
        (json!({ "type": "CMD_STATUS", "payload": { "status": "asleep", "requestId": "4" } }), "validation_error"),
        (json!({ "type": "CMD_HANGUP", "payload": { "requestId": "5" } }), "call_not_found"),
        (json!({ "type": "CMD_HANGUP", "payload": { "callId": "no", "requestId": "6" } }), "call_not_found"),
        (json!({ "type": "CMD_MUTE", "requestId": "7" }), "validation_error"),
    ];
    for (n, (message, error)) in cases.into_iter().enumerate() {
        say(&tab, message.clone()).await?;
        assert_eq!(error_for(&tab, &(n + 1).to_string()).await?, error, "{message}");
    }
    for noise in [json!(null), json!("x"), json!([1]), json!({}), json!({ "type": 5 })] {
        say(&tab, noise).await?;
    }
    say(&tab, json!({ "type": "CMD_STATUS", "payload": { "status": "dnd", "future": 1 } })).await?;
    tab.wait_for("return heard.some(m => m.type === 'SYNC_STATE' && m.payload.operatorStatus === 'dnd')").await?;
    assert_eq!(backend.state().await?["active_call"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn the_first_connect_is_not_lost_and_a_transferred_port_is_the_tab() -> Result<()> {
    let backend = Backend::simulator().await?;
    let browser = Browser::start().await?;
    let tab = browser.open_page(&format!("http://{}/healthz", backend.address)).await?;
    let script = "window.heard = [];
        const channel = new MessageChannel();
        channel.port1.onmessage = (event) => heard.push(event.data);
        window.worker = new SharedWorker('/sip-worker.js', { name: 'bridged' });
        window.direct = [];
        worker.port.onmessage = (event) => direct.push(event.data);
        worker.port.postMessage({ type: 'INIT_PORT', payload: { protocol: 1 } }, [channel.port2]);";
    tab.script(script, vec![]).await?;
    tab.wait_for("return heard.some(m => m.type === 'SYNC_STATE' && m.payload.connectionStatus === 'connected')")
        .await?;
    backend.post("/api/sim/incoming", json!({ "number": "100" })).await?;
    tab.wait_for("return heard.some(m => m.payload.activeCall)").await?;
    assert_eq!(tab.script("return direct", vec![]).await?, json!([]));
    Ok(())
}
