//! The reducer, which backend and worker run for each event.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use protocol::ConnectionStatus;

use crate::sample::{self, MANY};

/// A whole call, alone and beside others: afterwards the book is what it was, so that one book does for all rounds.
pub fn life(c: &mut Criterion) {
    let mut group = c.benchmark_group("book/life");
    let life = sample::life(99);
    group.throughput(Throughput::Elements(life.len() as u64));
    for others in [0, MANY - 1] {
        let mut book = sample::book(others);
        group.bench_function(BenchmarkId::from_parameter(others), |b| {
            b.iter(|| life.iter().for_each(|event| book.apply(black_box(event))));
        });
        assert_eq!(book.calls().len() as u64, others, "the call has come and gone");
    }
    group.finish();
}

/// A snapshot, which replaces the book.
pub fn snapshot(c: &mut Criterion) {
    let (mut book, snapshot) = (sample::book(0), sample::snapshot());
    c.bench_function("book/snapshot", |b| b.iter(|| book.apply(black_box(&snapshot))));
}

/// What tabs are sent after each event.
pub fn state(c: &mut Criterion) {
    let mut group = c.benchmark_group("book/state");
    for calls in [1, MANY] {
        let book = sample::book(calls);
        group.bench_function(BenchmarkId::from_parameter(calls), |b| {
            b.iter(|| black_box(&book).to_state(ConnectionStatus::Connected, 7));
        });
    }
    group.finish();
}
