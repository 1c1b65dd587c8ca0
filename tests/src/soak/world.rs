//! All that there is in a soak: the desk, its tabs and their logs, the journal, the dice.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result};
use protocol::GlobalState;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::journal::Recorder;
use super::log::{self, Log};
use super::measure::Measure;
use crate::{Desk, Tab, until};

/// What a tab shows, and the locks that it sees.
const SCENE: &str = "return navigator.locks.query().then(({ held, pending }) => ({
    visible: document.visibilityState, connection: phone.dataset.connection, seq: phone.state?.seq,
    call: phone.state?.activeCall?.id, error: part('error')?.textContent,
    held: held.map((lock) => [lock.name, lock.clientId]), pending: pending.map((lock) => [lock.name, lock.clientId]) }))";
/// What a request of the worker comes to, and its last ones: begin, duration, address.
const REQUESTS: &str = "(async () => {
    const probe = await fetch('/healthz', { signal: AbortSignal.timeout(3000) }).then(({ status }) => status, String);
    const last = performance.getEntriesByType('resource').slice(-20);
    return JSON.stringify([self.name, probe, Math.round(performance.now()),
        ...last.map((it) => [Math.round(it.startTime), Math.round(it.duration), it.name])]);
})()";

pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) recorder: Recorder,
    pub(super) random: StdRng,
    /// What was done, and how often.
    pub(super) counts: BTreeMap<String, usize>,
    /// The logs of the pages that are open, in the order of the desk's tabs.
    open: Vec<Log>,
    /// Those of pages that are gone.
    pub(super) logs: Vec<Log>,
    pages: usize,
    /// Steps until the wires are mended, if they are spoilt.
    pub(super) spoilt: Option<usize>,
    pub(super) dials: usize,
    /// Numbers that a tab dialled and was refused, and with which code.
    pub(super) refused: Vec<(String, String)>,
    /// Calls that began by the simulator's or a tab's word for it.
    pub(super) begun: Vec<String>,
    /// The call of the last step, if that was the simulator's word for one, which it gives before the phone has heard of it.
    pub(super) just_rung: Option<String>,
    /// Calls whose backend was killed right then: the phone may have heard of them or not.
    pub(super) unsure: Vec<String>,
}

impl World {
    pub(super) async fn new(seed: u64) -> Result<Self> {
        let desk = Desk::with(0).await?;
        let recorder = Recorder::of(&desk.backend.address).await?;
        let mut world = Self {
            desk,
            recorder,
            random: StdRng::seed_from_u64(seed),
            counts: BTreeMap::new(),
            open: Vec::new(),
            logs: Vec::new(),
            pages: 0,
            spoilt: None,
            dials: 0,
            refused: Vec::new(),
            begun: Vec::new(),
            just_rung: None,
            unsure: Vec::new(),
        };
        for _ in 0..super::TABS {
            world.open_tab().await?;
        }
        Ok(world)
    }

    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    pub(super) fn faults(&self) -> usize {
        self.counts.iter().filter(|(what, _)| what.starts_with("fault: ")).map(|(_, count)| count).sum()
    }

    pub(super) fn any_tab(&mut self) -> usize {
        self.random.random_range(0..self.desk.tabs.len())
    }

    pub(super) async fn open_tab(&mut self) -> Result<()> {
        let tab = self.desk.browser.open_page(&self.desk.backend.url()).await?;
        tab.wait_for("return phone?.state != null").await.context("a new tab has no phone")?;
        self.desk.tabs.push(tab);
        let log = self.new_log();
        self.open.push(log);
        self.keep(self.desk.tabs.len() - 1).await
    }

    fn new_log(&mut self) -> Log {
        self.pages += 1;
        Log { name: format!("page {}", self.pages), entries: Vec::new() }
    }

    async fn keep(&self, tab: usize) -> Result<()> {
        log::keep(&self.desk.tabs[tab]).await
    }

    /// Takes what the tab's page has kept.
    pub(super) async fn collect(&mut self, tab: usize) -> Result<()> {
        let entries = log::collect(&self.desk.tabs[tab]).await?;
        self.open[tab].entries.extend(entries);
        Ok(())
    }

