//! An operator's desk for tests of faults: a simulator backend behind a proxy, a browser, tabs of the backend's own page.

use anyhow::Result;
use serde_json::json;

use crate::{Backend, Browser, Build, DevTools, Proxy, Tab, all_show, record, until};

/// All of it; ended when it is dropped.
pub struct Desk {
    /// The backend.
    pub backend: Backend,
    /// What its browser reaches it by.
    pub proxy: Proxy,
    /// The browser.
    pub browser: Browser,
    /// DevTools of that browser.
    pub devtools: DevTools,
    /// Its tabs, the one opened first in front.
    pub tabs: Vec<Tab>,
}

impl Desk {
    /// One with so many tabs, all recorded (see [`record`]).
    ///
    /// # Errors
    /// Something does not come up.
    pub async fn with(tabs: usize) -> Result<Self> {
        Self::of(Build::This, tabs).await
    }

    /// One with a backend of this build.
    ///
    /// # Errors
    /// As [`Desk::with`].
    pub async fn of(build: Build, tabs: usize) -> Result<Self> {
        let backend = Backend::of(build).await?;
        let proxy = Proxy::to(&backend.address).await?;
        let browser = Browser::through(&proxy.address, &backend.address).await?;
        let devtools = browser.devtools().await?;
        let mut desk = Self { backend, proxy, browser, devtools, tabs: Vec::new() };
        desk.open(tabs).await?;
        Ok(desk)
    }

    /// Opens tabs until there are so many.
    ///
    /// # Errors
    /// A tab does not come up.
    pub async fn open(&mut self, count: usize) -> Result<()> {
        while self.tabs.len() < count {
            self.tabs.push(self.browser.open(&self.backend.url()).await?);
        }
        record(&self.tabs).await
    }

    /// Closes all tabs, and opens as many again when the worker is gone: the first of them hosts the new one.
    ///
    /// # Errors
    /// A tab does not come up.
    pub async fn open_anew(&mut self) -> Result<()> {
        let count = self.tabs.len();
        self.close_all().await?;
        self.open(count).await
    }

    /// Closes all tabs, and waits until the worker is gone.
    ///
    /// # Errors
    /// It stays.
    pub async fn close_all(&mut self) -> Result<()> {
        for tab in self.tabs.drain(..) {
            tab.close().await?;
        }
        self.streams(0).await
    }

    /// Somebody calls; gives the call's id.
    ///
    /// # Errors
    /// The backend refuses.
    pub async fn ring(&self) -> Result<String> {
        let call = self.backend.post("/api/sim/incoming", json!({ "number": "+74951234567" })).await?;
        Ok(call["call_id"].as_str().unwrap_or_default().to_owned())
    }

    /// The other party hangs up, or gives up.
    ///
    /// # Errors
    /// There is no call.
    pub async fn leave(&self) -> Result<()> {
        self.backend.post("/api/sim/hangup", json!({})).await.map(drop)
    }

    /// The other party hangs up, all tabs show it, and one worker listens.
    ///
    /// # Errors
    /// One of the tabs does not show it.
    pub async fn end_call(&self) -> Result<()> {
        self.leave().await?;
        self.all_show("idle").await?;
        self.streams(1).await
    }

    /// Somebody calls, and it is answered in the last tab; gives the call's id.
    ///
    /// # Errors
    /// One of the tabs does not show it.
    pub async fn talk(&self) -> Result<String> {
        let call = self.ring().await?;
        self.all_show("incoming").await?;
        if let Some(tab) = self.tabs.last() {
            tab.click("answer").await?;
        }
        self.all_show("talking").await?;
        Ok(call)
    }

    /// Waits until all tabs show a call in this state.
    ///
    /// # Errors
    /// One of them never does.
    pub async fn all_show(&self, call: &str) -> Result<()> {
        all_show(&self.tabs, "data-call", Some(call)).await
    }

    /// Waits until so many streams are open at the backend.
    ///
    /// # Errors
    /// That never is so.
    pub async fn streams(&self, count: u64) -> Result<()> {
        let there = || async { Ok((self.backend.sse_connections().await? == count).then_some(())) };
        until(&format!("{count} streams are open"), there).await
    }

    /// How many calls were begun by dialling, in this life of the backend.
    ///
    /// # Errors
    /// The backend is gone.
    pub async fn dialled(&self) -> Result<f64> {
        self.backend.metric("sip_phone_events_total{event=\"call_dialing\"}").await
    }
}
