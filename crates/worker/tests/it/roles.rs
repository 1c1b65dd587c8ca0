//! Which tab is the operator's, which rings, which shows notifications.

use protocol::wire::event::Event;
use protocol::wire::port::{Init, SoundRole, TabMessage, TabReport, TabRole, WorkerMessage};
use worker::connection::StreamId;
use worker::hub::{Effect, HubInput, MAX_PENDING, PortId, PostId};

use crate::backend::{Backend, incoming};
use crate::bench::Bench;

const IDLE: TabReport = TabReport { used: false, sound: false, notices: false };
const USED: TabReport = TabReport { used: true, ..IDLE };

fn join(bench: &mut Bench, tab: u32, report: TabReport) {
    say(bench, tab, TabMessage::Init(Init { tab: Some(report), ..Init::plain() }));
}

fn say(bench: &mut Bench, tab: u32, message: TabMessage) {
    bench.input(HubInput::PortMessage { port: PortId(tab), message: Ok(message), transferred: None });
}

/// The role that this tab was told last.
fn role(bench: &Bench, tab: u32) -> TabRole {
    let told = bench.told(tab).into_iter().rev().find_map(|message| match message {
        WorkerMessage::TabRole(role) => Some(role),
        _ => None,
    });
    told.expect("the tab was told its role")
}

fn primaries(bench: &Bench, tabs: &[u32]) -> Vec<u32> {
    tabs.iter().copied().filter(|tab| role(bench, *tab).primary).collect()
}

fn ring(bench: &mut Bench, backend: &mut Backend, call: u32) {
    let (id, event) = backend.tell(incoming(call));
    bench.event(StreamId(1), Some(id), event);
}

#[test]
fn exactly_one_tab_is_primary_the_one_that_was_used_last() {
    let mut bench = Bench::connected(&Backend::new(), &[]);
    join(&mut bench, 1, IDLE);
    join(&mut bench, 2, IDLE);
    assert_eq!(primaries(&bench, &[1, 2]), [1], "nobody was used: the first one");
    join(&mut bench, 3, USED);
    assert_eq!(primaries(&bench, &[1, 2, 3]), [3]);
    say(&mut bench, 2, TabMessage::Report(USED));
    assert_eq!(primaries(&bench, &[1, 2, 3]), [2]);
    say(&mut bench, 3, TabMessage::Report(IDLE));
    assert_eq!(primaries(&bench, &[1, 2, 3]), [2], "a report of other things is no use");
    bench.input(HubInput::PortGone(PortId(2)));
    assert_eq!(primaries(&bench, &[1, 3]), [3], "the one used before it");
}

#[test]
fn a_tab_of_the_plain_contract_is_told_nothing_more() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[1]);
    join(&mut bench, 2, USED);
    ring(&mut bench, &mut backend, 1);
    assert!(bench.told(1).iter().all(|message| !matches!(message, WorkerMessage::TabRole(_))));
    say(&mut bench, 1, TabMessage::Report(USED));
    assert!(matches!(bench.told(1).last(), Some(WorkerMessage::Error(_))));
    assert!(role(&bench, 2).primary);
}

#[test]
fn roles_come_before_the_state_they_belong_to() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[]);
    join(&mut bench, 1, TabReport { sound: true, ..IDLE });
    join(&mut bench, 2, TabReport { sound: true, ..USED });
    ring(&mut bench, &mut backend, 1);
    say(&mut bench, 1, TabMessage::Report(TabReport { sound: true, ..USED }));
    assert_eq!(role(&bench, 2).sound, SoundRole::Here, "the ring stays while it rings");
    assert_eq!(primaries(&bench, &[1, 2]), [1]);
    bench.effects.clear();
    let (id, event) = backend.tell(Event::CallEnded(protocol::wire::event::CallEnded {
        call_id: crate::backend::call(1),
        duration: 0,
        reason: protocol::EndReason::Missed,
    }));
    bench.event(StreamId(1), Some(id), event);
    let told = bench.told(1);
    assert!(matches!(told[..], [WorkerMessage::TabRole(_), WorkerMessage::SyncState(_), WorkerMessage::SseEvent(_)]));
    assert_eq!(role(&bench, 1).sound, SoundRole::Here, "after the call it goes to the tab in use");
}

#[test]
fn one_tab_that_may_play_rings_and_another_takes_over_when_it_goes() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[]);
    for tab in [1, 2, 3] {
        join(&mut bench, tab, USED);
    }
    ring(&mut bench, &mut backend, 1);
    assert!([1, 2, 3].iter().all(|tab| role(&bench, *tab).sound == SoundRole::Blocked));
    let sound = TabReport { sound: true, ..IDLE };
    say(&mut bench, 1, TabMessage::Report(sound));
    assert_eq!(
        [1, 2, 3].map(|tab| role(&bench, tab).sound),
        [SoundRole::Here, SoundRole::Elsewhere, SoundRole::Elsewhere]
    );
    say(&mut bench, 3, TabMessage::Report(sound));
    assert_eq!(role(&bench, 3).sound, SoundRole::Elsewhere);
    say(&mut bench, 1, TabMessage::Gone);
    assert!(bench.effects.contains(&Effect::ClosePort(PortId(1))));
    assert_eq!([2, 3].map(|tab| role(&bench, tab).sound), [SoundRole::Elsewhere, SoundRole::Here]);
    say(&mut bench, 3, TabMessage::Report(IDLE));
    assert_eq!([2, 3].map(|tab| role(&bench, tab).sound), [SoundRole::Blocked; 2]);
}

#[test]
fn who_stops_ringing_is_told_before_who_begins() {
    let mut bench = Bench::connected(&Backend::new(), &[]);
    let both = TabReport { used: true, sound: true, notices: true };
    join(&mut bench, 1, both);
    join(&mut bench, 2, both);
    bench.effects.clear();
    say(&mut bench, 1, TabMessage::Report(both));
    let order = bench.effects.iter().filter_map(|effect| match effect {
        Effect::Send { to, message: WorkerMessage::TabRole(role) } => Some((to[0].0, role.notices)),
        _ => None,
    });
    assert_eq!(order.collect::<Vec<_>>(), [(2, false), (1, true)]);
}

#[test]
fn a_flood_of_commands_is_refused_and_the_first_ones_are_carried_out() {
    let mut bench = Bench::connected(&Backend::new(), &[1, 2]);
    let dial = || protocol::wire::command::Command::Dial(protocol::wire::rest::Dial { phone: "123".parse().unwrap() });
    for _ in 0..1000 {
        bench.command(1, dial(), Default::default());
    }
    assert_eq!(bench.posts().len(), MAX_PENDING);
    let refused = bench.told(1);
    assert_eq!(refused.len(), 1000 - MAX_PENDING);
    assert!(matches!(refused.last(), Some(WorkerMessage::Error(error)) if error.error == "too_many_requests"));
    bench.command(2, dial(), Default::default());
    bench.settle(PostId(1), Ok(None));
    bench.command(1, dial(), Default::default());
    assert_eq!(bench.posts().len(), MAX_PENDING + 2, "the other tab, and the place that became free");
}
