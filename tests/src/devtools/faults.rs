//! What the browser does to tabs, frames and workers: crashes them, freezes them, ends them, takes their network away.

use anyhow::{Context, Result};
use serde_json::json;

use super::DevTools;
use crate::Tab;

impl DevTools {
    /// Crashes the process of the first frame whose address contains this.
    ///
    /// # Errors
    /// There is no such frame in a process of its own.
    pub async fn crash_frame(&mut self, address: &str) -> Result<()> {
        let frames = self.targets("iframe", address).await?;
        let frame = frames.first().with_context(|| format!("no frame of {address}"))?;
        self.crash(frame).await
    }

    /// Crashes a tab's process, and with it a worker that was started by that tab. Only [`Tab::bury`] may follow: the driver
    /// gives up a browser when it is asked for more of such a tab.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn crash_tab(&mut self, tab: &Tab) -> Result<()> {
        self.crash(tab.target()).await
    }

    async fn crash(&mut self, target: &str) -> Result<()> {
        let session = self.enter(target).await?;
        // What has crashed gives no answer.
        self.send(Some(&session), "Page.crash", json!({})).await.map(drop)
    }

    /// Freezes a tab, as the browser does with tabs that were long out of sight: nothing runs in it until
    /// [`DevTools::resume`]. A driver's command would thaw it.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn freeze(&mut self, tab: &Tab) -> Result<()> {
        self.lifecycle(tab, "frozen").await
    }

    /// The operator comes back to a frozen tab.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn resume(&mut self, tab: &Tab) -> Result<()> {
        self.lifecycle(tab, "active").await
    }

    async fn lifecycle(&mut self, tab: &Tab, state: &str) -> Result<()> {
        let session = self.enter(tab.target()).await?;
        self.call(Some(&session), "Page.setWebLifecycleState", json!({ "state": state })).await?;
        self.leave(&session).await
    }

    /// Empties the browser's cache, so that it asks for every file again. Any tab will do.
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn forget_files(&mut self, tab: &Tab) -> Result<()> {
        let session = self.enter(tab.target()).await?;
        self.call(Some(&session), "Network.clearBrowserCache", json!({})).await?;
        self.leave(&session).await
    }

    /// Ends a worker without a word, as a browser short of memory does.
    ///
    /// # Errors
    /// The worker is gone.
    pub async fn kill_worker(&mut self, target: &str) -> Result<()> {
        self.call(None, "Target.closeTarget", json!({ "targetId": target })).await.map(drop)
    }

    /// Takes the network away from a tab, and tells it so, until [`DevTools::online`].
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn offline(&mut self, tab: &Tab) -> Result<Offline> {
        let session = self.enter(tab.target()).await?;
        self.call(Some(&session), "Network.enable", json!({})).await?;
        self.network(&session, true).await?;
        Ok(Offline { session })
    }

    /// Gives the network back, and tells the tab so (`online`).
    ///
    /// # Errors
    /// The tab is gone.
    pub async fn online(&mut self, Offline { session }: Offline) -> Result<()> {
        self.network(&session, false).await?;
        self.leave(&session).await
    }

    async fn network(&mut self, session: &str, offline: bool) -> Result<()> {
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        // The one for requests, the other for `navigator.onLine` and its events: first what makes requests work.
        for method in ["Network.emulateNetworkConditions", "Network.overrideNetworkState"] {
            self.call(Some(session), method, conditions.clone()).await?;
        }
        Ok(())
    }
}

/// A tab without network.
pub struct Offline {
    session: String,
}
