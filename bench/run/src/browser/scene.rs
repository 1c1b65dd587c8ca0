//! A browser with tabs of one side, and a backend whose other party calls.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{Backend, Browser, DevTools, Tab, all_show, until};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::front::Front;
use crate::options::Plan;
use crate::side::Side;

/// Tabs are left alone for as long before they are asked what they have shown: to be asked is work for them too.
const UNOBSERVED: Duration = Duration::from_millis(200);

/// All of it; ended when it is dropped.
pub(super) struct Scene {
    pub(super) backend: Backend,
    pub(super) front: Front,
    pub(super) browser: Browser,
    pub(super) devtools: DevTools,
    pub(super) tabs: Vec<Tab>,
    /// A blank one that is always there: without any, the browser would end.
    pub(super) keeper: Tab,
}

impl Scene {
    /// One without a phone yet.
    pub(super) async fn set(side: Side, plan: &Plan) -> Result<Self> {
        let (backend, files) = match (&plan.against, side) {
            (Some(other), Side::Peer) => (Backend::of_program(other).await?, Vec::new()),
            _ => (Backend::simulator().await?, side.files()?),
        };
        let front = Front::to(&backend.address, files).await?;
        let browser = Browser::start().await?;
        let devtools = browser.devtools().await?;
        let keeper = browser.open_page(&front.blank()).await?;
        Ok(Self { backend, front, browser, devtools, tabs: Vec::new(), keeper })
    }

    /// Opens tabs until there are so many, all connected.
    pub(super) async fn open(&mut self, count: usize) -> Result<()> {
        while self.tabs.len() < count {
            self.tabs.push(self.browser.open(&self.front.page()).await?);
        }
        Ok(())
    }

    /// Opens tabs without a phone until there are so many.
    pub(super) async fn open_blank(&mut self, count: usize) -> Result<()> {
        while self.tabs.len() < count {
            self.tabs.push(self.browser.open_page(&self.front.blank()).await?);
        }
        Ok(())
    }

    /// Closes all tabs but the keeper, and waits until no worker is left.
    pub(super) async fn close(&mut self) -> Result<()> {
        for tab in self.tabs.drain(..) {
            tab.close().await?;
        }
        until("the worker has ended with its tabs", async || {
            Ok(self.devtools.workers().await?.is_empty().then_some(()))
        })
        .await
    }

    /// The other party calls; the call's id.
    pub(super) async fn incoming(&self) -> Result<String> {
        let made = self.backend.post("/api/sim/incoming", json!({ "number": "+74951234567" })).await?;
        Ok(made["call_id"].as_str().context("a call has an id")?.to_owned())
    }

    /// The other party hangs up.
    pub(super) async fn leave(&self) -> Result<()> {
        self.backend.post("/api/sim/hangup", json!({})).await.map(drop)
    }

    /// Answers a call as a program would, as soon as the backend knows of it: the simulator does a moment earlier.
    pub(super) async fn take(&self, call: &str) -> Result<()> {
        let known = async || Ok((self.backend.state().await?["active_call"]["call_id"] == json!(call)).then_some(()));
        until("the backend has the call", known).await?;
        self.backend.post("/api/sip/call/answer", json!({ "call_id": call })).await.map(drop)
    }

    /// The other party calls, and is answered; all tabs show it.
    pub(super) async fn talk(&self) -> Result<()> {
        let call = self.incoming().await?;
        self.take(&call).await?;
        self.all_show("talking").await
    }

    /// The other party hangs up, and all tabs are at rest again.
    pub(super) async fn hang_up(&self) -> Result<()> {
        self.leave().await?;
        self.all_show("idle").await
    }

    async fn all_show(&self, call: &str) -> Result<()> {
        sleep(UNOBSERVED).await;
        all_show(&self.tabs, "data-call", Some(call)).await
    }

    /// Waits until all tabs show this `data-call`, and says since when the last of them does, in milliseconds since 1970.
    pub(super) async fn last_shows(&self, call: &str) -> Result<f64> {
        const SINCE: &str = "const [at, , , call] = seen.at(-1) ?? []; return call === arguments[0] ? at : null";
        sleep(UNOBSERVED).await;
        let mut last = 0.0_f64;
        for (index, tab) in self.tabs.iter().enumerate() {
            let ask = async || Ok(tab.script(SINCE, vec![json!(call)]).await?.as_f64());
            last = last.max(until(&format!("tab {index} shows {call}"), ask).await?);
        }
        Ok(last)
    }

    /// All tabs have this call and no other.
    pub(super) async fn all_have(&self, call: &str) -> Result<()> {
        for tab in &self.tabs {
            let Value::Object(state) = tab.state().await? else { continue };
            let right = state["activeCall"]["id"] == json!(call) && state["otherCalls"] == json!([]);
            ensure!(right, "a tab has {}, {} and not {call} alone", state["activeCall"], state["otherCalls"]);
        }
        Ok(())
    }
}
