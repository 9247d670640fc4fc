//! Request bodies: as a stream, collected, or thrown away.

use std::time::Instant;

use super::wire::{Arrived, Wire};
use super::{BODY_PATIENCE, BODY_RATE, End};
use crate::http::{ChunkedDecoder, Framing, Reject};

const CUT_OFF: Reject = Reject::malformed("the body ends before its framing says so");

/// A body that is being read.
#[derive(Debug)]
pub(super) struct Body {
    kind: Kind,
    /// The client waits for an interim response before it sends the body.
    wants_continue: bool,
    began: Option<Instant>,
    received: u64,
}

#[derive(Debug)]
enum Kind {
    /// So many octets are left.
    Length(u64),
    Chunked(ChunkedDecoder),
}

/// Where a collected body lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collected {
    /// In the first octets of the input, still to be consumed.
    InPlace(usize),
    /// In the buffer for it.
    Copied,
    /// It is longer than allowed, and some of it is unread.
    TooLong,
}

impl Body {
    pub(super) fn new(framing: Framing, wants_continue: bool) -> Self {
        let kind = match framing {
            Framing::Empty => Kind::Length(0),
            Framing::Length(length) => Kind::Length(length),
            Framing::Chunked => Kind::Chunked(ChunkedDecoder::default()),
        };
        Self { kind, wants_continue, began: None, received: 0 }
    }

    fn is_done(&self) -> bool {
        match &self.kind {
            Kind::Length(left) => *left == 0,
            Kind::Chunked(decoder) => decoder.is_done(),
        }
    }

    /// Whether it is known to be longer than `limit` octets.
    pub(super) fn exceeds(&self, limit: u64) -> bool {
        matches!(self.kind, Kind::Length(left) if left > limit)
    }

    /// Reads on to the end of the body; `false` when `take` wanted no more of it.
    pub(super) fn stream(
        &mut self,
        wire: &mut Wire<'_>,
        mut take: impl FnMut(&[u8]) -> bool,
    ) -> Result<bool, End> {
        self.skip_continue(wire);
        while !self.is_done() {
            if wire.input.is_empty() {
                self.fill(wire)?;
            }
            let input = wire.input.filled();
            let (consumed, data) = match &mut self.kind {
                Kind::Length(left) => {
                    let there = input.len();
                    let taken = usize::try_from(*left).map_or(there, |left| left.min(there));
                    *left -= taken as u64;
                    (taken, 0..taken)
                }
                Kind::Chunked(decoder) => {
                    let step = decoder.step(input)?;
                    (step.consumed, step.data)
                }
            };
            let goes_on = data.is_empty() || take(&input[data]);
            wire.input.consume(consumed);
            if !goes_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the whole body if it has at most `limit` octets. A body that is in
    /// the input already is not copied.
    pub(super) fn collect(
        &mut self,
        wire: &mut Wire<'_>,
        limit: usize,
        payload: &mut Vec<u8>,
    ) -> Result<Collected, End> {
        payload.clear();
        let length = match self.kind {
            Kind::Length(left) => left,
            Kind::Chunked(_) => {
                let within = self.stream(wire, |piece| {
                    let fits = payload.len() + piece.len() <= limit;
                    if fits {
                        payload.extend_from_slice(piece);
                    }
                    fits
                })?;
                return Ok(if within { Collected::Copied } else { Collected::TooLong });
            }
        };
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= limit) else {
            return Ok(Collected::TooLong);
        };
        if wire.input.filled().len() >= length {
            self.kind = Kind::Length(0);
            return Ok(Collected::InPlace(length));
        }
        self.skip_continue(wire);
        payload.extend_from_slice(wire.input.filled());
        wire.input.consume(payload.len());
        let mut there = payload.len();
        payload.resize(length, 0);
        while there < length {
            self.before_reading(wire);
            let arrived = wire.read_directly(&mut payload[there..], BODY_PATIENCE)?;
            there += self.after_reading(arrived)?;
        }
        self.kind = Kind::Length(0);
        Ok(Collected::Copied)
    }

    /// Reads to the end and drops it, so that the next request can follow;
    /// `false` when that is not worth it and the connection has to close.
    pub(super) fn discard(&mut self, wire: &mut Wire<'_>, limit: usize) -> Result<bool, End> {
        let nothing_came = wire.input.is_empty() && !self.is_done();
        if (self.wants_continue && nothing_came) || self.exceeds(limit as u64) {
            return Ok(false);
        }
        let mut left = limit;
        self.stream(wire, |piece| {
            left = left.saturating_sub(piece.len());
            left > 0
        })
    }

    fn fill(&mut self, wire: &mut Wire<'_>) -> Result<(), End> {
        self.before_reading(wire);
        wire.input.grow();
        let arrived = wire.await_more(BODY_PATIENCE)?;
        self.after_reading(arrived).map(|_| ())
    }

    /// A client that has sent some of the body does not wait for the interim
    /// response (RFC 9110 section 10.1.1).
    fn skip_continue(&mut self, wire: &Wire<'_>) {
        self.wants_continue &= wire.input.is_empty();
    }

    fn before_reading(&mut self, wire: &mut Wire<'_>) {
        self.began.get_or_insert_with(Instant::now);
        if std::mem::take(&mut self.wants_continue) {
            wire.out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    fn after_reading(&mut self, arrived: Arrived) -> Result<usize, End> {
        let Arrived::Octets(octets) = arrived else { return Err(CUT_OFF.into()) };
        self.received += octets as u64;
        let elapsed = self.began.map(|began| began.elapsed()).unwrap_or_default();
        let earned = BODY_PATIENCE.as_secs() + self.received / BODY_RATE;
        if elapsed.as_secs() > earned {
            return Err(Reject::new(408, "the body came too slowly").into());
        }
        Ok(octets)
    }
}
