//! One event through the hub, by the number of tabs: what it costs before anything is posted to a port.
//! `cargo bench -p worker --bench hub`
#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, reason = "made by a macro")]

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use protocol::wire::event::{CallConnected, CallIncoming, CallUpdated, Event};
use protocol::wire::port::{Init, RawEvent, TabMessage, TabReport, WorkerMessage};
use protocol::{Book, CallId, Capabilities, Capability, EventId, OperatorStatus, PROTOCOL_VERSION, PhoneStatus};
use worker::connection::{StreamId, StreamOrder};
use worker::hub::{Effect, Hub, HubInput, PortId};

/// A backend with one call, as far as the hub sees of it.
struct Source {
    stream: StreamId,
    seq: u64,
}

impl Source {
    fn send(&self, event: Event) -> HubInput {
        let data = serde_json::to_string(&event).expect("events are structs of strings and numbers");
        let raw = RawEvent { event: event.name().to_owned(), data };
        let id = EventId { epoch: "6553f1000a1b2c3d".to_owned(), seq: self.seq };
        HubInput::StreamEvent { stream: self.stream, id: Some(id), event: Some(event), raw }
    }

    fn snapshot(&self) -> HubInput {
        let capabilities = Capabilities::new(Capability::ALL);
        let mut book = Book::new(OperatorStatus::Ready, PhoneStatus::Available, capabilities);
        let (number, display_name) = ("+493012345678".to_owned(), None);
        book.apply(&Event::CallIncoming(CallIncoming { call_id: call(), number, display_name }));
        book.apply(&Event::CallConnected(CallConnected { call_id: call(), start_time: 1_700_000_000 }));
        self.send(Event::Snapshot(book.to_snapshot("0123456789abcdef")))
    }

    /// The next event, and when it comes: muted and not, in turns, so that each one changes the state.
    fn next(&mut self) -> (HubInput, u64) {
        self.seq += 1;
        let event = CallUpdated { call_id: call(), muted: self.seq % 2 == 1, held: false };
        // Each at a time of its own, as the hub moves its timer with what it hears.
        (self.send(Event::CallUpdated(event)), self.seq)
    }
}

fn call() -> CallId {
    CallId::new("call-0123456789abcdef")
}

/// A tab as the widget introduces it: it takes part in the choice of roles.
fn join(tab: u32) -> HubInput {
    let report = TabReport { sound: true, notices: true, ..TabReport::default() };
    let init = Init { protocol: PROTOCOL_VERSION, lock: Some(format!("tab-{tab}")), tab: Some(report) };
    HubInput::PortMessage { port: PortId(tab), message: Ok(TabMessage::Init(init)), transferred: None }
}

/// A hub that is connected, with so many tabs.
fn connected(tabs: u32) -> (Hub, Source) {
    let mut hub = Hub::new(7);
    let opened = hub.handle(HubInput::Started, 0).into_iter().find_map(|effect| match effect {
        Effect::Stream(StreamOrder::Open { stream, .. }) => Some(stream),
        _ => None,
    });
    let source = Source { stream: opened.expect("a hub that starts opens a stream"), seq: 0 };
    (0..tabs).for_each(|tab| drop(hub.handle(join(tab), 0)));
    hub.handle(HubInput::StreamOpened(source.stream), 0);
    hub.handle(source.snapshot(), 0);
    (hub, source)
}

/// Whether these effects tell so many tabs the state: else what was measured is an event that was passed over.
fn tells(effects: &[Effect], tabs: u32) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Send { to, message: WorkerMessage::SyncState(_) } => to.len() == tabs as usize,
        _ => false,
    })
}

fn event(c: &mut Criterion) {
    let mut group = c.benchmark_group("hub/event");
    for tabs in [2, 10, 30, 100] {
        let (mut hub, mut source) = connected(tabs);
        group.bench_function(BenchmarkId::from_parameter(tabs), |b| {
            b.iter_batched(|| source.next(), |(input, now)| hub.handle(input, now), BatchSize::SmallInput);
        });
        let (input, now) = source.next();
        assert!(tells(&hub.handle(input, now), tabs));
    }
    group.finish();
}

criterion_group!(benches, event);
criterion_main!(benches);
