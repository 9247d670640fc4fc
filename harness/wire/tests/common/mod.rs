//! Shared by the tests: run bytes through a collector in chosen segments.
#![allow(dead_code)]

use httpdyno_wire::{Collecting, Limits, RequestKind, Response, ResponseCollector, ResponseError};

/// Feeds `bytes` in segments of `step`, then closes.
pub(crate) fn collect_in_steps(
    bytes: &[u8],
    kind: RequestKind,
    requests: usize,
    step: usize,
) -> (Vec<Response>, Collecting) {
    let mut collector = ResponseCollector::new(small_limits());
    for _ in 0..requests {
        collector.expect(kind);
    }
    let mut responses = Vec::new();
    for piece in bytes.chunks(step) {
        responses.extend(collector.feed(piece));
    }
    responses.extend(collector.eof());
    (responses, collector.state())
}

pub(crate) fn collect(bytes: &[u8]) -> (Vec<Response>, Collecting) {
    collect_in_steps(bytes, RequestKind::Normal, 1, bytes.len().max(1))
}

/// The error of `bytes`, which must be the same whole and byte by byte.
pub(crate) fn error_of(bytes: &[u8]) -> ResponseError {
    let fail = |state| match state {
        Collecting::Failed(error) => error,
        other => panic!("expected an error, found {other:?}"),
    };
    let whole = fail(collect(bytes).1);
    let dripped = fail(collect_in_steps(bytes, RequestKind::Normal, 1, 1).1);
    assert_eq!(whole.name(), dripped.name());
    whole
}

pub(crate) fn small_limits() -> Limits {
    Limits {
        head_bytes: 1024,
        fields: 16,
        interim_responses: 4,
        chunk_line_bytes: 64,
        trailer_bytes: 128,
        body_bytes: 10_000,
    }
}
