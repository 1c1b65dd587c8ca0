//! What tabs show and tell, and when: recorded in the pages, so that a driver's own time does not count.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde_json::{Value, json};

use crate::{Tab, until};

/// Keeps what the phone shows in `shown`, `[when, connection, call]`, and what the page is told of calls in `told`,
/// `[name, call, when]`.
const RECORD: &str = "if (window.shown) return;
    window.shown = [];
    window.told = [];
    const note = () => shown.push([Date.now(), phone.dataset.connection, phone.dataset.call]);
    new MutationObserver(note).observe(phone, { attributes: true, attributeFilter: ['data-connection', 'data-call'] });
    for (const name of ['incoming', 'connected', 'ended']) {
      phone.addEventListener(`sip-phone-${name}`, ({ detail }) => told.push([name, detail.call.id, Date.now()]));
    }
    note();";
/// Since when it has been showing one of these without a break; `null` if it does not.
const SINCE: &str = "const [call] = arguments;
    const at = shown.findLastIndex(([, connection, it]) => connection !== 'connected' || !call.split(' ').includes(it));
    return shown[at + 1]?.[0] ?? null;";

/// Begins to keep what these tabs show; what was begun already goes on.
///
/// # Errors
/// A tab is gone.
pub async fn record(tabs: &[Tab]) -> Result<()> {
    for tab in tabs {
        tab.script(RECORD, vec![]).await?;
    }
    Ok(())
}

/// What the page was told of calls since [`record`]: `["incoming", CALL_ID]`, in order.
///
/// # Errors
/// The tab is gone.
pub async fn told(tab: &Tab) -> Result<Vec<(String, String)>> {
    Ok(serde_json::from_value(tab.script("return told.map(([name, call]) => [name, call])", vec![]).await?)?)
}

/// Now, as pages have it: milliseconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// Waits until all of these recorded tabs are connected and show a call in this state (or in one of several, separated by
/// spaces), and says how long after `since` the
/// last of them did.
///
/// # Errors
/// One of them never does.
pub async fn settled(tabs: &[Tab], since: u64, call: &str) -> Result<Duration> {
    let mut last = since;
    for (index, tab) in tabs.iter().enumerate() {
        let ask = || async { Ok(tab.script(SINCE, vec![json!(call)]).await?.as_u64()) };
        let at = match until(&format!("tab {index} shows {call}"), ask).await {
            Ok(at) => at,
            Err(error) => return Err(error.context(format!("it showed {}", seen(tab).await))),
        };
        last = last.max(at);
    }
    Ok(Duration::from_millis(last - since))
}

/// Waits until all of these recorded tabs have rung for this call, and says how long after `since` the last of them did.
///
/// # Errors
/// One of them never does.
pub async fn rung(tabs: &[Tab], since: u64, call: &str) -> Result<Duration> {
    const WHEN: &str = "return told.find(([name, call]) => name === 'incoming' && call === arguments[0])?.[2] ?? null";
    let mut last = since;
    for (index, tab) in tabs.iter().enumerate() {
        let ask = || async { Ok(tab.script(WHEN, vec![json!(call)]).await?.as_u64()) };
        last = last.max(until(&format!("tab {index} rings for {call}"), ask).await?);
    }
    Ok(Duration::from_millis(last - since))
}

/// The last things that a tab has shown, for people.
async fn seen(tab: &Tab) -> Value {
    tab.script("return shown.slice(-8)", vec![]).await.unwrap_or_default()
}
