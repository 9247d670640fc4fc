//! What framing one response costs: the memo's path, a fresh parse, chunked, and httparse.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use httpdyno_wire::{HeadMemo, Limits, RequestKind, ResponseDecoder};

const JSON: &[u8] = b"HTTP/1.1 200 OK\r\nServer: hyper\r\nContent-Type: application/json\r\n\
    Content-Length: 27\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n{\"message\":\"Hello, World!\"}";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nServer: hyper\r\nContent-Type: application/json\r\n\
    Transfer-Encoding: chunked\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n\
    1b\r\n{\"message\":\"Hello, World!\"}\r\n0\r\n\r\n";

fn parser(c: &mut Criterion) {
    let limits = Limits::default();
    let mut group = c.benchmark_group("response");
    for (name, bytes, memo_kept) in [
        ("json, same head again", JSON, true),
        ("json, new head", JSON, false),
        ("chunked, same head again", CHUNKED, true),
    ] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |b| {
            let mut decoder = ResponseDecoder::new();
            let mut memo = HeadMemo::new();
            b.iter(|| {
                let kind = RequestKind::Normal;
                if !memo_kept {
                    memo.forget();
                }
                decoder.advance(black_box(bytes), kind, &limits, &mut memo, &mut ()).unwrap()
            });
        });
    }
    group.bench_function("httparse, head only", |b| {
        b.iter(|| {
            let mut headers = [httparse::EMPTY_HEADER; 16];
            let mut response = httparse::Response::new(&mut headers);
            response.parse(black_box(JSON)).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, parser);
criterion_main!(benches);
