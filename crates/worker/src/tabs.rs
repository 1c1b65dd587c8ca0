//! The tabs that take part in choices: who was used last, who rings, who is still there. And this worker's own part in the
//! choice among the workers of other sites, which the backend makes.

use litemap::LiteMap;
use protocol::roles::Roles;
use protocol::wire::port::{TabReport, TabRole, WorkerMessage};

use crate::ids::PortId;

/// How long a tab may take to say that it is there, in milliseconds.
const ANSWER_MS: u64 = 1_000;
/// The worker's clock begins here, so that there was a time before.
const BEGIN_MS: u64 = 1 << 40;

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
    unlocked: LiteMap<PortId, ()>,
    /// One of them that has just reported: without locks, a tab can't know whether its worker lives but by an answer.
    asks: Option<PortId>,
    /// Those of them that were asked and have not answered, and until when they may.
    asked: LiteMap<PortId, ()>,
    asked_until: Option<u64>,
    ringing: bool,
    /// What all tabs of this worker together may do; `None` while there is no other worker. It outlives a lost connection:
    /// else every site would hold itself for the only one when the next call comes first.
    part: Option<TabRole>,
    /// The backend has said so on the stream that is open.
    confirmed: bool,
    /// The backend wants to be told, whatever it was told before.
    summary_due: bool,
    /// It could not be told.
    summary_failed: bool,
    /// What it was told last.
    told: Option<(bool, bool)>,
}

impl Tabs {
    /// A tab introduces itself.
    pub(crate) fn joined(&mut self, port: PortId, report: TabReport, locked: bool, now: u64) {
        if !locked {
            self.unlocked.insert(port, ());
        }
        self.reported(port, report, now);
    }

    /// Whether this tab takes part.
    pub(crate) fn has(&self, port: PortId) -> bool {
        self.roles.has(port)
    }

    /// A tab reports.
    pub(crate) fn reported(&mut self, port: PortId, report: TabReport, now: u64) {
        let ago = if report.used { Some(0) } else { report.used_ago };
        let used = ago.map(|ago| {
            let at = (BEGIN_MS + now).saturating_sub(ago);
            self.uses += 1;
            self.used_at = self.used_at.max(Some(at));
            self.summary_due |= self.part.is_some_and(|part| !part.primary);
            // Of two in the same millisecond the later one counts.
            (at << 16) | (self.uses & 0xffff)
        });
        self.roles.reported(port, used, report.sound, report.notices);
        self.asks = Some(port).filter(|port| self.unlocked.contains_key(port));
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

    /// The backend has chosen among workers.
    pub(crate) fn part(&mut self, part: TabRole) {
        self.summary_due |= !self.confirmed;
        self.confirmed = true;
        self.part = Some(part);
    }

    /// Whether the backend has chosen among workers.
    pub(crate) fn had_company(&self) -> bool {
        self.part.is_some()
    }

    /// A stream begins: the backend may be another one, which knows nothing of this worker.
    pub(crate) fn stream_began(&mut self) {
        self.confirmed = false;
    }

    /// The stream says nothing more for now. Who was told of no choice by then is alone.
    pub(crate) fn heartbeat(&mut self) {
        if !self.confirmed {
            self.part = None;
        }
        self.summary_due |= std::mem::take(&mut self.summary_failed);
    }

    /// The backend could not be told: again with the next heartbeat.
    pub(crate) fn summary_lost(&mut self) {
        self.summary_failed = true;
    }

    /// When [`Tabs::tick`] is due, if ever.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.asked_until
    }

    /// Gives up those that have not answered.
    pub(crate) fn tick(&mut self, now: u64) {
        if self.asked_until.is_some_and(|until| now >= until) {
            self.asked_until = None;
            for (port, ()) in std::mem::take(&mut self.asked) {
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
        if let Some(port) = self.asks.take().filter(|port| told.iter().all(|(other, _)| other != port)) {
            told.extend(self.roles.told(port).map(|role| (port, WorkerMessage::TabRole(role))));
        }
        if begins && !self.unlocked.is_empty() {
            // Now it counts who is there.
            self.asked = self.unlocked.clone();
            self.asked_until = Some(now + ANSWER_MS);
            told.extend(self.asked.keys().map(|port| (*port, WorkerMessage::TabPing {})));
        }
        told
    }

    /// What the backend has to be told now, if anything.
    pub(crate) fn summary(&mut self, now: u64) -> Option<Summary> {
        let abilities = self.roles.abilities();
        let had_any = self.told.is_some_and(|told| told != (false, false));
        let due = self.summary_due || self.told != Some(abilities);
        if !self.confirmed || !due || (self.roles.is_empty() && !had_any) {
            return None;
        }
        self.summary_due = false;
        self.told = Some(abilities);
        let used_at = self.used_at.filter(|_| !self.roles.is_empty());
        let used_ago = used_at.map(|at| (BEGIN_MS + now).saturating_sub(at));
        Some(Summary { used_ago, sound: abilities.0, notices: abilities.1 })
    }
}
