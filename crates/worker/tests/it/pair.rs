//! Hub, tabs and backend in one memory, with a wire that drops, repeats, delays and falls silent, in virtual time.
//! After every step what the tabs show must be true of a state that the backend had, and in the end of the one it has.

use std::collections::VecDeque;

use proptest::prelude::*;
use protocol::wire::event::Event;
use protocol::wire::port::WorkerMessage;
use protocol::{CallState, ConnectionStatus, EventId, GlobalState, OperatorStatus, PhoneStatus};
use worker::connection::{StreamId, StreamOrder};
use worker::hub::{Effect, HubInput};

use crate::backend::{Backend, call, connected, dialing, ended, incoming, phone, status, updated};
use crate::bench::Bench;

#[derive(Clone, Debug)]
pub enum Step {
    /// The backend has news.
    Tell(Event),
    /// One event of those under way arrives.
    Deliver,
    /// The next event under way is lost on a wire that stays up.
    Drop,
    /// The next event under way arrives twice.
    Repeat,
    /// The next two events under way change places.
    Swap,
    /// The wire breaks; what was under way is lost.
    Break,
    /// The backend is killed and started again.
    Restart,
    /// Time passes to the hub's next tick.
    Wait,
    /// The machine has slept, or its network has changed.
    Wake,
    /// A tab joins or reloads.
    Join(u32),
}

struct Wire {
    stream: StreamId,
    under_way: VecDeque<(Option<EventId>, Event)>,
    /// It ends with the first events.
    once: bool,
}

pub struct World {
    pub backend: Backend,
    pub bench: Bench,
    /// The stream that the backend believes open, and what is under way on it.
    wire: Option<Wire>,
    orders_done: usize,
    up: bool,
}

impl World {
    pub fn new() -> Self {
        let mut world = Self { backend: Backend::new(), bench: Bench::new(), wire: None, orders_done: 0, up: true };
        world.bench.init(1);
        world.obey();
        world
    }

    /// Does what the hub asked of the network.
    pub fn obey(&mut self) {
        while let Some(effect) = self.bench.effects.get(self.orders_done).cloned() {
            self.orders_done += 1;
            match effect {
                Effect::Stream(StreamOrder::Close(stream)) => {
                    self.wire = self.wire.take().filter(|wire| wire.stream != stream);
                }
                Effect::Stream(StreamOrder::Open { stream, after, once }) => {
                    assert!(self.wire.is_none(), "a second stream while one is open");
                    if self.up {
                        let backlog = self.backend.backlog(after.as_ref()).into_iter();
                        let mut under_way: VecDeque<_> = backlog.map(|(id, event)| (Some(id), event)).collect();
                        if !once {
                            under_way.push_back((None, Event::Heartbeat {}));
                        }
                        self.wire = Some(Wire { stream, under_way, once });
                        self.bench.input(HubInput::StreamOpened(stream));
                    } else {
                        self.bench.input(HubInput::StreamLost(stream));
                    }
                }
                _ => {}
            }
        }
    }

    pub fn step(&mut self, step: Step) {
        match step {
            Step::Tell(event) => {
                let (id, event) = self.backend.tell(event);
                if let Some(Wire { under_way, .. }) = &mut self.wire {
                    under_way.push_back((Some(id), event));
                }
            }
            Step::Deliver => self.deliver(1),
            Step::Repeat => self.deliver(2),
            Step::Drop => {
                if let Some(Wire { under_way, .. }) = &mut self.wire {
                    under_way.pop_front();
                }
            }
            Step::Swap => {
                if let Some(Wire { under_way, .. }) = &mut self.wire
                    && under_way.len() > 1
                {
                    under_way.swap(0, 1);
                }
            }
            Step::Break => self.cut(),
            Step::Restart => {
                self.up = false;
                self.cut();
                self.backend.restart();
                self.up = true;
            }
            Step::Wait => self.bench.next_tick(),
            Step::Wake => self.bench.input(HubInput::Woke),
            Step::Join(tab) => self.bench.init(tab),
        }
        self.obey();
    }

    fn deliver(&mut self, times: usize) {
        let Some(Wire { stream, under_way, .. }) = &mut self.wire else { return };
        let (stream, Some((id, event))) = (*stream, under_way.pop_front()) else { return };
        for _ in 0..times {
            self.bench.event(stream, id.clone(), event.clone());
        }
        if self.wire.as_ref().is_some_and(|wire| wire.once && wire.under_way.is_empty()) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if let Some(Wire { stream, .. }) = self.wire.take() {
            self.bench.input(HubInput::StreamLost(stream));
        }
    }

