//! Who of many does what only one may do: be the operator's place of work, ring, show notifications. The worker chooses so
//! among its tabs, and the backend among the workers of a browser, of which there is one for each site.

use std::cmp::Reverse;

use litemap::LiteMap;

use crate::order::sort_by_rank;
use crate::wire::port::{SoundRole, TabRole};

/// Those who take part, by their keys, and what they are chosen for. A smaller key was there earlier.
#[derive(Debug)]
pub struct Roles<K> {
    members: LiteMap<K, Member>,
    ringer: Option<K>,
    notifier: Option<K>,
}

#[derive(Debug, Default)]
struct Member {
    /// When it was used last, on whatever scale the caller counts.
    used: Option<u64>,
    sound: bool,
    notices: bool,
    /// It did not answer when it was asked: chosen for nothing until it says something.
    silent: bool,
    /// What it was told last.
    told: Option<TabRole>,
}

impl<K> Default for Roles<K> {
    fn default() -> Self {
        Self { members: LiteMap::new(), ringer: None, notifier: None }
    }
}

impl<K: Copy + Ord> Roles<K> {
    /// Somebody joins, or reports again: `used` says when they were used last, `None` that there is nothing new about that.
    pub fn reported(&mut self, key: K, used: Option<u64>, sound: bool, notices: bool) {
        let member = self.members.entry(key).or_default();
        (member.sound, member.notices, member.silent) = (sound, notices, false);
        member.used = member.used.max(used);
    }

    /// Whether they take part.
    pub fn has(&self, key: K) -> bool {
        self.members.contains_key(&key)
    }

    /// What they were told last.
    pub fn told(&self, key: K) -> Option<TabRole> {
        self.members.get(&key).and_then(|member| member.told)
    }

    /// Whether nobody takes part.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// They did not answer. What they report or do next brings them back.
    pub fn is_silent(&mut self, key: K, silent: bool) {
        if let Some(member) = self.members.get_mut(&key) {
            member.silent = silent;
        }
    }

    /// They are gone.
    pub fn gone(&mut self, key: K) {
        self.members.remove(&key);
    }

    /// Whether anybody may play sound, and whether anybody may show notifications.
    pub fn abilities(&self) -> (bool, bool) {
        let any = |may: fn(&Member) -> bool| self.members.values().any(|member| !member.silent && may(member));
        (any(|member| member.sound), any(|member| member.notices))
    }

    /// Chooses anew within the part that `all` of them together have, and gives the roles that have changed. While a call
    /// rings, sound and notices stay where they are: a ring that jumps with every change of tabs would be worse than one
    /// from another tab.
    pub fn choose(&mut self, ringing: bool, all: TabRole) -> Vec<(K, TabRole)> {
        let primary = self.best(|_| true);
        self.ringer = self.keep(self.ringer, ringing, |member| member.sound);
        self.notifier = self.keep(self.notifier, ringing, |member| member.notices);
        let (ringer, notifier) = (self.ringer, self.notifier);
        let mut changed = Vec::new();
        for (key, member) in self.members.iter_mut() {
            let this = Some(*key);
            let sound = match (all.sound, ringer) {
                (SoundRole::Here, ringer) if ringer == this => SoundRole::Here,
                (SoundRole::Here, None) => SoundRole::Blocked,
                (SoundRole::Here, Some(_)) => SoundRole::Elsewhere,
                (elsewhere, _) => elsewhere,
            };
            let role =
                TabRole { primary: all.primary && primary == this, sound, notices: all.notices && notifier == this };
            if member.told.replace(role) != Some(role) {
                changed.push((*key, role));
            }
        }
        // Who loses a role hears of it first: two rings at once would be heard.
        sort_by_rank(&mut changed, |(_, role): &(K, TabRole)| {
            u8::from(role.primary) << 2 | u8::from(role.sound == SoundRole::Here) << 1 | u8::from(role.notices)
        });
        changed
    }

    fn keep(&self, holder: Option<K>, ringing: bool, may: fn(&Member) -> bool) -> Option<K> {
        let able = |key: &K| self.members.get(key).is_some_and(|member| !member.silent && may(member));
        holder.filter(|key| ringing && able(key)).or_else(|| self.best(may))
    }

    /// The one that was used last, else the one that was there first.
    fn best(&self, may: fn(&Member) -> bool) -> Option<K> {
        let able = self.members.iter().filter(|(_, member)| !member.silent && may(member));
        able.max_by_key(|(key, member)| (member.used, Reverse(**key))).map(|(key, _)| *key)
    }
}
