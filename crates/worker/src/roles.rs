//! Which tab does what only one may do: be the operator's, ring, show notifications.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use protocol::wire::port::{SoundRole, TabReport, TabRole};

use crate::hub::PortId;

/// The tabs that take part, and what they are chosen for.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    tabs: BTreeMap<PortId, Member>,
    uses: u64,
    ringer: Option<PortId>,
    notifier: Option<PortId>,
}

#[derive(Debug, Default)]
struct Member {
    /// Number of its last use; 0 for none yet.
    used: u64,
    sound: bool,
    notices: bool,
    /// What it was told last.
    told: Option<TabRole>,
}

impl Roles {
    /// A tab joins, or reports again.
    pub(crate) fn reported(&mut self, port: PortId, report: TabReport) {
        let member = self.tabs.entry(port).or_default();
        (member.sound, member.notices) = (report.sound, report.notices);
        if report.used {
            self.uses += 1;
            member.used = self.uses;
        }
    }

    /// Whether this tab takes part.
    pub(crate) fn has(&self, port: PortId) -> bool {
        self.tabs.contains_key(&port)
    }

    /// A tab is gone.
    pub(crate) fn gone(&mut self, port: PortId) {
        self.tabs.remove(&port);
    }

    /// Chooses anew, and gives the roles that have changed. While a call rings, sound and notices stay with the tab
    /// that has them: a ring that jumps with every change of tabs would be worse than one from another tab.
    pub(crate) fn choose(&mut self, ringing: bool) -> Vec<(PortId, TabRole)> {
        let primary = self.best(|_| true);
        self.ringer = self.keep(self.ringer, ringing, |tab| tab.sound);
        self.notifier = self.keep(self.notifier, ringing, |tab| tab.notices);
        let (ringer, notifier) = (self.ringer, self.notifier);
        let mut changed = Vec::new();
        for (port, tab) in &mut self.tabs {
            let this = Some(*port);
            let sound = match ringer {
                None => SoundRole::Blocked,
                ringer if ringer == this => SoundRole::Here,
                Some(_) => SoundRole::Elsewhere,
            };
            let role = TabRole { primary: primary == this, sound, notices: notifier == this };
            if tab.told.replace(role) != Some(role) {
                changed.push((*port, role));
            }
        }
        // Who loses a role hears of it first: two rings at once would be heard.
        changed.sort_by_key(|(_, role)| (role.primary, role.sound == SoundRole::Here, role.notices));
        changed
    }

    fn keep(&self, holder: Option<PortId>, ringing: bool, may: fn(&Member) -> bool) -> Option<PortId> {
        let holder = holder.filter(|port| ringing && self.tabs.get(port).is_some_and(may));
        holder.or_else(|| self.best(may))
    }

    /// The one that was used last, else the one that was there first.
    fn best(&self, may: fn(&Member) -> bool) -> Option<PortId> {
        let able = self.tabs.iter().filter(|(_, tab)| may(tab));
        able.max_by_key(|(port, tab)| (tab.used, Reverse(**port))).map(|(port, _)| *port)
    }
}
