//! Generated histories of a desk: commands, an engine that refuses, hesitates, speaks out of turn and is lost, and time that
//! passes. After every step what the journal told must be possible, and lead to exactly what the snapshot shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use backend::desk::{Desk, HANGUP_CONFIRM};
use backend::engine::{Action, EngineError, EngineEvent};
use backend::error::Error;
use backend::journal::Next;
use proptest::prelude::*;
use protocol::wire::event::{Event, Snapshot};
use protocol::wire::rest::TransferTarget;
use protocol::{Book, Call, CallId, CallState, Capability, EndReason, EventId, OperatorStatus, PhoneStatus};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, yield_now};

use crate::support::{Backend, FakeEngine, calls};

/// One of the calls there were, or one that nobody knows.
type Which = prop::sample::Index;

#[derive(Clone, Debug)]
enum Step {
    /// The engine speaks of a call of its own, new or not.
    Rings(u8),
    /// The engine speaks of a call that there was.
    Says(Said, Which),
    /// The softphone comes or goes.
    Phone(PhoneStatus),
    /// The operator wants something.
    Command(Wanted, Which, Which),
    /// From now on the engine takes actions, or does not.
    Answers(Result<(), EngineError>),
    /// An action that the engine has held up goes on.
    GoOn,
    /// So many seconds pass.
    Wait(u64),
}

#[derive(Clone, Copy, Debug)]
enum Said {
    Dialing,
    Connected,
    Updated(Option<bool>, Option<bool>),
    Ended(EndReason),
}

#[derive(Clone, Copy, Debug)]
enum Wanted {
    Dial,
    Answer,
    Hangup,
    Hold(bool),
    Mute(bool),
    Dtmf,
    Transfer,
    Attend,
    Status(OperatorStatus),
}

/// What the journal has told so far, followed from its beginning.
struct Follower {
    position: EventId,
    book: Book,
    begun: BTreeSet<CallId>,
    /// In the order of their ends, with their durations.
    ended: Vec<(CallId, u64)>,
}

impl Follower {
    fn new(desk: &Desk) -> Self {
        let position = desk.snapshot_record().id;
        Self { position, book: Book::from_snapshot(&desk.snapshot()), begun: BTreeSet::new(), ended: Vec::new() }
    }

    fn follow(&mut self, desk: &Desk) {
        let snapshot = loop {
            match desk.after(&self.position) {
                Next::UpToDate => {
                    // What waits for a disk, which has a thread of its own, may have come in between.
                    let record = desk.snapshot_record();
                    if record.id == self.position {
                        break serde_json::from_str::<Snapshot>(&record.data).unwrap();
                    }
                }
                Next::Lost => panic!("the journal has lost {:?}", self.position),
                Next::Event(record) => {
                    assert_eq!(record.id, EventId { seq: self.position.seq + 1, ..self.position.clone() });
                    self.position = record.id.clone();
                    let data = serde_json::from_str::<serde_json::Value>(&record.data).unwrap();
                    self.takes(&Event::from_wire(&record.name, data).unwrap());
                }
            }
        };
        assert_eq!(self.book.to_snapshot("b1"), snapshot, "replay and snapshot differ");
    }

    fn takes(&mut self, event: &Event) {
        let before = self.book.clone();
        self.book.apply(event);
        assert_ne!(self.book, before, "{event:?} changes nothing");
        match event {
            Event::CallIncoming(_) | Event::CallDialing(_) => {
                let id = self.book.calls().iter().find(|call| before.call(&call.id).is_none()).unwrap().id.clone();
                assert!(self.begun.insert(id.clone()), "{id} begins again");
            }
            Event::CallEnded(ended) => self.ended.push((ended.call_id.clone(), ended.duration)),
            Event::PhoneChange(change) if change.status == PhoneStatus::Unavailable => {
                assert_eq!(self.book.calls(), [], "calls without a phone");
            }
            _ => {}
        }
        assert!(self.book.calls().iter().filter(|call| call.is_live()).count() <= 1, "two live calls after {event:?}");
    }
}

/// A desk, its engine, and all that was asked of them.
struct World {
    phone: Backend,
    engine: Arc<FakeEngine>,
    hesitant: bool,
    follower: Follower,
    /// Every call that was ever spoken of.
    known: Vec<CallId>,
    under_way: Vec<Order>,
    /// Actions that were looked at.
    seen: usize,
    /// What became of dials.
    dialled: BTreeMap<CallId, bool>,
    /// Calls whose hang-up was taken, and those that could not be ended.
    hung_up: BTreeSet<CallId>,
    spared: BTreeSet<CallId>,
}

struct Order {
    wanted: Wanted,
    call: CallId,
    done: JoinHandle<Result<Option<CallId>, Error>>,
}

