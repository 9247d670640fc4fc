//! What an endpoint of this entry is made of; see `implementations/_shared/rust/benching`.

#[path = "../../_shared/rust/benching/mod.rs"]
mod benching;
#[path = "../src/http/mod.rs"]
#[allow(dead_code, unused_imports, reason = "only heads are measured")]
mod http;

use std::hint::black_box;

use benching::{Entry, REQUEST};
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use entry_shared::payload;
use http::{Connection, DateCache, HeadParser, HeadWriter, Progress};
use serde::Serialize;

/// Answers are appended to the output.
struct Std {
    out: Vec<u8>,
}

impl Entry for Std {
    const ID: &'static str = "rust-std";

    fn json(&mut self, payload: &impl Serialize) -> usize {
        self.out.clear();
        payload::append_json(&mut self.out, payload);
        self.out.len()
    }

    fn heads(&self, group: &mut BenchmarkGroup<'_, WallTime>) {
        let mut parser = HeadParser::default();
        group.bench_function("request-head", |bencher| {
            bencher.iter(|| {
                parser.reset();
                let progress = parser.advance(black_box(REQUEST));
                assert_eq!(progress, Ok(Progress::Complete(REQUEST.len())));
            });
        });
        let (mut out, mut date) = (Vec::new(), DateCache::new());
        group.bench_function("response-head", |bencher| {
            bencher.iter(|| {
                out.clear();
                let mut head = HeadWriter::begin(&mut out, &mut date, black_box(200));
                head.field("Content-Type", "application/json");
                head.end(Some(black_box(27)), Connection::KeepAlive);
                out.len()
            });
        });
    }
}

fn main() {
    benching::components(Std { out: Vec::new() });
}
