//! The choice among tabs, or among workers: generated comings, goings and reports against a slow and obvious model.

use std::collections::BTreeMap;

use proptest::prelude::*;
use protocol::roles::Roles;
use protocol::wire::port::{SoundRole, TabRole};

#[derive(Clone, Debug)]
enum Step {
    Reported {
        key: u8,
        used: Option<u64>,
        sound: bool,
        notices: bool,
    },
    Silent(u8, bool),
    Gone(u8),
    /// The part of all of them changes.
    All(TabRole),
    /// A call begins or ceases to ring.
    Ringing(bool),
}

#[derive(Clone, Debug, Default)]
struct Member {
    used: Option<u64>,
    sound: bool,
    notices: bool,
    silent: bool,
}

#[derive(Default)]
struct World {
    roles: Roles<u8>,
    members: BTreeMap<u8, Member>,
    told: BTreeMap<u8, TabRole>,
    ringer: Option<u8>,
    notifier: Option<u8>,
}

impl World {
    fn step(&mut self, step: &Step) {
        match *step {
            Step::Reported { key, used, sound, notices } => {
                self.roles.reported(key, used, sound, notices);
                let before = self.members.get(&key).and_then(|member| member.used);
                self.members.insert(key, Member { used: before.max(used), sound, notices, silent: false });
            }
            Step::Silent(key, silent) => {
                self.roles.is_silent(key, silent);
                if let Some(member) = self.members.get_mut(&key) {
                    member.silent = silent;
                }
            }
            Step::Gone(key) => {
                self.roles.gone(key);
                self.members.remove(&key);
                self.told.remove(&key);
            }
            Step::All(_) | Step::Ringing(_) => {}
        }
    }

    fn choose(&mut self, ringing: bool, all: TabRole) {
        let changed = self.roles.choose(ringing, all);
        let gains = |role: &TabRole| role.primary || role.sound == SoundRole::Here || role.notices;
        let first_gain = changed.iter().position(|(_, role)| gains(role)).unwrap_or(changed.len());
        assert!(
            changed[first_gain..].iter().all(|(_, role)| gains(role)),
            "who loses all hears of it first: {changed:?}"
        );
        for (key, role) in changed {
            assert_ne!(self.told.insert(key, role), Some(role), "{key} is told again");
        }
        assert!(self.roles.choose(ringing, all).is_empty(), "choosing twice changes nothing");

        self.ringer = self.kept(self.ringer, ringing, |member| member.sound);
        self.notifier = self.kept(self.notifier, ringing, |member| member.notices);
        let primary = self.best(|_| true);
        for key in self.members.keys() {
            let this = Some(*key);
            let sound = match (all.sound, self.ringer) {
                (SoundRole::Here, None) => SoundRole::Blocked,
                (SoundRole::Here, ringer) if ringer != this => SoundRole::Elsewhere,
                (sound, _) => sound,
            };
            let notices = all.notices && self.notifier == this;
            let expected = TabRole { primary: all.primary && primary == this, sound, notices };
            assert_eq!(self.told.get(key), Some(&expected), "{key} of {:?}", self.members);
        }
        assert_eq!(self.told.len(), self.members.len());
    }

    /// While it rings, whoever has a role and still can play it keeps it.
    fn kept(&self, holder: Option<u8>, ringing: bool, may: fn(&Member) -> bool) -> Option<u8> {
        let still = |key: &u8| self.members.get(key).is_some_and(|member| !member.silent && may(member));
        holder.filter(|key| ringing && still(key)).or_else(|| self.best(may))
    }

    /// Used last; of those never used, or at the same time, the first.
    fn best(&self, may: fn(&Member) -> bool) -> Option<u8> {
        let mut best: Option<(u8, Option<u64>)> = None;
        for (key, member) in self.members.iter().filter(|(_, member)| !member.silent && may(member)) {
            if best.is_none_or(|(_, used)| member.used > used) {
                best = Some((*key, member.used));
            }
        }
        best.map(|(key, _)| key)
    }
}

fn a_step() -> impl Strategy<Value = Step> {
    let key = 0..5u8;
    let sound = prop::sample::select(vec![SoundRole::Here, SoundRole::Elsewhere, SoundRole::Blocked]);
    let used = prop::option::of(0..20u64);
    prop_oneof![
        6 => (key.clone(), used, any::<bool>(), any::<bool>())
            .prop_map(|(key, used, sound, notices)| Step::Reported { key, used, sound, notices }),
        2 => (key.clone(), any::<bool>()).prop_map(|(key, silent)| Step::Silent(key, silent)),
        2 => key.prop_map(Step::Gone),
        1 => Just(Step::All(TabRole::ALL)),
        1 => (any::<bool>(), sound, any::<bool>())
            .prop_map(|(primary, sound, notices)| Step::All(TabRole { primary, sound, notices })),
        2 => any::<bool>().prop_map(Step::Ringing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn each_role_has_one_holder_and_nobody_is_told_twice(steps in prop::collection::vec(a_step(), 0..60)) {
        let (mut world, mut ringing, mut all) = (World::default(), false, TabRole::ALL);
        for step in steps {
            world.step(&step);
            match step {
                Step::All(part) => all = part,
                Step::Ringing(rings) => ringing = rings,
                _ => {}
            }
            world.choose(ringing, all);
        }
    }
}
