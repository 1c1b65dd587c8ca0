//! What one page showed and told, as it happened.

use anyhow::Result;
use protocol::GlobalState;
use serde::Deserialize;

use crate::Tab;

/// Keeps it in `soakLog`; a page that was loaded again begins a new one.
const KEEP: &str = "if (window.soakLog) return;
    window.soakLog = [];
    const note = (state) => soakLog.push({ at: Date.now(), state });
    phone.addEventListener('sip-phone-state', ({ detail }) => note(detail.state));
    for (const event of ['incoming', 'connected', 'ended']) {
      phone.addEventListener(`sip-phone-${event}`, ({ detail }) => soakLog.push({ at: Date.now(), event, call: detail.call.id }));
    }
    note(phone.state);";

/// One entry.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    /// Milliseconds since 1970.
    pub(super) at: u64,
    /// A state was shown…
    pub(super) state: Option<GlobalState>,
    /// …or the page was told `incoming`, `connected` or `ended`,
    pub(super) event: Option<String>,
    /// of this call.
    pub(super) call: Option<String>,
}

/// The log of one page.
pub(super) struct Log {
    /// Which page, for people.
    pub(super) name: String,
    pub(super) entries: Vec<Entry>,
}

/// Begins to keep it.
pub(super) async fn keep(tab: &Tab) -> Result<()> {
    tab.script(KEEP, vec![]).await.map(drop)
}

/// Takes what was kept so far.
pub(super) async fn collect(tab: &Tab) -> Result<Vec<Entry>> {
    let kept = tab.script("return window.soakLog?.splice(0) ?? []", vec![]).await?;
    Ok(serde_json::from_value(kept)?)
}
