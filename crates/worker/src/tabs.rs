//! The tabs that take part in choices: who was used last, who rings, who is still there. And this worker's own part in the
//! choice among the workers of other sites, which the backend makes.

use std::collections::BTreeSet;

use protocol::roles::Roles;
use protocol::wire::port::{TabReport, TabRole, WorkerMessage};

use crate::ids::PortId;

/// How long a tab may take to say that it is there, in milliseconds.
const ANSWER_MS: u64 = 1_000;

/// What the backend is to be told of the tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Milliseconds since the last use of any.
    pub(crate) used_ago: Option<u64>,
    /// One may play sound.
    pub(crate) sound: bool,
    /// One may show notifications.
    pub(crate) notices: bool,
}

/// The tabs, and how they stand.
#[derive(Debug, Default)]
pub(crate) struct Tabs {
    roles: Roles<PortId>,
    uses: u64,
    used_at: Option<u64>,
    /// Those without a Web Lock: nothing tells of their crash.
    unlocked: BTreeSet<PortId>,
    /// Those of them that were asked and have not answered, and until when they may.
    asked: BTreeSet<PortId>,
    asked_until: Option<u64>,
    ringing: bool,
    /// What all tabs of this worker together may do; `None` while there is no other worker.
    part: Option<TabRole>,
    /// The backend wants to be told, whatever it was told before.
    summary_due: bool,
    /// What it was told last.
    told: (bool, bool),
}

impl Tabs {
    /// A tab introduces itself.
    pub(crate) fn joined(&mut self, port: PortId, report: TabReport, locked: bool, now: u64) {
        if !locked {
            self.unlocked.insert(port);
        }
        self.reported(port, report, now);
    }

    /// Whether this tab takes part.
    pub(crate) fn has(&self, port: PortId) -> bool {
        self.roles.has(port)
    }

    /// A tab reports.
    pub(crate) fn reported(&mut self, port: PortId, report: TabReport, now: u64) {
        let used = report.used.then(|| {
            self.uses += 1;
            self.used_at = Some(now);
            self.summary_due |= self.part.is_some_and(|part| !part.primary);
            self.uses
        });
        self.roles.reported(port, used, report.sound, report.notices);
    }

    /// A tab said something, whatever it was: it is there.
    pub(crate) fn spoke(&mut self, port: PortId) {
        self.asked.remove(&port);
        self.roles.is_silent(port, false);
    }

    /// A tab is gone.
    pub(crate) fn gone(&mut self, port: PortId) {
        self.roles.gone(port);
        self.unlocked.remove(&port);
        self.asked.remove(&port);
    }

    /// The backend has chosen among workers; `None` when the connection with it ends.
    pub(crate) fn part(&mut self, part: Option<TabRole>) {
        self.summary_due |= part.is_some() && self.part.is_none();
        self.part = part;
    }

    /// When [`Tabs::tick`] is due, if ever.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.asked_until
    }

    /// Gives up those that have not answered.
    pub(crate) fn tick(&mut self, now: u64) {
        if self.asked_until.is_some_and(|until| now >= until) {
            self.asked_until = None;
            for port in std::mem::take(&mut self.asked) {
                self.roles.is_silent(port, true);
            }
        }
    }

    /// Chooses anew, and says who is to be told what.
    pub(crate) fn choose(&mut self, ringing: bool, now: u64) -> Vec<(PortId, WorkerMessage)> {
        let begins = ringing && !std::mem::replace(&mut self.ringing, ringing);
        let part = self.part.unwrap_or(TabRole::ALL);
        let roles = self.roles.choose(ringing, part).into_iter();
        let mut told: Vec<_> = roles.map(|(port, role)| (port, WorkerMessage::TabRole(role))).collect();
        if begins && !self.unlocked.is_empty() {
            // Now it counts who is there.
            self.asked = self.unlocked.clone();
            self.asked_until = Some(now + ANSWER_MS);
            told.extend(self.asked.iter().map(|port| (*port, WorkerMessage::TabPing {})));
        }
        told
    }

    /// What the backend has to be told now, if anything.
    pub(crate) fn summary(&mut self, now: u64) -> Option<Summary> {
        let abilities = self.roles.abilities();
        if self.part.is_none() || self.roles.is_empty() || !(self.summary_due || abilities != self.told) {
            return None;
        }
        self.summary_due = false;
        self.told = abilities;
        let used_ago = self.used_at.map(|at| now.saturating_sub(at));
        Some(Summary { used_ago, sound: abilities.0, notices: abilities.1 })
    }
}