impl World {
    async fn new(hesitant: bool) -> Self {
        let engine = FakeEngine::new(Capability::ALL);
        if hesitant {
            engine.hesitate();
        }
        let phone = Backend::fake(engine.clone());
        let follower = Follower::new(&phone.desk);
        let known = vec![CallId::new("nobody")];
        let (under_way, dialled) = (Vec::new(), BTreeMap::new());
        let (hung_up, spared) = (BTreeSet::new(), BTreeSet::new());
        Self { phone, engine, hesitant, follower, known, under_way, seen: 0, dialled, hung_up, spared }
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Rings(n) => {
                let call = CallId::new(format!("c{n}"));
                self.note(&call);
                self.tell(EngineEvent::Incoming { call, number: "100".to_owned(), display_name: None });
            }
            Step::Says(said, which) => {
                let call = which.get(&self.known).clone();
                self.tell(match said {
                    Said::Dialing => EngineEvent::Dialing { call, number: "200".to_owned() },
                    Said::Connected => EngineEvent::Connected(call),
                    Said::Updated(muted, held) => EngineEvent::Updated { call, muted, held },
                    Said::Ended(reason) => EngineEvent::Ended { call, reason },
                });
            }
            Step::Phone(status) => self.tell(EngineEvent::Phone(status)),
            Step::Command(wanted, which, other) => {
                let (call, other) = (which.get(&self.known).clone(), other.get(&self.known).clone());
                let done = tokio::spawn(carry_out(self.phone.desk.clone(), wanted, call.clone(), other));
                self.under_way.push(Order { wanted, call, done });
            }
            Step::Answers(answer) => self.engine.answers(answer),
            Step::GoOn => self.engine.go_on(),
            Step::Wait(seconds) => {
                self.phone.now.fetch_add(seconds, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
        }
        self.look().await;
    }

    fn tell(&self, event: EngineEvent) {
        // After the engine is lost nobody listens.
        let _ = self.phone.tell.send(event);
    }

    fn note(&mut self, call: &CallId) {
        if !self.known.contains(call) {
            self.known.push(call.clone());
        }
    }

    async fn look(&mut self) {
        let before = self.follower.book.clone();
        for _ in 0..8 {
            yield_now().await;
            self.follower.follow(&self.phone.desk);
            self.asked(&before);
        }
        let (done, under_way) =
            std::mem::take(&mut self.under_way).into_iter().partition(|order| order.done.is_finished());
        self.under_way = under_way;
        let done: Vec<Order> = done;
        for Order { wanted, call, done } in done {
            self.settled(wanted, call, done.await.unwrap());
        }
    }

    /// The engine is asked for nothing that makes no sense of the call as it was before the step, or is after it.
    fn asked(&mut self, before: &Book) {
        let asked = self.engine.asked();
        for action in &asked[self.seen..] {
            let was = |call: &CallId, state| {
                let is = |book: &Book| book.call(call).is_some_and(|call: &Call| call.state == state);
                is(before) || is(&self.follower.book)
            };
            let sense = match action {
                Action::Dial { call, .. } => {
                    self.note(call);
                    before.calls().is_empty() || self.follower.book.calls().is_empty()
                }
                Action::Answer(call) | Action::Reject(call) => was(call, CallState::Incoming),
                Action::Cancel(call) => was(call, CallState::Dialing),
                Action::Hangup(call)
                | Action::Hold { call, .. }
                | Action::Mute { call, .. }
                | Action::Dtmf { call, .. }
                | Action::Transfer { call, .. } => was(call, CallState::Talking),
            };
            assert!(sense, "{action:?} of {before:?}");
        }
        self.seen = asked.len();
    }

    fn settled(&mut self, wanted: Wanted, call: CallId, outcome: Result<Option<CallId>, Error>) {
        if let Err(error) = &outcome {
            assert!(!matches!(error, Error::Internal | Error::Validation(_)), "{wanted:?}: {error}");
        }
        match (wanted, outcome) {
            (Wanted::Dial, Ok(Some(call))) => {
                assert!(self.follower.begun.contains(&call), "a dial that succeeded has begun a call");
                self.dialled.insert(call, true);
            }
            (Wanted::Hangup, Ok(_) | Err(Error::TerminationFailed(_))) => drop(self.hung_up.insert(call)),
            (Wanted::Hangup, Err(Error::NotSupported)) => drop(self.spared.insert(call)),
            _ => {}
        }
    }

    /// Lets everything end, and then loses the engine.
    async fn settle(&mut self) {
        while !self.under_way.is_empty() {
            if self.hesitant {
                self.engine.go_on();
            }
            self.look().await;
        }
        self.step(Step::Wait(HANGUP_CONFIRM.as_secs() + 1)).await;
        let up: BTreeSet<CallId> = calls(&self.phone.desk.snapshot()).iter().map(|call| call.call_id.clone()).collect();
        let left: Vec<_> = up.intersection(&self.hung_up).filter(|call| !self.spared.contains(call)).collect();
        assert!(left.is_empty(), "{left:?} was hung up and is still there");

        self.phone.tell = mpsc::unbounded_channel().0;
        self.look().await;
        let state = self.phone.desk.snapshot();
        assert_eq!((state.phone_status, calls(&state).len()), (PhoneStatus::Unavailable, 0), "the engine is lost");
        self.remembered().await;
    }

    /// Each call that has ended is in the history once, and counted once.
    async fn remembered(&self) {
        let (past, more) = self.phone.desk.history().page(1000, None).unwrap();
        let past: Vec<_> = past.iter().rev().map(|call| (call.call_id.clone(), call.duration)).collect();
        assert!(
            !more && past == self.follower.ended,
            "the history has {past:?}, and these ended: {:?}",
            self.follower.ended
        );
        let ids: BTreeSet<_> = past.iter().map(|(id, _)| id.clone()).collect();
        assert_eq!((ids.len(), &ids), (past.len(), &self.follower.begun), "each call that began has ended, once");
        let metrics = self.phone.metrics().await;
        let counted = metrics.lines().filter(|line| line.starts_with("sip_phone_calls_total{"));
        let counted: usize = counted.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum();
        assert_eq!(counted, past.len());
    }
}

async fn carry_out(desk: Arc<Desk>, wanted: Wanted, call: CallId, other: CallId) -> Result<Option<CallId>, Error> {
    let nothing = |()| None;
    match wanted {
        Wanted::Dial => desk.dial("200".parse().unwrap()).await.map(Some),
        Wanted::Answer => desk.answer(call).await.map(nothing),
        Wanted::Hangup => desk.hangup(call).await.map(nothing),
        Wanted::Hold(on) => desk.hold(call, on).await.map(nothing),
        Wanted::Mute(on) => desk.mute(call, on).await.map(nothing),
        Wanted::Dtmf => desk.dtmf(call, "1".parse().unwrap()).await.map(nothing),
        Wanted::Transfer => desk.transfer(call, TransferTarget::Phone("300".parse().unwrap())).await.map(nothing),
        Wanted::Attend => desk.transfer(call, TransferTarget::Call(other)).await.map(nothing),
        Wanted::Status(status) => desk.set_operator_status(status).await.map(nothing),
    }
}

fn said() -> impl Strategy<Value = Said> {
    let reason = prop::sample::select(vec![EndReason::Hangup, EndReason::Missed, EndReason::Unknown]);
    prop_oneof![
        1 => Just(Said::Dialing),
        4 => Just(Said::Connected),
        3 => (any::<Option<bool>>(), any::<Option<bool>>()).prop_map(|(muted, held)| Said::Updated(muted, held)),
        3 => reason.prop_map(Said::Ended),
    ]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let status = prop::sample::select(OperatorStatus::ALL.to_vec());
    prop_oneof![
        4 => Just(Wanted::Dial),
        3 => Just(Wanted::Answer),
        4 => Just(Wanted::Hangup),
        1 => any::<bool>().prop_map(Wanted::Hold),
        1 => any::<bool>().prop_map(Wanted::Mute),
        1 => Just(Wanted::Dtmf),
        1 => Just(Wanted::Transfer),
        1 => Just(Wanted::Attend),
        1 => status.prop_map(Wanted::Status),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    let refusal = prop_oneof![
        2 => Just(Ok(())),
        1 => Just(Err(EngineError::Refused)),
        1 => Just(Err(EngineError::PhoneUnavailable)),
        1 => Just(Err(EngineError::NotSupported)),
    ];
    prop_oneof![
        5 => (0..6u8).prop_map(Step::Rings),
        10 => (said(), any::<Which>()).prop_map(|(said, which)| Step::Says(said, which)),
        1 => Just(Step::Phone(PhoneStatus::Unavailable)),
        2 => Just(Step::Phone(PhoneStatus::Available)),
        12 => (wanted(), any::<Which>(), any::<Which>()).prop_map(|(wanted, one, other)| Step::Command(wanted, one, other)),
        3 => refusal.prop_map(Step::Answers),
        4 => Just(Step::GoOn),
        3 => (1..5u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn what_a_desk_tells_is_possible_and_leads_to_what_it_shows(
        hesitant in any::<bool>(),
        steps in prop::collection::vec(a_step(), 0..80),
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().start_paused(true).build().unwrap().block_on(async {
            let mut world = World::new(hesitant).await;
            for step in steps {
                world.step(step).await;
            }
            world.settle().await;
        });
    }
}
