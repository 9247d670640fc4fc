//! The chunked transfer coding (RFC 9112 section 7.1), decoded in any pieces.
//! Extensions are ignored and trailer fields are checked and dropped, both with
//! limits, as sections 7.1.1 and 7.1.2 ask.

use std::ops::Range;

use super::Reject;
use super::chars::{is_field_value_char, is_token_char};

/// The most octets that all extensions of a body may have: they carry nothing
/// here, so that more of them is an attack.
const MAX_EXTENSIONS: usize = 16 * 1024;
/// The longest trailer section, in octets.
const MAX_TRAILERS: usize = 32 * 1024;

const BAD_SIZE: Reject = Reject::malformed("a chunk size is not hexadecimal");
const BAD_LINE: Reject = Reject::malformed("a line of the chunked coding does not end with CRLF");
const BAD_TRAILER: Reject = Reject::malformed("a trailer field is malformed");

/// What one call has found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// How many octets of the input are used up.
    pub(crate) consumed: usize,
    /// Which of them are body (may be empty).
    pub(crate) data: Range<usize>,
}

/// The state between two pieces of a chunked body.
#[derive(Debug, Default)]
pub(crate) struct ChunkedDecoder {
    state: State,
    /// Octets left of this chunk, or the size as far as it was read.
    remaining: u64,
    extension_octets: usize,
    trailer_octets: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    SizeStart,
    Size,
    /// White space after the size, which only an extension may follow.
    SizeSpace,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Done,
}

impl ChunkedDecoder {
    /// Whether the last CRLF was seen.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Decodes up to the next piece of data, the end, or the end of `input`.
    pub(crate) fn step(&mut self, input: &[u8]) -> Result<Step, Reject> {
        for (at, &byte) in input.iter().enumerate() {
            if self.state == State::Data {
                return Ok(self.take_data(at, input.len()));
            }
            self.state = self.framing(byte)?;
            if self.state == State::Done {
                return Ok(Step { consumed: at + 1, data: 0..0 });
            }
        }
        Ok(Step { consumed: input.len(), data: 0..0 })
    }

    fn take_data(&mut self, at: usize, end: usize) -> Step {
        let there = end - at;
        let taken = usize::try_from(self.remaining).map_or(there, |left| left.min(there));
        self.remaining -= taken as u64;
        if self.remaining == 0 {
            self.state = State::DataCr;
        }
        Step { consumed: at + taken, data: at..at + taken }
    }

    /// The state after an octet that is not data.
    fn framing(&mut self, byte: u8) -> Result<State, Reject> {
        match (self.state, byte) {
            (State::SizeStart | State::Size, _) => self.size(byte),
            (State::SizeSpace, b' ' | b'\t') => self.extension(State::SizeSpace),
            (State::SizeSpace, b';') => self.extension(State::Extension),
            (State::SizeSpace, _) => Err(BAD_SIZE),
            (State::Extension, b'\r') => Ok(State::SizeLf),
            (State::Extension, _) if is_field_value_char(byte) => self.extension(State::Extension),
            (State::SizeLf, b'\n') if self.remaining == 0 => Ok(State::TrailerStart),
            (State::SizeLf, b'\n') => Ok(State::Data),
            (State::DataCr, b'\r') => Ok(State::DataLf),
            (State::DataLf, b'\n') => Ok(State::SizeStart),
            (State::DataCr | State::DataLf, _) => {
                Err(Reject::malformed("chunk data is not followed by CRLF"))
            }
            (State::Extension | State::SizeLf, _) => Err(BAD_LINE),
            _ => self.trailer(byte),
        }
    }

