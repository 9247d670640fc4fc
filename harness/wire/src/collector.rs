//! Keeps complete responses, for those who judge them afterwards.

use std::collections::VecDeque;

use crate::decoder::{Advance, Eof, ResponseDecoder, Stage, Visitor};
use crate::fields::Fields;
use crate::framing::RequestKind;
use crate::head::Head;
use crate::memo::HeadMemo;
use crate::status_line::Version;
use crate::{Limits, ResponseError};

/// A complete response, final or interim (1xx), with everything that was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The version of the status line.
    pub version: Version,
    /// 100 to 599; below 200 it is interim.
    pub status: u16,
    /// The reason phrase; often empty.
    pub reason: Vec<u8>,
    /// Name and value of every field, in order; values without white space around them.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body without its chunked framing.
    pub body: Vec<u8>,
    /// Fields of the trailer section.
    pub trailers: Vec<(Vec<u8>, Vec<u8>)>,
    /// How the body was framed.
    pub framing: crate::Framing,
    /// The response says that the connection ends after it.
    pub close: bool,
    /// All bytes as they came.
    pub raw: Vec<u8>,
}

impl Response {
    /// The values of a field by case-insensitive name, in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.fields
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.as_slice())
    }

    /// The first value of a field by case-insensitive name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.fields
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value.as_slice())
    }

    /// A 1xx response.
    #[must_use]
    pub fn is_interim(&self) -> bool {
        self.status < 200
    }
}

/// Where a collector stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collecting {
    /// No byte of a next response has come; `owed` responses are still due.
    Idle {
        /// Requests without a response.
        owed: usize,
    },
    /// Inside status line or fields.
    InHead,
    /// Inside a body.
    InBody,
    /// The bytes are not HTTP/1.1; nothing more is read.
    Failed(ResponseError),
}

/// Accumulates the responses of one connection from arbitrary segments.
#[derive(Debug, Clone, Default)]
pub struct ResponseCollector {
    limits: Limits,
    decoder: ResponseDecoder,
    owed: VecDeque<RequestKind>,
    partial: Partial,
    failed: Option<ResponseError>,
}

#[derive(Debug, Clone, Default)]
struct Partial {
    raw: Vec<u8>,
    head: Vec<u8>,
    body: Vec<u8>,
    trailers: Vec<u8>,
}

impl Visitor for Partial {
    fn head(&mut self, _head: &Head, raw: &[u8]) {
        self.head.clear();
        self.head.extend_from_slice(raw);
    }
    fn body(&mut self, piece: &[u8]) {
        self.body.extend_from_slice(piece);
    }
    fn trailers(&mut self, piece: &[u8]) {
        self.trailers.extend_from_slice(piece);
    }
}

impl Partial {
    fn take(&mut self, head: &Head) -> Response {
        let line_end = memchr::memchr(b'\r', &self.head).unwrap_or(self.head.len());
        let own = |fields: Fields<'_>| {
            fields.map(|f| (f.name.to_vec(), f.value.to_vec())).collect::<Vec<_>>()
        };
        let response = Response {
            version: head.version,
            status: head.status,
            // "HTTP/1.1 NNN " stands before the reason.
            reason: self.head.get(13..line_end).unwrap_or_default().to_vec(),
            fields: own(Fields::of_head(&self.head)),
            body: std::mem::take(&mut self.body),
            trailers: own(Fields::of_section(&self.trailers)),
            framing: head.framing,
            close: head.close,
            raw: std::mem::take(&mut self.raw),
        };
        self.trailers.clear();
        response
    }
}

impl ResponseCollector {
    /// An empty collector.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// A request of this kind was sent: one more final response is due.
    pub fn expect(&mut self, kind: RequestKind) {
        self.owed.push_back(kind);
    }

    /// Takes bytes; gives the responses that became complete, interim ones included. After a
    /// malformation (see [`state`](Self::state)) further bytes are only kept in
    /// [`unfinished`](Self::unfinished), up to the limits.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<Response> {
        let mut complete = Vec::new();
        while !bytes.is_empty() && self.failed.is_none() {
            let Some(&kind) = self.owed.front() else {
                self.failed = Some(ResponseDecoder::unsolicited(bytes));
                break;
            };
            // A memo per call: nothing is gained by remembering here.
            let mut memo = HeadMemo::new();
            let (decoder, partial) = (&mut self.decoder, &mut self.partial);
            match decoder.advance(bytes, kind, &self.limits, &mut memo, partial) {
                Ok(Advance::NeedMore) => break,
                Ok(Advance::Interim { consumed, head }) => {
                    self.partial.raw.extend_from_slice(&bytes[..consumed]);
                    complete.push(self.partial.take(&head));
                    bytes = &bytes[consumed..];
                }
                Ok(Advance::Complete { consumed, response }) => {
                    self.owed.pop_front();
                    self.partial.raw.extend_from_slice(&bytes[..consumed]);
                    complete.push(self.partial.take(&response.head));
                    bytes = &bytes[consumed..];
                }
                Err(error) => self.failed = Some(error),
            }
        }
        self.keep(bytes);
        complete
    }

    fn keep(&mut self, bytes: &[u8]) {
        // A broken response is shown, not judged: a head's worth of it is enough. A valid one
        // is kept whole unless its chunked framing outweighs all that the limits allow.
        let most = match self.failed {
            Some(_) => self.limits.head_bytes as u64,
            None => (self.limits.head_bytes as u64).saturating_add(self.limits.body_bytes),
        };
        let room = most.saturating_sub(self.partial.raw.len() as u64);
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        self.partial.raw.extend_from_slice(&bytes[..room]);
    }

    /// The peer has closed: gives the response whose body the close ends, if there is one.
    /// An incomplete response makes the state `Failed`; a response that was due and never
    /// began does not (the caller knows how many it is owed).
    pub fn eof(&mut self) -> Option<Response> {
        if self.failed.is_some() {
            return None;
        }
        match self.decoder.eof(false) {
            Ok(Eof::Complete(response)) => {
                self.owed.pop_front();
                Some(self.partial.take(&response.head))
            }
            Ok(Eof::BetweenResponses) => None,
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }

    /// Where the collector stands.
    #[must_use]
    pub fn state(&self) -> Collecting {
        match (&self.failed, self.decoder.stage()) {
            (Some(error), _) => Collecting::Failed(error.clone()),
            (None, Stage::Idle) => Collecting::Idle { owed: self.owed.len() },
            (None, Stage::Head) => Collecting::InHead,
            (None, Stage::Body) => Collecting::InBody,
        }
    }

    /// The malformation, if there was one.
    #[must_use]
    pub fn error(&self) -> Option<&ResponseError> {
        self.failed.as_ref()
    }

    /// Responses that are still due.
    #[must_use]
    pub fn owed(&self) -> usize {
        self.owed.len()
    }

    /// The bytes that came after the last complete response.
    #[must_use]
    pub fn unfinished(&self) -> &[u8] {
        &self.partial.raw
    }
}
