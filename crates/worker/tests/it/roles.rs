//! Which tab is the operator's, which rings, which shows notifications.

use protocol::wire::error::{ErrorBody, ErrorType};
use protocol::wire::event::Event;
use protocol::wire::port::{Init, SoundRole, TabMessage, TabReport, TabRole, WorkerMessage};
use protocol::wire::rest::{Body, TabsReport};
use worker::connection::StreamId;
use worker::hub::{Effect, HubInput, MAX_PENDING, PortId, PostId};

use crate::backend::{Backend, incoming};
use crate::bench::Bench;

const IDLE: TabReport = TabReport { used: false, used_ago: None, sound: false, notices: false, online: false };
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
    let both = TabReport { sound: true, notices: true, ..USED };
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
    assert_eq!(
        bench.posts().len(),
        MAX_PENDING + 1,
        "the other tab; a loop is slowed down, however fast it is answered"
    );
    bench.now += 100;
    bench.command(1, dial(), Default::default());
    assert_eq!(bench.posts().len(), MAX_PENDING + 2, "and the place that became free");
}

#[test]
fn a_tab_without_a_lock_that_does_not_answer_is_passed_over_until_it_speaks() {
    let mut backend = Backend::new();
    let mut bench = Bench::connected(&backend, &[]);
    let able = TabReport { sound: true, notices: true, ..USED };
    let locked = Init { lock: Some("tab-1".to_owned()), tab: Some(able), ..Init::plain() };
    say(&mut bench, 1, TabMessage::Init(locked));
    join(&mut bench, 2, able);
    join(&mut bench, 3, able);
    bench.effects.clear();
    ring(&mut bench, &mut backend, 1);
    let asked = |bench: &Bench, tab| bench.told(tab).contains(&WorkerMessage::TabPing {});
    assert_eq!([1, 2, 3].map(|tab| asked(&bench, tab)), [false, true, true], "a lock says it better");
    say(&mut bench, 2, TabMessage::Report(TabReport { used: false, ..able }));
    bench.next_tick();
    assert_eq!(role(&bench, 2), TabRole::ALL, "the one used before the one that is silent");
    assert_eq!(role(&bench, 3).sound, SoundRole::Elsewhere);
    say(&mut bench, 3, TabMessage::Report(TabReport { used: false, ..able }));
    assert_eq!((role(&bench, 3).primary, role(&bench, 3).sound), (true, SoundRole::Elsewhere), "it is back");
}

fn part(bench: &mut Bench, primary: bool, sound: SoundRole) {
    bench.event(StreamId(1), None, Event::TabRole(TabRole { primary, sound, notices: primary }));
}

fn reports(bench: &Bench) -> Vec<TabsReport> {
    let bodies = bench.posts().into_iter().map(|(_, request)| request.body);
    bodies.filter_map(|body| if let Body::Tabs(report) = body { Some(report) } else { None }).collect()
}

#[test]
fn beside_a_worker_of_another_site_the_backend_chooses() {
    let mut bench = Bench::connected(&Backend::new(), &[]);
    join(&mut bench, 1, USED);
    join(&mut bench, 2, TabReport { sound: true, ..IDLE });
    assert!(reports(&bench).is_empty(), "alone there is nothing to report");
    bench.now += 500;
    part(&mut bench, false, SoundRole::Elsewhere);
    let report = TabsReport { worker: bench.hub.name().to_owned(), used_ago: Some(500), sound: true, notices: false };
    assert_eq!(reports(&bench), std::slice::from_ref(&report));
    assert!([1, 2].iter().all(|tab| !role(&bench, *tab).primary && role(&bench, *tab).sound == SoundRole::Elsewhere));
    bench.effects.clear();
    say(&mut bench, 1, TabMessage::Report(USED));
    assert_eq!(reports(&bench), [TabsReport { used_ago: Some(0), ..report }], "now it is this site that is used");
    part(&mut bench, true, SoundRole::Here);
    assert_eq!((role(&bench, 1).primary, role(&bench, 2).sound), (true, SoundRole::Here));
    bench.effects.clear();
    say(&mut bench, 2, TabMessage::Report(TabReport { sound: true, ..USED }));
    assert!(reports(&bench).is_empty(), "what the backend knows already");
    part(&mut bench, false, SoundRole::Elsewhere);
    bench.effects.clear();
    bench.input(HubInput::StreamLost(StreamId(1)));
    bench.next_tick();
    let stream = bench.opened_stream().0;
    bench.input(HubInput::StreamOpened(stream));
    assert!(bench.told(2).iter().all(|told| !matches!(told, WorkerMessage::TabRole(_))), "a lost wire changes nothing");
    bench.event(stream, None, Event::TabRole(TabRole { primary: false, ..TabRole::ALL }));
    assert_eq!(reports(&bench).len(), 1, "it may be another backend, which knows nothing yet");
    bench.input(HubInput::StreamLost(stream));
    bench.next_tick();
    let stream = bench.opened_stream().0;
    bench.input(HubInput::StreamOpened(stream));
    bench.event(stream, None, Event::Heartbeat {});
    assert!(role(&bench, 2).primary, "told of no choice, it is alone");
}

#[test]
fn a_new_worker_believes_its_tabs_about_what_it_could_not_see() {
    let mut bench = Bench::connected(&Backend::new(), &[]);
    for (tab, ago) in [(1, 9_000), (2, 2_000), (3, 70_000)] {
        join(&mut bench, tab, TabReport { used_ago: Some(ago), ..IDLE });
    }
    assert_eq!(primaries(&bench, &[1, 2, 3]), [2]);
}

#[test]
fn the_end_of_the_last_tab_and_a_report_that_was_lost_are_told_again() {
    let mut bench = Bench::connected(&Backend::new(), &[]);
    join(&mut bench, 1, TabReport { sound: true, ..USED });
    part(&mut bench, true, SoundRole::Here);
    let post = bench.posts()[0].0;
    bench.settle(post, Err(ErrorBody::new(ErrorType::NotConnected, "lost")));
    assert_eq!(reports(&bench).len(), 1);
    bench.event(StreamId(1), None, Event::Heartbeat {});
    assert_eq!(reports(&bench).len(), 2, "with the next heartbeat, not at once and for ever");
    bench.input(HubInput::PortGone(PortId(1)));
    let last = reports(&bench).pop().unwrap();
    assert_eq!((last.used_ago, last.sound, last.notices), (None, false, false));
}
