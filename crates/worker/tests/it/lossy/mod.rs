//! Commands of several tabs over a wire that loses requests and answers, repeats and delays them; with backends that are
//! killed and workers that die, in virtual time. The memory of keys is the real backend's.
//!
//! After every step: no command was carried out twice; each has one answer at most; no success without an effect, and no
//! effect with an error, but for the error that says that nobody knows. In the end each has its answer.

mod service;
mod steps;
mod tab;

use proptest::prelude::*;
use proptest::sample::Index;
use protocol::wire::command::{Command, MaybeCall, Switch};
use protocol::wire::event::Event;
use protocol::wire::rest::{COMMAND_MS, Dial, SetStatus};
use protocol::{CallId, CallState, ConnectionStatus};
use worker::hub::{Effect, HubInput, PortId};

use crate::backend::{call, connected, ended, incoming};
use crate::pair::{self, holds};
use service::{Answer, Ask, Service};
use steps::{LONGEST_WAIT, Party, Step, Wanted, a_step};
use tab::{Given, Tab};

/// How long a request may be on its way, in milliseconds: what takes longer is lost. The backend reckons with as much.
const SLOWEST: u64 = 4_000;
const TABS: u32 = 3;

struct World {
    pair: pair::World,
    /// Which worker lives.
    life: u32,
    service: Service,
    tabs: Vec<Tab>,
    /// Commands of tabs that are gone.
    orphans: Vec<Given>,
    ports: u32,
    given: u32,
    asks: Vec<Ask>,
    answers: Vec<(Ask, Answer)>,
    /// Effects of the hub that were seen to.
    done: usize,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            pair: pair::World::new(),
            life: 1,
            service: Service::new(),
            tabs: (1..=TABS).map(Tab::new).collect(),
            orphans: Vec::new(),
            ports: TABS,
            given: 0,
            asks: Vec::new(),
            answers: Vec::new(),
            done: 0,
        };
        (2..=TABS).for_each(|tab| world.pair.bench.init(tab));
        world.obey();
        world
    }

    fn now(&self) -> u64 {
        self.pair.bench.now
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Give { tab, wanted, of } => self.give(tab.index(self.tabs.len()), wanted, of),
            Step::Arrive { which, slow, repeated } => {
                if let Some(ask) = take(&mut self.asks, which) {
                    self.asks.extend(repeated.then(|| ask.clone()));
                    self.arrive(ask, slow);
                }
            }
            Step::Finish(which) => {
                if self.service.running() > 0 {
                    self.finish(which.index(self.service.running()));
                }
            }
            Step::LoseRequest { which, heard } => {
                let lost = take(&mut self.asks, which);
                lost.into_iter().filter(|_| heard).for_each(|ask| self.lose(&ask));
            }
            Step::Answer(which) => {
                let answer = take(&mut self.answers, which);
                answer.into_iter().for_each(|(ask, answer)| self.answer(&ask, answer));
            }
            Step::LoseAnswer { which, heard } => {
                let lost = take(&mut self.answers, which);
                lost.into_iter().filter(|_| heard).for_each(|(ask, _)| self.lose(&ask));
            }
            Step::Party(party, of) => self.party(party, of),
            Step::Stream(step) => self.pair.step(step),
            Step::Restart { heard } => self.restart(heard),
            Step::WorkerDies => self.worker_dies(),
            Step::Reload(tab) => self.reload(tab.index(self.tabs.len())),
            Step::Wait(None) => self.pair.bench.next_tick(),
            Step::Wait(Some(ms)) => {
                self.pair.bench.now += ms;
                self.pair.bench.input(HubInput::Tick);
            }
        }
        self.obey();
        let (now, slowest) = (self.now(), SLOWEST);
        self.asks.retain(|ask| now - ask.sent_at <= slowest);
        holds(&self.pair.bench.hub.state());
        self.keeps_its_promises();
    }

    /// Sees to what the hub wants, and looks at what it says.
    fn obey(&mut self) {
        let now = self.now();
        loop {
            self.pair.obey();
            let Some(effect) = self.pair.bench.effects.get(self.done).cloned() else { return };
            self.done += 1;
            match effect {
                Effect::Post { post, request, attempt: Some(attempt) } => {
                    let (worker, sent_at) = (self.life, self.now());
                    self.asks.push(Ask { worker, post, key: attempt.key, attempt: attempt.number, request, sent_at });
                }
                // What was sent may arrive all the same; its answer is heard by nobody.
                Effect::Abort(post) => self.answers.retain(|(ask, _)| (ask.worker, ask.post) != (self.life, post)),
                Effect::Send { to, message } => {
                    for tab in self.tabs.iter_mut().filter(|tab| to.contains(&PortId(tab.port))) {
                        let Some(given) = tab.told(&message) else { continue };
                        let effects = self.service.effects.get(&given.key()).copied().unwrap_or(0);
                        assert!(given.end != Some(None) || effects == 1, "accepted, and not done: {given:?}");
                        assert!(now - given.at <= COMMAND_MS + LONGEST_WAIT, "too late, at {now}: {given:?}");
                    }
                }
                _ => {}
            }
        }
    }

    fn keeps_its_promises(&self) {
        let twice = self.service.effects.iter().find(|(_, count)| **count > 1);
        assert_eq!(twice, None, "carried out more than once");
        for given in self.tabs.iter().flat_map(|tab| &tab.given) {
            let done = self.service.effects.contains_key(&given.key());
            if let Some(Some(error)) = &given.end {
                assert!(!done || error == "outcome_unknown", "an error, and done: {given:?}");
            }
        }
    }

    fn give(&mut self, tab: usize, wanted: Wanted, of: Index) {
        let of = self.some_call(of).unwrap_or_else(|| call(9_999));
        let command = match wanted {
            Wanted::Dial => Command::Dial(Dial { phone: "100".parse().unwrap() }),
            Wanted::Answer => Command::Answer(MaybeCall { call_id: Some(of) }),
            Wanted::Hangup => Command::Hangup(MaybeCall { call_id: Some(of) }),
            Wanted::Mute(on) => Command::Mute(Switch { call_id: of, on }),
            Wanted::Status(status) => Command::Status(SetStatus { status }),
        };
        self.given += 1;
        let given = Given { id: self.given, command: command.clone(), at: self.now(), end: None };
        let tag = given.tag(None);
        self.tabs[tab].given.push(given);
        self.pair.bench.command(self.tabs[tab].port, command, tag);
    }

    fn some_call(&self, which: Index) -> Option<CallId> {
        let calls = self.pair.backend.book.calls();
        (!calls.is_empty()).then(|| which.get(calls).id.clone())
    }

    fn arrive(&mut self, ask: Ask, slow: bool) {
        let now = self.now();
        let (answers, events) = self.service.arrive(ask, slow, &mut self.pair.backend, now);
        self.became(answers, events);
    }

    fn finish(&mut self, place: usize) {
        let now = self.now();
        let (answers, events) = self.service.finish(place, &mut self.pair.backend, now);
        self.became(answers, events);
    }

    fn became(&mut self, answers: Vec<(Ask, Answer)>, events: Vec<Event>) {
        self.answers.extend(answers);
        events.into_iter().for_each(|event| self.pair.step(pair::Step::Tell(event)));
    }

    fn answer(&mut self, ask: &Ask, answer: Answer) {
        if self.listens(ask) {
            self.pair.bench.settle(ask.post, answer);
        }
    }

    fn lose(&mut self, ask: &Ask) {
        if self.listens(ask) {
            self.pair.bench.lose(ask.post);
        }
    }

    /// The worker lives that sent it, and has not given it up.
    fn listens(&self, ask: &Ask) -> bool {
        ask.worker == self.life && !self.pair.bench.effects.contains(&Effect::Abort(ask.post))
    }

    fn party(&mut self, party: Party, of: Index) {
        let number = |id: CallId| id.as_str().trim_start_matches("call-").parse::<u32>().unwrap();
        let of = self.some_call(of);
        let event = match (party, of) {
            (Party::Rings, _) => incoming(self.service.new_call()),
            (Party::HangsUp, Some(id)) => ended(number(id)),
            (Party::Answers, Some(id)) => match self.pair.backend.book.call(&id) {
                Some(call) if call.state == CallState::Dialing => connected(number(id)),
                _ => return,
            },
            _ => return,
        };
        self.pair.step(pair::Step::Tell(event));
    }

    fn restart(&mut self, heard: bool) {
        let now = self.now();
        let waiting = self.service.restart(now);
        self.pair.step(pair::Step::Restart);
        // The sockets of the old life are gone, and with them what was on its way.
        let answers = std::mem::take(&mut self.answers).into_iter().map(|(ask, _)| ask);
        let lost: Vec<Ask> = std::mem::take(&mut self.asks).into_iter().chain(answers).chain(waiting).collect();
        lost.iter().filter(|_| heard).for_each(|ask| self.lose(ask));
    }

    fn worker_dies(&mut self) {
        self.life += 1;
        self.done = 0;
        self.pair.replace_worker(u64::from(self.life));
        let now = self.now();
        for tab in &self.tabs {
            self.pair.bench.init(tab.port);
            for given in tab.given.iter().filter(|given| given.end.is_none()) {
                self.pair.bench.command(tab.port, given.command.clone(), given.tag(Some(now - given.at)));
            }
        }
    }

    fn reload(&mut self, tab: usize) {
        self.ports += 1;
        let old = std::mem::replace(&mut self.tabs[tab], Tab::new(self.ports));
        self.orphans.extend(old.given);
        self.pair.bench.input(HubInput::PortGone(PortId(old.port)));
        self.pair.bench.init(self.ports);
    }

    fn waits(&self) -> bool {
        self.tabs.iter().flat_map(|tab| &tab.given).any(|given| given.end.is_none())
    }

    /// Nothing is lost any more.
    fn settle(&mut self) {
        let began = self.now();
        // What was dropped on a living stream shows at the next event at the latest.
        let rings = incoming(self.service.new_call());
        self.pair.step(pair::Step::Tell(rings));
        while self.waits() || !self.asks.is_empty() || !self.answers.is_empty() || !self.pair.is_idle() {
            if let Some(ask) = self.asks.pop() {
                self.arrive(ask, false);
            } else if let Some((ask, answer)) = self.answers.pop() {
                self.answer(&ask, answer);
            } else if self.service.running() > 0 {
                self.finish(0);
            } else if !self.pair.is_idle() {
                self.pair.go_on();
            } else {
                self.pair.bench.next_tick();
            }
            self.obey();
            self.keeps_its_promises();
            // A command's time, and that of a wire that has to be found dead first.
            assert!(self.now() - began <= COMMAND_MS + 60_000, "something waits for ever");
        }
    }
}

fn take<T>(from: &mut Vec<T>, which: Index) -> Option<T> {
    (!from.is_empty()).then(|| from.remove(which.index(from.len())))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn each_command_is_done_once_at_most_and_answered_once(steps in prop::collection::vec(a_step(), 0..150)) {
        let mut world = World::new();
        // Else most commands would be refused for want of a connection.
        while !world.pair.is_idle() {
            world.pair.go_on();
        }
        world.obey();
        for step in steps {
            world.step(step);
        }
        world.settle();
        let backend = &world.pair.backend;
        let truth = backend.book.to_state(ConnectionStatus::Connected, backend.last_id().seq);
        for tab in &world.tabs {
            prop_assert_eq!(tab.shown.as_ref(), Some(&truth), "the tab shows what the backend has");
        }
    }
}
