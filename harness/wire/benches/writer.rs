//! What writing one request costs: prebuilt, and with two slots.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use httpdyno_wire::{RequestBuilder, SlotValue, Template};

fn writer(c: &mut Criterion) {
    let host = Template::literal("127.0.0.1:8080");
    let constant =
        RequestBuilder::new("GET", Template::literal("/json")).field("Host", host.clone());
    let constant = constant.build().unwrap();
    let template = |text: &[u8]| Template::parse(text, &["id", "word"]).unwrap();
    let varying = RequestBuilder::new("POST", template(b"/users/{{id}}"))
        .field("Host", host)
        .body(template(br#"{"id":{{id}},"word":"{{word}}"}"#))
        .build()
        .unwrap();
    let mut out = Vec::with_capacity(512);
    let mut id = 0u64;
    c.bench_function("request, prebuilt", |b| {
        b.iter(|| {
            out.clear();
            constant.render(black_box(&[]), &mut out);
            out.len()
        });
    });
    c.bench_function("request, two slots and a body", |b| {
        b.iter(|| {
            out.clear();
            id += 1;
            let slots = [SlotValue::decimal(id), SlotValue::text(b"0123456789abcdef")];
            varying.render(black_box(&slots), &mut out);
            out.len()
        });
    });
}

criterion_group!(benches, writer);
criterion_main!(benches);