    fn size(&mut self, byte: u8) -> Result<State, Reject> {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ if self.state == State::SizeStart => return Err(BAD_SIZE),
            b'\r' => return Ok(State::SizeLf),
            b';' => return self.extension(State::Extension),
            b' ' | b'\t' => return self.extension(State::SizeSpace),
            _ => return Err(BAD_SIZE),
        };
        // After a chunk `remaining` is zero, as at the start.
        if self.remaining >> 60 != 0 {
            return Err(Reject::malformed("a chunk size overflows 64 bits"));
        }
        self.remaining = self.remaining << 4 | u64::from(digit);
        Ok(State::Size)
    }

    fn extension(&mut self, next: State) -> Result<State, Reject> {
        self.extension_octets += 1;
        if self.extension_octets > MAX_EXTENSIONS {
            return Err(Reject::malformed("the chunk extensions are longer than 16384 octets"));
        }
        Ok(next)
    }

    fn trailer(&mut self, byte: u8) -> Result<State, Reject> {
        self.trailer_octets += 1;
        if self.trailer_octets > MAX_TRAILERS {
            return Err(Reject::new(431, "the trailer section is longer than 32768 octets"));
        }
        match (self.state, byte) {
            (State::TrailerStart, b'\r') => Ok(State::EndLf),
            (State::TrailerName, b':') => Ok(State::TrailerValue),
            (State::TrailerStart | State::TrailerName, _) if is_token_char(byte) => {
                Ok(State::TrailerName)
            }
            (State::TrailerValue, b'\r') => Ok(State::TrailerLf),
            (State::TrailerValue, _) if is_field_value_char(byte) => Ok(State::TrailerValue),
            (State::TrailerLf, b'\n') => Ok(State::TrailerStart),
            (State::EndLf, b'\n') => Ok(State::Done),
            _ => Err(BAD_TRAILER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the pieces one after the other: the body, and what is left over.
    fn decode(pieces: &[&[u8]]) -> Result<(Vec<u8>, usize), u16> {
        let mut decoder = ChunkedDecoder::default();
        let mut body = Vec::new();
        let mut left_over = 0;
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() && !decoder.is_done() {
                let step = decoder.step(rest).map_err(|reject| reject.status)?;
                body.extend_from_slice(&rest[step.data]);
                rest = &rest[step.consumed..];
            }
            left_over += rest.len();
        }
        if decoder.is_done() { Ok((body, left_over)) } else { Err(0) }
    }

    const BODY: &[u8] = b"5\r\nhello\r\n0A;x=\"y z\" ;q\r\n, world\r\n!\r\n1 ; z\r\n.\r\n\
        000\r\nTrailer: a b\r\nX:\r\n\r\nGET";

    #[test]
    fn chunks_extensions_and_trailers() {
        assert_eq!(decode(&[BODY]), Ok((b"hello, world\r\n!.".to_vec(), 3)));
    }

    #[test]
    fn split_at_every_octet_and_octet_by_octet() {
        for split in 0..BODY.len() {
            let (first, second) = BODY.split_at(split);
            assert_eq!(decode(&[first, second]), decode(&[BODY]), "split at {split}");
        }
        let octets: Vec<_> = BODY.chunks(1).collect();
        assert_eq!(decode(&octets), decode(&[BODY]));
    }

    #[test]
    fn malformed_bodies() {
        for bad in [
            &b"\r\n"[..],
            b"x\r\n",
            b"0x5\r\nhello",
            b"-1\r\n",
            b" 5\r\n",
            b"5 \r\n",
            b"5\nhello",
            b"5\rhello",
            b"5\r\nhello!",
            b"5\r\nhello\n",
            b"5\r\nhello\rx",
            b"5;a\nhello",
            b"5;\0\r\n",
            b"10000000000000000\r\n",
            b"0\r\n x: y\r\n",
            b"0\r\nx y: z\r\n",
            b"0\r\n:\r\n",
            b"0\r\nx: y\n",
            b"0\r\n\n",
            b"0\r\n\rx",
        ] {
            assert_eq!(decode(&[bad]), Err(400), "{:?}", String::from_utf8_lossy(bad));
        }
        assert_eq!(decode(&[b"5\r\nhello\r\n"]), Err(0), "no final chunk");
        assert_eq!(decode(&[b"ffffffffffffffff\r\nx"]), Err(0), "the largest size");
    }

    #[test]
    fn extensions_and_trailers_are_limited() {
        let extension = format!("0;{}\r\n\r\n", "a".repeat(MAX_EXTENSIONS));
        assert_eq!(decode(&[extension.as_bytes()]), Err(400));
        let trailer = format!("0\r\na:{}\r\n\r\n", "b".repeat(MAX_TRAILERS));
        assert_eq!(decode(&[trailer.as_bytes()]), Err(431));
    }
}
