//! What goes wrong in a soak, by chance.

use std::time::Duration;

use anyhow::Result;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::world::World;
use crate::Break;

/// Most tabs at a time.
const MOST_TABS: usize = 6;

#[derive(Clone, Copy, Debug)]
enum Fault {
    OpenTab,
    CloseTab,
    ReloadTab,
    CrashTab,
    FreezeTab,
    KillWorker,
    BreakWorker,
    KillBackend,
    Unplug,
    HalfOpen,
    Slow,
    Aging,
    MidEvent,
    LoseAnswers,
}

/// Each as often as it stands here.
const FAULTS: [Fault; 18] = [
    Fault::OpenTab,
    Fault::OpenTab,
    Fault::OpenTab,
    Fault::OpenTab,
    Fault::CloseTab,
    Fault::ReloadTab,
    Fault::CrashTab,
    Fault::CrashTab,
    Fault::FreezeTab,
    Fault::KillWorker,
    Fault::BreakWorker,
    Fault::KillBackend,
    Fault::Unplug,
    Fault::HalfOpen,
    Fault::Slow,
    Fault::Aging,
    Fault::MidEvent,
    Fault::LoseAnswers,
];

impl World {
    /// One fault. Those of the wires last for some steps.
    pub(super) async fn fault(&mut self) -> Result<()> {
        let fault = FAULTS.choose(&mut self.random).copied().unwrap_or(Fault::OpenTab);
        let tab = self.any_tab();
        let many = self.desk.tabs.len() > 2;
        match fault {
            Fault::OpenTab if self.desk.tabs.len() < MOST_TABS => {
                self.mend(); // a page has to come from somewhere
                self.open_tab().await?;
            }
            Fault::ReloadTab => {
                self.mend();
                self.reload(tab).await?;
            }
            Fault::CloseTab if many => self.remove(tab).await?.close().await?,
            Fault::CrashTab if many => {
                let crashed = self.remove(tab).await?;
                self.desk.devtools.crash_tab(&crashed).await?;
                crashed.bury(&mut self.desk.devtools).await?;
            }
            Fault::FreezeTab => {
                let tab = &self.desk.tabs[tab];
                self.desk.devtools.freeze(tab).await?;
                self.desk.devtools.resume(tab).await?;
            }
            Fault::KillWorker => {
                // Between two lives of it there is none.
                let Some(worker) = self.desk.devtools.workers().await?.pop() else { return Ok(()) };
                self.desk.devtools.kill_worker(&worker).await?;
            }
            Fault::BreakWorker => {
                let Some(worker) = self.desk.devtools.workers().await?.pop() else { return Ok(()) };
                let script = "performance.now = () => { delete performance.now; throw new Error('soak') }, 0";
                // It may end just now.
                let _ = self.desk.devtools.evaluate(&worker, script).await;
            }
            Fault::KillBackend => {
                self.unsure.extend(self.just_rung.take());
                let epochs = self.recorder.epochs();
                self.desk.backend.restart().await?;
                self.recorder.begun(epochs).await?;
            }
            Fault::Unplug => self.spoil(|it| it.desk.proxy.unplug()),
            Fault::HalfOpen => {
                self.desk.proxy.half_open();
                self.mend();
            }
            Fault::Slow => self.spoil(|it| it.desk.proxy.slow(Duration::from_millis(50), 20_000)),
            Fault::Aging => self.spoil(|it| it.desk.proxy.cut_at_age(Duration::from_secs(1))),
            Fault::MidEvent => self.desk.proxy.break_in_mid_event(Break::Reset),
            Fault::LoseAnswers => self.desk.proxy.lose_answers("/call/", 2),
            Fault::OpenTab | Fault::CloseTab | Fault::CrashTab => return Ok(()),
        }
        self.count(format!("fault: {fault:?}"));
        Ok(())
    }

    fn spoil(&mut self, how: impl FnOnce(&Self)) {
        self.mend();
        how(self);
        self.spoilt = Some(self.random.random_range(1..12));
    }
}
