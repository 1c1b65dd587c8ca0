//! The journal: what each event costs the desk, which holds its lock meanwhile, and what a client costs that comes back.
//! `cargo bench -p backend --no-default-features --bench journal` builds it without the served files.
#![allow(missing_docs, reason = "made by a macro")]

use std::hint::black_box;

use backend::ids::new_call_id;
use backend::journal::{CAPACITY, Journal, Next};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use protocol::EventId;
use protocol::wire::event::{CallUpdated, Event};

/// How many events the client has missed.
const MISSED: usize = 100;

fn event() -> Event {
    Event::CallUpdated(CallUpdated { call_id: new_call_id(), muted: true, held: false })
}

/// A journal that is full, as it is after a day: who appends now also drops the oldest.
fn full() -> Journal {
    let (mut journal, event) = (Journal::new(1_700_000_000), event());
    for _ in 0..CAPACITY {
        journal.append(&event);
    }
    journal
}

fn append(c: &mut Criterion) {
    let (mut journal, event) = (full(), event());
    c.bench_function("journal/append", |b| b.iter(|| journal.append(black_box(&event))));
}

/// Reads to the end as a stream does, which keeps its place only; gives how many events there were.
fn replay(journal: &Journal, mut position: EventId) -> usize {
    let mut read = 0;
    while let Next::Event(record) = journal.after(&position) {
        position = black_box(record).id.clone();
        read += 1;
    }
    read
}

fn replays(c: &mut Criterion) {
    let journal = full();
    let last = journal.last_id();
    let position = EventId { seq: last.seq - MISSED as u64, ..last };
    assert_eq!(replay(&journal, position.clone()), MISSED);
    let mut group = c.benchmark_group("journal/replay");
    group.throughput(Throughput::Elements(MISSED as u64));
    group.bench_function(MISSED.to_string(), |b| b.iter(|| replay(&journal, black_box(position.clone()))));
    group.finish();
}

criterion_group!(benches, append, replays);
criterion_main!(benches);
