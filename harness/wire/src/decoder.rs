//! The incremental response parser: frames one response after another over any segmentation.

use crate::chunked::Chunked;
use crate::escape::excerpt;
use crate::framing::{Framing, RequestKind};
use crate::head::{Head, HeadParser};
use crate::memo::HeadMemo;
use crate::oddities::Reading;
use crate::{Limits, ResponseError};

/// Sees the parts of a response as they arrive. All methods do nothing by default.
pub trait Visitor {
    /// A complete head, interim ones included; `raw` is its bytes.
    fn head(&mut self, _head: &Head, _raw: &[u8]) {}
    /// The next piece of the body, without chunked framing; never empty.
    fn body(&mut self, _piece: &[u8]) {}
    /// The next piece of the trailer section, as it stands on the wire.
    fn trailers(&mut self, _piece: &[u8]) {}
}

/// A visitor that looks at nothing.
impl Visitor for () {}

/// A response that was framed to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completed {
    /// What its head said.
    pub head: Head,
    /// Bytes of the body, without chunked framing.
    pub body_bytes: u64,
}

/// What [`ResponseDecoder::advance`] achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// All of the input was taken, and the response is not complete.
    NeedMore,
    /// A 1xx response ended after `consumed` bytes of the input; the final one follows.
    Interim {
        /// Bytes of the input that belong to it.
        consumed: usize,
        /// Its head.
        head: Head,
    },
    /// A final response ended after `consumed` bytes of the input.
    Complete {
        /// Bytes of the input that belong to it.
        consumed: usize,
        /// What was framed.
        response: Completed,
    },
}

/// What the end of the connection means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Eof {
    /// The body was framed by the close: the response is complete.
    Complete(Completed),
    /// No response was under way.
    BetweenResponses,
}

/// Where the decoder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before the first byte of a response.
    Idle,
    /// Inside status line or fields.
    Head,
    /// Inside the body (or its trailers).
    Body,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// `carry` holds the part of the head that has come.
    Head(HeadParser),
    Length {
        head: Head,
        left: u64,
    },
    Chunked {
        head: Head,
        chunked: Chunked,
    },
    UntilClose {
        head: Head,
        seen: u64,
    },
}

/// Frames the responses of one connection. Allocates only when a head is split over inputs.
#[derive(Debug, Clone)]
pub struct ResponseDecoder {
    state: State,
    carry: Vec<u8>,
    interim: u32,
    reading: Reading,
}

