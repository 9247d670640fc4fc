//! What an endpoint of this entry is made of; see `implementations/_shared/rust/benching`.

#[path = "../../_shared/rust/benching/mod.rs"]
mod benching;

use std::hint::black_box;

use actix_codec::{Decoder, Encoder};
use actix_http::body::BodySize;
use actix_http::h1::{Codec, Message};
use actix_http::{Response, StatusCode};
use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::header::ContentType;
use actix_web::rt::System;
use benching::{Entry, REQUEST};
use bytes::BytesMut;
use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use serde::Serialize;

/// JSON is what `HttpResponse` makes of it: a whole answer, which has its own buffer.
struct Actix;

impl Entry for Actix {
    const ID: &'static str = "rust-actix";

    fn json(&mut self, payload: &impl Serialize) -> usize {
        let answer = HttpResponse::Ok().json(payload);
        let BodySize::Sized(length) = answer.body().size() else { panic!("no length") };
        usize::try_from(length).expect("short")
    }

    fn heads(&self, group: &mut BenchmarkGroup<'_, WallTime>) {
        // Its clock for the Date field is a task of the runtime.
        let system = System::new();
        let mut codec = system.block_on(async { Codec::default() });
        let mut bytes = BytesMut::new();
        group.bench_function("request-head", |bencher| {
            bencher.iter(|| {
                bytes.extend_from_slice(black_box(REQUEST));
                let request = codec.decode(&mut bytes).expect("valid").expect("whole");
                assert!(matches!(request, Message::Item(_)) && bytes.is_empty());
            });
        });
        group.bench_function("response-head", |bencher| {
            bencher.iter(|| {
                bytes.clear();
                let mut head = Response::build(StatusCode::OK);
                let head = head.insert_header(ContentType::json()).message_body(());
                let head = head.expect("no body can be wrong");
                let message = Message::Item((head, BodySize::Sized(black_box(27))));
                codec.encode(message, &mut bytes).expect("encoded");
                bytes.len()
            });
        });
    }
}

fn main() {
    benching::components(Actix);
}
