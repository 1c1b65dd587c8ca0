//! What can happen to commands on their way, drawn at random.

use proptest::prelude::*;
use proptest::sample::Index;
use protocol::OperatorStatus;

use crate::pair;

/// How long time passes at once, at most, where the hub does not ask for less; in milliseconds.
pub const LONGEST_WAIT: u64 = 3_000;

#[derive(Clone, Debug)]
pub enum Step {
    /// An operator wants something.
    Give { tab: Index, wanted: Wanted, of: Index },
    /// A request arrives; a slow one is carried out later, a repeated one arrives again.
    Arrive { which: Index, slow: bool, repeated: bool },
    /// A slow one is carried out.
    Finish(Index),
    /// A request is lost; the worker hears of it, or hears nothing.
    LoseRequest { which: Index, heard: bool },
    /// An answer arrives.
    Answer(Index),
    /// An answer is lost.
    LoseAnswer { which: Index, heard: bool },
    /// The other party does something.
    Party(Party, Index),
    /// The stream of events does something.
    Stream(pair::Step),
    /// The backend is killed and started again; those who wait for it hear of it, or hear nothing.
    Restart { heard: bool },
    /// The worker dies, and the tabs make another.
    WorkerDies,
    /// A tab is reloaded.
    Reload(Index),
    /// So many milliseconds pass, or until the hub's next tick.
    Wait(Option<u64>),
}

#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    Dial,
    Answer,
    Hangup,
    Mute(bool),
    Status(OperatorStatus),
}

#[derive(Clone, Copy, Debug)]
pub enum Party {
    Rings,
    Answers,
    HangsUp,
}

pub fn a_step() -> impl Strategy<Value = Step> {
    let which = any::<Index>;
    let wanted = prop_oneof![
        4 => Just(Wanted::Dial),
        3 => Just(Wanted::Answer),
        3 => Just(Wanted::Hangup),
        2 => any::<bool>().prop_map(Wanted::Mute),
        2 => prop::sample::select(OperatorStatus::ALL.to_vec()).prop_map(Wanted::Status),
    ];
    let party = prop::sample::select(vec![Party::Rings, Party::Answers, Party::HangsUp]);
    let stream = prop_oneof![
        8 => Just(pair::Step::Deliver),
        1 => Just(pair::Step::Drop),
        1 => Just(pair::Step::Repeat),
        1 => Just(pair::Step::Swap),
        1 => Just(pair::Step::Break),
        1 => Just(pair::Step::Wake),
    ];
    prop_oneof![
        10 => (which(), wanted, which()).prop_map(|(tab, wanted, of)| Step::Give { tab, wanted, of }),
        8 => (which(), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(which, slow, repeated)| Step::Arrive { which, slow, repeated }),
        4 => which().prop_map(Step::Finish),
        2 => (which(), any::<bool>()).prop_map(|(which, heard)| Step::LoseRequest { which, heard }),
        6 => which().prop_map(Step::Answer),
        3 => (which(), any::<bool>()).prop_map(|(which, heard)| Step::LoseAnswer { which, heard }),
        4 => (party, which()).prop_map(|(party, of)| Step::Party(party, of)),
        10 => stream.prop_map(Step::Stream),
        1 => any::<bool>().prop_map(|heard| Step::Restart { heard }),
        1 => Just(Step::WorkerDies),
        1 => which().prop_map(Step::Reload),
        4 => Just(Step::Wait(None)),
        3 => (1..LONGEST_WAIT).prop_map(|ms| Step::Wait(Some(ms))),
    ]
}