impl Default for ResponseDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseDecoder {
    /// A decoder before the first response of a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::reading(Reading::Strict)
    }

    /// A decoder that takes what RFC 9110 and 9112 ask a user agent to take, and notes it in
    /// [`Head::oddities`]: folded fields, a status of 600 to 999, a later minor version.
    #[must_use]
    pub fn tolerant() -> Self {
        Self::reading(Reading::Tolerant)
    }

    fn reading(reading: Reading) -> Self {
        let state = State::Head(HeadParser::new(reading));
        Self { state, carry: Vec::new(), interim: 0, reading }
    }

    /// Forgets everything, for a new connection; keeps the memory.
    pub fn reset(&mut self) {
        self.state = State::Head(HeadParser::new(self.reading));
        self.carry.clear();
        self.interim = 0;
    }

    /// Where the decoder stands.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self.state {
            State::Head(_) if self.carry.is_empty() => Stage::Idle,
            State::Head(_) => Stage::Head,
            _ => Stage::Body,
        }
    }

    /// Takes `input` up to the end of one response. `kind` belongs to the request that the
    /// response answers. Call again with the rest of the input after `Interim` or `Complete`.
    ///
    /// # Errors
    /// The first malformation; the connection can not be used after it.
    #[inline]
    pub fn advance<V: Visitor>(
        &mut self,
        input: &[u8],
        kind: RequestKind,
        limits: &Limits,
        memo: &mut HeadMemo,
        visitor: &mut V,
    ) -> Result<Advance, ResponseError> {
        if let (State::Head(_), true) = (&self.state, self.carry.is_empty())
            && let Some(head) = memo.recall(input, kind)
        {
            let raw = &input[..head.bytes];
            visitor.head(&head, raw);
            // The common case in full: the whole response is here.
            if let Framing::Length(length) = head.framing
                && let Ok(length) = usize::try_from(length)
                && let Some(body) = input[head.bytes..].get(..length)
                && length as u64 <= limits.body_bytes
            {
                self.interim = 0;
                if length != 0 {
                    visitor.body(body);
                }
                let response = Completed { head, body_bytes: length as u64 };
                return Ok(Advance::Complete { consumed: head.bytes + length, response });
            }
            return self.body_of(head, input, head.bytes, limits, visitor);
        }
        self.advance_slowly(input, kind, limits, memo, visitor)
    }

    fn advance_slowly<V: Visitor>(
        &mut self,
        input: &[u8],
        kind: RequestKind,
        limits: &Limits,
        memo: &mut HeadMemo,
        visitor: &mut V,
    ) -> Result<Advance, ResponseError> {
        if !matches!(self.state, State::Head(_)) {
            return self.body(input, 0, limits, visitor);
        }
        let Some((head, consumed)) = self.head(input, kind, limits, memo, visitor)? else {
            return Ok(Advance::NeedMore);
        };
        if head.is_interim() {
            self.interim += 1;
            if self.interim > limits.interim_responses {
                return Err(ResponseError::TooManyInterim { limit: limits.interim_responses });
            }
            return Ok(Advance::Interim { consumed, head });
        }
        self.body_of(head, input, consumed, limits, visitor)
    }

    /// Parses the head; gives it with the number of input bytes that belong to it.
    fn head<V: Visitor>(
        &mut self,
        input: &[u8],
        kind: RequestKind,
        limits: &Limits,
        memo: &mut HeadMemo,
        visitor: &mut V,
    ) -> Result<Option<(Head, usize)>, ResponseError> {
        let State::Head(parser) = &mut self.state else {
            return Ok(None);
        };
        let carried = self.carry.len();
        // More than the limit is never needed, neither to parse nor to refuse.
        let room = (limits.head_bytes + 1).saturating_sub(carried).min(input.len());
        let window = if carried == 0 {
            input
        } else {
            self.carry.extend_from_slice(&input[..room]);
            self.carry.as_slice()
        };
        if window.is_empty() {
            return Ok(None);
        }
        let Some(head) = parser.run(window, kind, limits)? else {
            if carried == 0 {
                self.carry.extend_from_slice(input);
            }
            return Ok(None);
        };
        let raw = &window[..head.bytes];
        visitor.head(&head, raw);
        memo.remember(head, kind, raw);
        self.carry.clear();
        *parser = HeadParser::new(self.reading);
        Ok(Some((head, head.bytes - carried)))
    }

    /// Enters the body that `head` announces, at `at` in the input.
    fn body_of<V: Visitor>(
        &mut self,
        head: Head,
        input: &[u8],
        at: usize,
        limits: &Limits,
        visitor: &mut V,
    ) -> Result<Advance, ResponseError> {
        self.state = match head.framing {
            Framing::None => State::Length { head, left: 0 },
            Framing::Length(length) if length > limits.body_bytes => {
                return Err(ResponseError::BodyTooLong { limit: limits.body_bytes });
            }
            Framing::Length(left) => State::Length { head, left },
            Framing::Chunked => State::Chunked { head, chunked: Chunked::new(self.reading) },
            Framing::UntilClose => State::UntilClose { head, seen: 0 },
        };
        self.body(input, at, limits, visitor)
    }

    fn body<V: Visitor>(
        &mut self,
        input: &[u8],
        at: usize,
        limits: &Limits,
        visitor: &mut V,
    ) -> Result<Advance, ResponseError> {
        let rest = &input[at..];
        let (head, taken, body_bytes, done) = match &mut self.state {
            State::Head(_) => return Ok(Advance::NeedMore),
            State::Length { head, left } => {
                let n = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                if n != 0 {
                    visitor.body(&rest[..n]);
                }
                *left -= n as u64;
                let total = if let Framing::Length(length) = head.framing { length } else { 0 };
                (*head, n, total, *left == 0)
            }
            State::Chunked { head, chunked } => {
                let n = chunked.advance(rest, limits, visitor)?;
                head.oddities.folded_field |= chunked.is_folded;
                (*head, n, chunked.body_bytes, chunked.is_done())
            }
            State::UntilClose { head, seen } => {
                *seen += rest.len() as u64;
                if *seen > limits.body_bytes {
                    return Err(ResponseError::BodyTooLong { limit: limits.body_bytes });
                }
                if !rest.is_empty() {
                    visitor.body(rest);
                }
                (*head, rest.len(), *seen, false)
            }
        };
        if !done {
            return Ok(Advance::NeedMore);
        }
        self.reset();
        let response = Completed { head, body_bytes };
        Ok(Advance::Complete { consumed: at + taken, response })
    }

    /// The peer has closed. `expected`: a request is waiting for its response.
    ///
    /// # Errors
    /// The response that was due or under way is not complete.
    pub fn eof(&mut self, expected: bool) -> Result<Eof, ResponseError> {
        let verdict = match &self.state {
            State::Head(_) if !self.carry.is_empty() => {
                Err(ResponseError::ClosedInHead { received: self.carry.len() })
            }
            State::Head(_) if expected => Err(ResponseError::ClosedBeforeResponse),
            State::Head(_) => Ok(Eof::BetweenResponses),
            State::Length { head, left } => {
                let expected = if let Framing::Length(length) = head.framing { length } else { 0 };
                Err(ResponseError::ClosedInBody { received: expected - left, expected })
            }
            State::Chunked { chunked, .. } => {
                Err(ResponseError::ClosedInChunkedBody { received: chunked.body_bytes })
            }
            State::UntilClose { head, seen } => {
                Ok(Eof::Complete(Completed { head: *head, body_bytes: *seen }))
            }
        };
        self.reset();
        verdict
    }

    /// The error for bytes that arrive while no request is waiting.
    #[must_use]
    pub fn unsolicited(input: &[u8]) -> ResponseError {
        ResponseError::Unsolicited { found: excerpt(input) }
    }
}
