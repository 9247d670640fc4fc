//! The chunked transfer coding, RFC 9112 section 7.1: one state machine over any segmentation.

use crate::chars::{is_token_byte, is_value_byte};
use crate::decoder::Visitor;
use crate::oddities::Reading;
use crate::{Limits, ResponseError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The size; `true` once a digit has been seen.
    Size(bool),
    /// White space after the size, which only an extension may follow.
    SizeSpace,
    Extension,
    /// The LF after a size line.
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// The first byte of a trailer line, or the CR of the final empty line.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

/// Where a chunked body stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunked {
    state: State,
    /// Of the current size line while it is read, then data bytes left.
    size: u64,
    line_bytes: usize,
    trailer_bytes: usize,
    pub(crate) body_bytes: u64,
    reading: Reading,
    /// A trailer field went on in another line.
    pub(crate) is_folded: bool,
}

impl Chunked {
    pub(crate) fn new(reading: Reading) -> Self {
        Self {
            state: State::Size(false),
            size: 0,
            line_bytes: 0,
            trailer_bytes: 0,
            body_bytes: 0,
            reading,
            is_folded: false,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Takes what belongs to the body from the start of `input`; returns how many bytes.
    pub(crate) fn advance<V: Visitor>(
        &mut self,
        input: &[u8],
        limits: &Limits,
        visitor: &mut V,
    ) -> Result<usize, ResponseError> {
        let mut at = 0;
        while at < input.len() && self.state != State::Done {
            if self.state == State::Data {
                let left = usize::try_from(self.size).unwrap_or(usize::MAX);
                let n = left.min(input.len() - at);
                visitor.body(&input[at..at + n]);
                self.size -= n as u64;
                self.body_bytes += n as u64;
                at += n;
                if self.size == 0 {
                    self.state = State::DataCr;
                }
                continue;
            }
            let byte = input[at];
            let in_trailer = self.in_trailer();
            self.step(byte, limits)?;
            // The final empty line is not part of the section.
            if in_trailer && !matches!(self.state, State::EndLf | State::Done) {
                visitor.trailers(&input[at..=at]);
            }
            at += 1;
        }
        Ok(at)
    }

    fn in_trailer(&self) -> bool {
        matches!(
            self.state,
            State::TrailerStart | State::TrailerName | State::TrailerValue | State::TrailerLf
        )
    }

    fn step(&mut self, byte: u8, limits: &Limits) -> Result<(), ResponseError> {
        match self.state {
            State::Size(_) | State::SizeSpace | State::Extension => self.size_line(byte, limits),
            State::SizeLf => self.size_end(byte, limits),
            State::DataCr => self.expect(byte, b'\r', State::DataLf),
            State::DataLf => self.expect(byte, b'\n', State::Size(false)),
            _ => self.trailer(byte, limits),
        }
    }

    fn expect(&mut self, byte: u8, wanted: u8, next: State) -> Result<(), ResponseError> {
        if byte != wanted {
            return Err(ResponseError::MissingChunkCrlf { byte });
        }
        self.state = next;
        Ok(())
    }

    fn size_line(&mut self, byte: u8, limits: &Limits) -> Result<(), ResponseError> {
        self.line_bytes += 1;
        if self.line_bytes > limits.chunk_line_bytes {
            return Err(ResponseError::ChunkLineTooLong { limit: limits.chunk_line_bytes });
        }
        match (self.state, byte) {
            (State::Size(true) | State::Extension, b'\r') => self.state = State::SizeLf,
            (State::Size(_), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                if self.size >> 60 != 0 {
                    return Err(ResponseError::ChunkSizeOverflow);
                }
                self.size = self.size << 4 | u64::from(hex(byte));
                self.state = State::Size(true);
            }
            // BWS ";" chunk-ext: the content of an extension is ignored (section 7.1.1).
            (State::Size(true) | State::SizeSpace, b';') => self.state = State::Extension,
            (State::Size(true) | State::SizeSpace, b' ' | b'\t') => self.state = State::SizeSpace,
            (State::Extension, byte) if is_value_byte(byte) => {}
            (State::Extension, byte) => return Err(ResponseError::BadChunkExtension { byte }),
            (_, byte) => return Err(ResponseError::BadChunkSize { byte }),
        }
        Ok(())
    }

    fn size_end(&mut self, byte: u8, limits: &Limits) -> Result<(), ResponseError> {
        if byte != b'\n' {
            return Err(ResponseError::BadChunkSize { byte });
        }
        self.line_bytes = 0;
        if self.size > limits.body_bytes.saturating_sub(self.body_bytes) {
            return Err(ResponseError::BodyTooLong { limit: limits.body_bytes });
        }
        self.state = if self.size == 0 { State::TrailerStart } else { State::Data };
        Ok(())
    }

    fn trailer(&mut self, byte: u8, limits: &Limits) -> Result<(), ResponseError> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > limits.trailer_bytes {
            return Err(ResponseError::TrailersTooLarge { limit: limits.trailer_bytes });
        }
        // Only what stands behind a field can go on with it.
        let may_fold = self.reading == Reading::Tolerant && self.trailer_bytes > 1;
        self.state = match (self.state, byte) {
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::TrailerStart, b' ' | b'\t') if may_fold => {
                self.is_folded = true;
                State::TrailerValue
            }
            (State::TrailerStart | State::TrailerName, b) if is_token_byte(b) => State::TrailerName,
            (State::TrailerName, b':') => State::TrailerValue,
            (State::TrailerValue, b'\r') => State::TrailerLf,
            (State::TrailerValue, b) if is_value_byte(b) => State::TrailerValue,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::EndLf, b'\n') => State::Done,
            (_, byte) => return Err(ResponseError::BadTrailer { byte }),
        };
        Ok(())
    }
}

fn hex(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => byte - b'A' + 10,
    }
}
