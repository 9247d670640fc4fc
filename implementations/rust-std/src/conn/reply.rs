//! Responses, appended to the output. They are written when the input has no
//! further complete request (or there is much to write).

use std::borrow::Cow;

use entry_shared::StaticDecision;

use super::End;
use super::wire::Wire;
use crate::http::{Connection, DateCache, HeadWriter};

/// Longer bodies are written from where they lie; shorter ones are copied behind
/// their heads, which costs less than a second slice does.
const COPIED: usize = 16 * 1024;
/// So much output is written although more requests wait in the input.
const MUCH: usize = 64 * 1024;

/// What all responses to one request have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// The request was HEAD: everything but the body.
    pub(super) head_only: bool,
    pub(super) connection: Connection,
}

/// Appends a response with the body that was made for it.
pub(super) fn with_body(
    wire: &mut Wire<'_>,
    date: &mut DateCache,
    manner: Manner,
    status: u16,
    content_type: &str,
    body: &[u8],
) -> Result<(), End> {
    let mut head = HeadWriter::begin(wire.out, date, status);
    head.field("Content-Type", content_type);
    head.end(Some(body.len()), manner.connection);
    append_body(wire, manner, body)
}

/// Appends an error in plain text.
pub(super) fn error(
    wire: &mut Wire<'_>,
    date: &mut DateCache,
    manner: Manner,
    status: u16,
    reason: &str,
) -> Result<(), End> {
    with_body(wire, date, manner, status, "text/plain; charset=utf-8", reason.as_bytes())
}

/// Appends a response about methods: 204 to OPTIONS, else 405.
pub(super) fn allow(
    wire: &mut Wire<'_>,
    date: &mut DateCache,
    manner: Manner,
    status: u16,
    methods: &str,
) -> Result<(), End> {
    let body = if status == 204 { "" } else { "the method is not allowed here" };
    let mut head = HeadWriter::begin(wire.out, date, status);
    head.field("Allow", methods);
    if status == 204 {
        head.end(None, manner.connection);
    } else {
        head.field("Content-Type", "text/plain; charset=utf-8");
        head.end(Some(body.len()), manner.connection);
    }
    append_body(wire, manner, body.as_bytes())
}

/// Appends (or writes) what was decided about a static file.
pub(super) fn file(
    wire: &mut Wire<'_>,
    date: &mut DateCache,
    manner: Manner,
    decision: &StaticDecision<'_>,
) -> Result<(), End> {
    let mut head = HeadWriter::begin(wire.out, date, decision.status.code());
    for (name, value) in decision.fields() {
        let value: Cow<'_, str> = value;
        head.field(name, &value);
    }
    head.end(decision.content_length, manner.connection);
    append_body(wire, manner, decision.body)
}

fn append_body(wire: &mut Wire<'_>, manner: Manner, body: &[u8]) -> Result<(), End> {
    if manner.head_only {
        return Ok(());
    }
    if body.len() > COPIED {
        return wire.flush_with(body);
    }
    wire.out.extend_from_slice(body);
    if wire.out.len() > MUCH { wire.flush() } else { Ok(()) }
}