    /// Takes the tab off the desk, with its log.
    pub(super) async fn remove(&mut self, tab: usize) -> Result<Tab> {
        self.collect(tab).await?;
        self.logs.push(self.open.remove(tab));
        Ok(self.desk.tabs.remove(tab))
    }

    pub(super) async fn reload(&mut self, tab: usize) -> Result<()> {
        self.collect(tab).await?;
        let fresh = self.new_log();
        self.logs.push(std::mem::replace(&mut self.open[tab], fresh));
        self.desk.tabs[tab].reload().await?;
        self.keep(tab).await
    }

    pub(super) async fn collect_all(&mut self) -> Result<()> {
        for tab in 0..self.desk.tabs.len() {
            self.collect(tab).await?;
        }
        self.logs.append(&mut self.open);
        Ok(())
    }

    /// The wires are whole again.
    pub(super) fn mend(&mut self) {
        self.spoilt = None;
        self.desk.proxy.plug();
    }

    /// Waits until all tabs show what the backend has.
    pub(super) async fn calm(&mut self) -> Result<()> {
        self.mend();
        for tab in 0..self.desk.tabs.len() {
            let same = || async {
                let truth = self.desk.backend.state().await?;
                let shown = self.desk.tabs[tab].state().await?;
                Ok((shown["connectionStatus"] == "connected" && calls(&shown) == calls_of(&truth)).then_some(()))
            };
            let outcome = until(&format!("tab {tab} shows what the backend has"), same).await;
            if let Err(error) = outcome {
                let shown = self.desk.tabs[tab].state().await?;
                return Err(error.context(format!("it shows {shown}; {}", self.scene().await?)));
            }
        }
        for tab in 0..self.desk.tabs.len() {
            self.collect(tab).await?;
        }
        Ok(())
    }

    /// What there is to see when something is wrong.
    pub(super) async fn scene(&mut self) -> Result<String> {
        let mut scene = format!("the backend has {}", self.desk.backend.state().await?);
        for tab in &self.desk.tabs {
            write!(scene, "\n    a tab: {}", tab.script(SCENE, vec![]).await?)?;
        }
        for worker in self.desk.devtools.workers().await? {
            let requests = self.desk.devtools.evaluate(&worker, REQUESTS).await;
            write!(scene, "\n    a worker: {requests:?}")?;
        }
        let asked = self.desk.proxy.sip_requests();
        write!(scene, "\n    the proxy heard last: {:?}", &asked[asked.len().saturating_sub(30)..])?;
        write!(scene, "\n    {} streams", self.desk.backend.sse_connections().await?)?;
        Ok(scene)
    }

    /// Ends all calls, leaves so many fresh tabs, and measures.
    pub(super) async fn at_rest(&mut self, tabs: usize) -> Result<Measure> {
        self.calm().await?;
        while self.desk.backend.post("/api/sim/hangup", json!({})).await.is_ok() {}
        self.calm().await?;
        while !self.desk.tabs.is_empty() {
            self.remove(0).await?.close().await?;
        }
        // The recorder's own one is left.
        self.desk.streams(1).await?;
        for _ in 0..tabs {
            self.open_tab().await?;
        }
        self.calm().await?;
        // Everything that this life of the backend has told.
        let shown: GlobalState = serde_json::from_value(self.desk.tabs[0].state().await?)?;
        self.recorder.heard(shown.seq).await?;
        Measure::take(&mut self.desk).await
    }
}

/// Id, state and switches of the calls that a tab shows.
fn calls(shown: &Value) -> Vec<Value> {
    let all = std::iter::once(&shown["activeCall"]).chain(shown["otherCalls"].as_array().into_iter().flatten());
    all.filter(|call| !call.is_null())
        .map(|call| json!([call["id"], call["state"], call["muted"], call["held"]]))
        .collect()
}

/// The same of the backend's snapshot.
fn calls_of(snapshot: &Value) -> Vec<Value> {
    let all = std::iter::once(&snapshot["active_call"]).chain(snapshot["other_calls"].as_array().into_iter().flatten());
    let all = all.filter(|call| !call.is_null());
    all.map(|call| json!([call["call_id"], call["state"], call["muted"], call["held"]])).collect()
}
