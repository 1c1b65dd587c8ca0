//! An event's JSON, as the backend writes it. The worker's own reading goes by JavaScript values, which the host has not.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use protocol::wire::event::Event;
use serde_json::Deserializer;

use crate::sample;

/// The events of a call, and the largest one there is.
fn events() -> impl Iterator<Item = (Event, String)> {
    let events = sample::life(99).into_iter().chain([sample::snapshot()]);
    events.map(|event| {
        let text = json(&event);
        (event, text)
    })
}

fn json(event: &Event) -> String {
    serde_json::to_string(event).expect("events are structs of strings and numbers")
}

fn parse(name: &str, text: &str) -> Event {
    Event::from_wire(name, &mut Deserializer::from_str(text)).expect("it was written by this build")
}

/// Text to event.
pub fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("wire/read");
    for (event, text) in events() {
        assert_eq!(parse(event.name(), &text), event);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(event.name(), |b| b.iter(|| parse(event.name(), black_box(&text))));
    }
    group.finish();
}

/// Event to text.
pub fn write(c: &mut Criterion) {
    let mut group = c.benchmark_group("wire/write");
    for (event, text) in events() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(event.name(), |b| b.iter(|| json(black_box(&event))));
    }
    group.finish();
}
