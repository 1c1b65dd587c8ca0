//! What there is in the browser: pages, frames, workers, processes; and looking into them.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::DevTools;
use crate::Process;

impl DevTools {
    /// Ids of the targets of this type whose address contains this.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn targets(&mut self, kind: &str, address: &str) -> Result<Vec<String>> {
        let targets = self.call(None, "Target.getTargets", json!({})).await?;
        let wanted =
            |target: &&Value| target["type"] == kind && target["url"].as_str().is_some_and(|url| url.contains(address));
        let found = targets["targetInfos"].as_array().into_iter().flatten().filter(wanted);
        Ok(found.filter_map(|target| target["targetId"].as_str().map(str::to_owned)).collect())
    }

    /// Ids of the phone's workers: one for each site that has the phone in a tab.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn workers(&mut self) -> Result<Vec<String>> {
        self.targets("shared_worker", "/sip-worker.js").await
    }

    /// The phone's one worker.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub async fn worker(&mut self) -> Result<String> {
        let mut workers = self.workers().await?;
        ensure!(workers.len() == 1, "{} workers, where there should be one", workers.len());
        workers.pop().context("there is one")
    }

    /// Speaks with a target; [`DevTools::leave`] ends it.
    pub(crate) async fn enter(&mut self, target: &str) -> Result<String> {
        let attached = self.call(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true })).await?;
        Ok(attached["sessionId"].as_str().context("a session has an id")?.to_owned())
    }

    /// A worker that DevTools looks at would be started again on hold, for the debugger to set its breakpoints.
    pub(super) async fn leave(&mut self, session: &str) -> Result<()> {
        self.call(None, "Target.detachFromTarget", json!({ "sessionId": session })).await.map(drop)
    }

    /// What an expression is, in a page or worker; of a promise, what it resolves with.
    ///
    /// # Errors
    /// It throws, or the target is gone.
    pub async fn evaluate(&mut self, target: &str, expression: &str) -> Result<Value> {
        let session = self.enter(target).await?;
        let answer = self.run(&session, expression).await;
        self.leave(&session).await?;
        answer
    }

    /// What an expression is, in a target that was entered.
    pub(crate) async fn run(&mut self, session: &str, expression: &str) -> Result<Value> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call(Some(session), "Runtime.evaluate", params).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("`{expression}` throws: {exception}");
        }
        Ok(answer["result"]["value"].take())
    }

    /// What a page's or worker's JavaScript has in use after a collection, in bytes.
    ///
    /// # Errors
    /// The target is gone.
    pub async fn heap(&mut self, target: &str) -> Result<u64> {
        let session = self.enter(target).await?;
        self.call(Some(&session), "HeapProfiler.collectGarbage", json!({})).await?;
        let heap = self.call(Some(&session), "Runtime.getHeapUsage", json!({})).await?;
        self.leave(&session).await?;
        heap["usedSize"].as_f64().map(|size| size as u64).context("a heap has a size")
    }

    /// The browser's processes.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn processes(&mut self) -> Result<Vec<Process>> {
        let answer = self.call(None, "SystemInfo.getProcessInfo", json!({})).await?;
        let ids = answer["processInfo"].as_array().into_iter().flatten().filter_map(|process| process["id"].as_u64());
        Ok(ids.filter_map(|id| u32::try_from(id).ok()).map(Process).collect())
    }
}
