//! Criterion benches of what the endpoints of a Rust entry are made of: the same for every entry,
//! but for what it gives of its own. `harness/report/src/components.rs` adds the parts up by these
//! names.

use std::hint::black_box;

use bytes::BytesMut;
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion};
use entry_shared::fortunes::{self, Fortune};
use entry_shared::payload::{Message, World};
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{self, DataRowBody};
use postgres_protocol::types::{int4_from_sql, text_from_sql};
use serde::Serialize;

/// A request as the load generator sends it.
#[allow(dead_code, reason = "an engine that shows nobody how it reads heads has no use for it")]
pub(crate) const REQUEST: &[u8] = b"GET /json HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

/// Rows of the workload `queries-20`.
const ROWS: i32 = 20;
/// Rows of the table `fortune`.
const FORTUNES: i32 = 12;

/// What is an entry's own.
pub(crate) trait Entry {
    /// Its id.
    const ID: &'static str;

    /// Serialises into the kind of buffer that it answers from; the length keeps it from being
    /// optimised away.
    fn json(&mut self, payload: &impl Serialize) -> usize;

    /// `request-head` and `response-head`, or `exchange` for both where its engine does not let
    /// them be told apart. Nothing where it lets nobody at them.
    fn heads(&self, group: &mut BenchmarkGroup<'_, WallTime>);
}

/// Runs the benches of one entry.
pub(crate) fn components<E: Entry>(mut entry: E) {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group(E::ID);
    entry.heads(&mut group);
    let world = World { id: 4174, random_number: 6352 };
    let worlds = [world; ROWS as usize];
    group.bench_function("json-message", |bencher| {
        bencher.iter(|| entry.json(black_box(&Message::hello())));
    });
    group.bench_function("json-world", |bencher| bencher.iter(|| entry.json(black_box(&world))));
    group.bench_function("json-worlds-20", |bencher| {
        bencher.iter(|| entry.json(black_box(&worlds)));
    });
    rows(&mut group);
    group.finish();
    criterion.final_summary();
}

/// Decoding, as all drivers here do it: with postgres-protocol, from the bytes of a message.
fn rows(group: &mut BenchmarkGroup<'_, WallTime>) {
    let number = 4174_i32.to_be_bytes();
    let row = data_row(&[&number, &6352_i32.to_be_bytes()]);
    group.bench_function("row", |bencher| {
        bencher.iter_batched_ref(
            || row.clone(),
            |message| {
                let columns = columns(message);
                columns.map(|column| int4_from_sql(&column).expect("an int4"))
            },
            BatchSize::SmallInput,
        );
    });
    let text = "A computer program does what you tell it to do, not what you want it to do.";
    let row = data_row(&[&number, text.as_bytes()]);
    group.bench_function("fortune-row", |bencher| {
        bencher.iter_batched_ref(
            || row.clone(),
            |message| {
                let [id, message] = columns(message);
                let id = int4_from_sql(&id).expect("an int4");
                (id, text_from_sql(&message).expect("UTF-8").len())
            },
            BatchSize::SmallInput,
        );
    });
    group.bench_function("template", |bencher| {
        bencher.iter(|| {
            let rows = (1..=FORTUNES).map(|id| Fortune { id, message: black_box(text).into() });
            fortunes::page(rows).len()
        });
    });
}

/// A DataRow message (PostgreSQL documentation, "Message Formats").
fn data_row(columns: &[&[u8]; 2]) -> BytesMut {
    let mut content = 2_i16.to_be_bytes().to_vec();
    for column in columns {
        content.extend(i32::try_from(column.len()).expect("short").to_be_bytes());
        content.extend(*column);
    }
    let length = i32::try_from(content.len() + 4).expect("short").to_be_bytes();
    let mut message = BytesMut::from(&b"D"[..]);
    message.extend(length);
    message.extend(content);
    message
}

fn columns(message: &mut BytesMut) -> [bytes::Bytes; 2] {
    let parsed = backend::Message::parse(black_box(message)).expect("a valid message");
    let Some(backend::Message::DataRow(row)) = parsed else { panic!("no DataRow") };
    let column = |index| row.buffer_bytes().slice(range(&row, index));
    [column(0), column(1)]
}

fn range(row: &DataRowBody, index: usize) -> std::ops::Range<usize> {
    row.ranges().nth(index).expect("valid").flatten().expect("not NULL")
}
