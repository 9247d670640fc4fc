//! What an endpoint of this entry is made of; see `implementations/_shared/rust/benching`.
//!
//! The heads are may_minihttp's own: it reads and writes them in functions that nobody else can call.

#[path = "../../_shared/rust/benching/mod.rs"]
mod benching;

use benching::Entry;
use bytes::{BufMut, BytesMut};
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use entry_shared::payload;
use serde::Serialize;

/// Bodies are written into the engine's buffer.
struct May {
    body: BytesMut,
}

impl Entry for May {
    const ID: &'static str = "rust-may";

    fn json(&mut self, payload: &impl Serialize) -> usize {
        self.body.clear();
        payload::append_json((&mut self.body).writer(), payload);
        self.body.len()
    }

    fn heads(&self, _group: &mut BenchmarkGroup<'_, WallTime>) {}
}

fn main() {
    benching::components(May { body: BytesMut::new() });
}
