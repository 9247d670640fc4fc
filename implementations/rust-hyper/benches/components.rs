//! What an endpoint of this entry is made of; see `implementations/_shared/rust/benching`.

#[path = "../../_shared/rust/benching/mod.rs"]
mod benching;
#[path = "../../_shared/rust/benching/in_memory.rs"]
mod in_memory;
#[path = "../src/reply.rs"]
#[allow(dead_code, reason = "only some answers are measured")]
mod reply;

use std::convert::Infallible;

use benching::Entry;
use bytes::Bytes;
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use entry_shared::payload;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use reply::{Answer, Reply};
use serde::Serialize;
use tokio::runtime;

/// JSON is serialised into a buffer of the thread, and copied into one of its exact size.
struct Hyper {
    scratch: Vec<u8>,
}

async fn answer(request: Request<Incoming>) -> Result<Answer, Infallible> {
    Ok(Reply::reusing(request.into_parts().0.headers).text(payload::PLAINTEXT))
}

impl Entry for Hyper {
    const ID: &'static str = "rust-hyper";

    fn json(&mut self, payload: &impl Serialize) -> usize {
        self.scratch.clear();
        payload::append_json(&mut self.scratch, payload);
        Bytes::copy_from_slice(&self.scratch).len()
    }

    fn heads(&self, group: &mut BenchmarkGroup<'_, WallTime>) {
        let runtime = runtime::Builder::new_current_thread().build().expect("a runtime");
        group.bench_function("exchange", |bencher| {
            bencher.iter_custom(|count| in_memory::exchanges(&runtime, service_fn(answer), count));
        });
    }
}

fn main() {
    benching::components(Hyper { scratch: Vec::new() });
}
