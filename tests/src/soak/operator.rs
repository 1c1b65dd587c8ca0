//! What the operator and the other parties do: whatever is possible just now, by chance.

use anyhow::Result;
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::world::World;

/// Gives a command by the element's method, and keeps what comes of it in `outcomes`, with its first argument.
const COMMAND: &str = "window.outcomes ??= [];
    const [method, ...rest] = arguments;
    phone[method](...rest).then((it) => outcomes.push(['accepted', it ?? null]), (e) => outcomes.push(['refused', e.code, method === 'dial' ? rest[0] : null]));";
/// A press on a part that is shown and enabled.
const PRESS: &str =
    "const it = part(arguments[0]); const able = it != null && !it.disabled; if (able) it.click(); return able";

impl World {
    /// One step of somebody.
    pub(super) async fn operate(&mut self) -> Result<()> {
        if let Some(steps) = self.spoilt {
            if steps == 0 { self.mend() } else { self.spoilt = Some(steps - 1) }
        }
        self.just_rung = None;
        let truth = self.desk.backend.state().await?;
        let call = &truth["active_call"];
        let tab = self.any_tab();
        match call["state"].as_str() {
            None if self.random.random_bool(0.7) => self.rings().await,
            None => {
                let number = self.number();
                self.command(tab, "dial", vec![json!(number)]).await
            }
            Some("incoming") => self.about_ringing(tab).await,
            Some("dialing") => self.about_dialling(tab).await,
            _ => self.about_talking(tab, &truth).await,
        }?;
        self.outcomes(tab).await
    }

    fn number(&mut self) -> String {
        self.dials += 1;
        // One of its own for each dial, so that it is found in the journal. Some of them are busy or fail.
        let fate = ["205", "000", "486", "404"].choose(&mut self.random).copied().unwrap_or("205");
        format!("9{:05}{fate}", self.dials)
    }

    async fn rings(&mut self) -> Result<()> {
        let number = format!("+7495{}", self.random.random_range(1_000_000..9_999_999));
        let call = self.desk.backend.post("/api/sim/incoming", json!({ "number": number })).await?;
        self.just_rung = call["call_id"].as_str().map(str::to_owned);
        self.begun.extend(self.just_rung.clone());
        self.count("calls");
        self.count("call: incoming");
        Ok(())
    }

    async fn about_ringing(&mut self, tab: usize) -> Result<()> {
        match self.random.random_range(0..10) {
            0..4 => self.press_or(tab, "answer", "answer", vec![]).await,
            4..6 => self.command(tab, "answer", vec![]).await,
            6..8 => self.press_or(tab, "reject", "hangup", vec![]).await,
            _ => self.party("hangup").await,
        }
    }

    async fn about_dialling(&mut self, tab: usize) -> Result<()> {
        match self.random.random_range(0..10) {
            0..4 => self.party("answer").await,
            4..6 => self.party("hangup").await,
            6..9 => self.press_or(tab, "hangup", "hangup", vec![]).await,
            _ => Ok(()), // the simulator answers by itself
        }
    }

    async fn about_talking(&mut self, tab: usize, truth: &Value) -> Result<()> {
        let call = &truth["active_call"];
        let other = truth["other_calls"].as_array().is_some_and(|calls| !calls.is_empty());
        match self.random.random_range(0..14) {
            0 => self.press_or(tab, "mute", "mute", vec![json!(call["muted"] != true)]).await,
            1 => self.command(tab, "mute", vec![json!(call["muted"] != true)]).await,
            2 => self.press_or(tab, "hold", "hold", vec![json!(call["held"] != true)]).await,
            3 => self.command(tab, "hold", vec![json!(call["held"] != true)]).await,
            4 => self.command(tab, "sendDtmf", vec![json!("42#")]).await,
            5 if !other => self.rings().await,
            6 => self.command(tab, "transfer", vec![json!("205")]).await,
            7 => {
                self.command(
                    tab,
                    "setStatus",
                    vec![json!(if truth["operator_status"] == "dnd" { "ready" } else { "dnd" })],
                )
                .await
            }
            8..11 => self.press_or(tab, "hangup", "hangup", vec![]).await,
            _ => self.party("hangup").await,
        }
    }

    /// Presses a part in a tab; where it is not shown there, or not enabled, the page's own code tries.
    async fn press_or(&mut self, tab: usize, part: &str, method: &str, arguments: Vec<Value>) -> Result<()> {
        if self.desk.tabs[tab].script(PRESS, vec![json!(part)]).await? == true {
            self.count(format!("press: {part}"));
            return Ok(());
        }
        self.command(tab, method, arguments).await
    }

    async fn command(&mut self, tab: usize, method: &str, arguments: Vec<Value>) -> Result<()> {
        self.count(format!("command: {method}"));
        let all = std::iter::once(json!(method)).chain(arguments).collect();
        self.desk.tabs[tab].script(COMMAND, all).await.map(drop)
    }

    /// What the other party does, if it can.
    async fn party(&mut self, what: &str) -> Result<()> {
        // The call may have ended just now.
        let done = self.desk.backend.post(&format!("/api/sim/{what}"), json!({})).await.is_ok();
        self.count(format!("party: {what}{}", if done { "" } else { " (too late)" }));
        Ok(())
    }

    /// Takes what came of the commands of a tab.
    async fn outcomes(&mut self, tab: usize) -> Result<()> {
        let outcomes = self.desk.tabs[tab].script("return window.outcomes?.splice(0) ?? []", vec![]).await?;
        for outcome in outcomes.as_array().into_iter().flatten() {
            match (outcome[0].as_str(), outcome[1].as_str()) {
                (Some("accepted"), Some(call)) => {
                    self.begun.push(call.to_owned());
                    self.count("calls");
                    self.count("call: dialled");
                }
                (Some("accepted"), None) => {}
                (_, code) => {
                    let code = code.unwrap_or("?");
                    self.count(format!("refused: {code}"));
                    if let Some(number) = outcome[2].as_str() {
                        self.refused.push((number.to_owned(), code.to_owned()));
                    }
                }
            }
        }
        Ok(())
    }
}
