//! What recording one value costs, ours and the hdrhistogram crate's, and draining a second.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use httpdyno_stats::histogram::{MAX_NS, Recorder};

/// Latencies like those of a busy server: around 300 us with a tail.
fn values() -> Vec<u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    (0..4096)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            200_000 + (state % 200_000) + if state.is_multiple_of(97) { 5_000_000 } else { 0 }
        })
        .collect()
}

fn histogram(c: &mut Criterion) {
    let values = values();
    let mut next = values.iter().cycle();
    let mut recorder = Recorder::new();
    c.bench_function("record", |b| {
        b.iter(|| recorder.record(black_box(*next.next().unwrap())));
    });
    let mut hdr = hdrhistogram::Histogram::<u64>::new_with_bounds(1, MAX_NS, 3).unwrap();
    c.bench_function("record with hdrhistogram", |b| {
        b.iter(|| hdr.saturating_record(black_box(*next.next().unwrap())));
    });
    c.bench_function("drain 4096 values", |b| {
        b.iter(|| {
            values.iter().for_each(|&value| recorder.record(value));
            recorder.drain()
        });
    });
}

criterion_group!(benches, histogram);
criterion_main!(benches);
