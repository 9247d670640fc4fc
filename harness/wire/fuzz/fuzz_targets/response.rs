//! Any bytes, whole and in segments, must give the same responses and the same error.
//!
//! Run with `cargo fuzz run response` in `harness/wire` (needs a nightly toolchain).
#![no_main]

use httpdyno_wire::{Collecting, Limits, RequestKind, Response, ResponseCollector};
use libfuzzer_sys::fuzz_target;

fn collect(bytes: &[u8], step: usize, kind: RequestKind) -> (Vec<Response>, Collecting) {
    let limits = Limits { head_bytes: 512, fields: 8, body_bytes: 4096, ..Limits::default() };
    let mut collector = ResponseCollector::new(limits);
    for _ in 0..3 {
        collector.expect(kind);
    }
    let mut responses = Vec::new();
    for piece in bytes.chunks(step) {
        responses.extend(collector.feed(piece));
    }
    responses.extend(collector.eof());
    (responses, collector.state())
}

fuzz_target!(|data: &[u8]| {
    let [first, bytes @ ..] = data else { return };
    let kind = if first & 0x80 == 0 { RequestKind::Normal } else { RequestKind::Head };
    let step = usize::from(first & 0x3f) + 1;
    let (whole, whole_state) = collect(bytes, bytes.len().max(1), kind);
    let (split, split_state) = collect(bytes, step, kind);
    assert_eq!(whole, split);
    match (whole_state, split_state) {
        (Collecting::Failed(a), Collecting::Failed(b)) => assert_eq!(a.name(), b.name()),
        (a, b) => assert_eq!(a, b),
    }
});