    /// Lets everything arrive, with the network up.
    fn settle(&mut self) {
        // What was dropped on a living wire shows at the next event at the latest.
        self.step(Step::Tell(status(OperatorStatus::Dnd)));
        for _ in 0..200 {
            if self.is_idle() {
                return;
            }
            self.go_on();
        }
        panic!("the hub does not settle");
    }

    /// Whether everything has arrived.
    pub fn is_idle(&self) -> bool {
        let arrived = self.wire.as_ref().is_some_and(|wire| wire.under_way.is_empty());
        arrived && self.bench.hub.state().connection_status == ConnectionStatus::Connected
    }

    /// Lets the next thing arrive, or time pass where there is no wire.
    pub fn go_on(&mut self) {
        let comes = self.wire.as_ref().is_some_and(|wire| !wire.under_way.is_empty());
        self.step(if comes { Step::Deliver } else { Step::Wait });
    }

    /// The worker dies, and its stream with it; another begins.
    pub fn replace_worker(&mut self, seed: u64) {
        (self.wire, self.orders_done) = (None, 0);
        self.bench = Bench::begun(seed, self.bench.now);
    }
}

/// What no tab may ever see otherwise.
pub fn holds(state: &GlobalState) {
    let live = state.calls().filter(|call| call.is_live()).count();
    assert!(live <= 1, "{live} calls are talking and not held");
    for call in state.calls() {
        assert_eq!(call.state == CallState::Talking, call.start_time.is_some());
        assert!(!call.held || call.state == CallState::Talking);
    }
    assert!(state.active_call.is_some() || state.other_calls.is_empty());
}

fn an_event() -> impl Strategy<Value = Event> {
    let n = 1..5u32;
    prop_oneof![
        3 => n.clone().prop_map(incoming),
        2 => n.clone().prop_map(dialing),
        4 => n.clone().prop_map(connected),
        3 => (n.clone(), any::<bool>(), any::<bool>()).prop_map(|(n, muted, held)| updated(n, muted, held)),
        3 => n.prop_map(ended),
        1 => Just(status(OperatorStatus::Lunch)),
        1 => Just(phone(PhoneStatus::Unavailable)),
        1 => Just(Event::Unknown("agent_joined".to_owned())),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => an_event().prop_map(Step::Tell),
        10 => Just(Step::Deliver),
        2 => Just(Step::Drop),
        2 => Just(Step::Repeat),
        2 => Just(Step::Swap),
        2 => Just(Step::Break),
        1 => Just(Step::Restart),
        3 => Just(Step::Wait),
        1 => Just(Step::Wake),
        2 => (1..5u32).prop_map(Step::Join),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn tabs_never_see_an_impossible_state_and_end_with_the_backends(steps in prop::collection::vec(a_step(), 0..120)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
            holds(&world.bench.hub.state());
        }
        world.settle();
        let seq = world.backend.last_id().seq;
        let truth = world.backend.book.to_state(ConnectionStatus::Connected, seq);
        prop_assert_eq!(&world.bench.hub.state(), &truth);
        prop_assert_eq!(&world.bench.shown(1), &truth, "the tab shows what the hub holds");
    }

    #[test]
    fn no_event_is_told_twice_or_out_of_order(steps in prop::collection::vec(a_step(), 0..120)) {
        let mut world = World::new();
        for step in steps {
            // A restart begins a new count, and a join repeats the state by right.
            if !matches!(step, Step::Restart | Step::Join(_)) {
                world.step(step);
            }
        }
        let mut last = 0;
        for message in world.bench.told(1) {
            if let WorkerMessage::SyncState(state) = message {
                prop_assert!(state.seq >= last, "{} after {last}", state.seq);
                last = state.seq;
            }
        }
    }
}

#[test]
fn a_call_goes_its_way_over_a_wire_that_keeps_breaking() {
    let mut world = World::new();
    for event in [incoming(1), connected(1), updated(1, true, false), ended(1)] {
        world.step(Step::Tell(event));
        world.step(Step::Break);
        world.step(Step::Wait);
        world.step(Step::Deliver);
        world.step(Step::Deliver);
    }
    world.settle();
    assert!(world.bench.hub.state().calls().all(|c| c.id != call(1)));
}
