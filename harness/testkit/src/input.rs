//! The bytes a client sends, buffered.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::fault::{Fault, bad};
use crate::lawful::Lawful;
use crate::quirk::Quirks;
use crate::wire_quirk::WireQuirk;

/// Room for one read.
const READ_BYTES: usize = 64 * 1024;

/// A connection's receiving side.
#[derive(Debug)]
pub(crate) struct Input {
    stream: TcpStream,
    buffer: Vec<u8>,
    start: usize,
    lenient: Lenient,
}

/// Line ends that only quirks accept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lenient {
    /// A LF alone ends a line.
    pub(crate) lf: bool,
    /// A CR ends a line, whatever byte follows.
    pub(crate) cr: bool,
    /// A LF without a CR is a part of a line.
    pub(crate) lf_inside: bool,
    /// A CR without a LF is a part of a line.
    pub(crate) cr_inside: bool,
}

/// How a line can fail to be one.
#[derive(Debug)]
pub(crate) enum Line {
    /// A line without its terminator.
    Is(Vec<u8>),
    /// The client closed before sending any byte of it.
    End,
    /// It is longer than the limit.
    TooLong,
}

impl Input {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, lenient: Lenient::default() }
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends all of `bytes`.
    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        (&self.stream).write_all(bytes)
    }

    /// What has been received and not yet taken.
    pub(crate) fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Drops the first `count` of the buffered bytes.
    pub(crate) fn take(&mut self, count: usize) {
        self.start += count;
        if self.start >= self.buffer.len() {
            self.buffer.clear();
            self.start = 0;
        }
    }

    /// How lines may end from now on.
    pub(crate) fn be_lenient(&mut self, lenient: Lenient) {
        self.lenient = lenient;
    }

    /// Receives more; 0 when the client has finished sending.
    pub(crate) fn fill(&mut self) -> io::Result<usize> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + READ_BYTES, 0);
        let got = loop {
            match (&self.stream).read(&mut self.buffer[old..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(old + *got.as_ref().unwrap_or(&0));
        got
    }

    /// The next line; its terminator must be CRLF and no other CR may be in it (RFC 9112
    /// section 2.2).
    pub(crate) fn line(&mut self, limit: usize, quirks: &Quirks) -> Result<Line, Fault> {
        let mut seen = 0;
        loop {
            if let Some((length, terminator)) =
                find_end(self.buffered(), seen, self.lenient, quirks)
            {
                if length > limit {
                    return Ok(Line::TooLong);
                }
                let mut line = self.buffered()[..length].to_vec();
                let bare_lf = self.buffered()[length] == b'\n';
                self.take(length + terminator);
                if bare_lf && quirks.has(WireQuirk::BreaksOnBareLf) {
                    return Err(Fault::Status(500, "broken by a line feed"));
                }
                if quirks.has(Lawful::TakesBareCrForSpace) {
                    line.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b' ');
                }
                let inner_cr = line.contains(&b'\r') && !self.lenient.cr_inside;
                if (bare_lf && !self.lenient.lf) || inner_cr {
                    return Err(bad("a line must end in CRLF and hold no other CR"));
                }
                return Ok(Line::Is(line));
            }
            seen = self.buffered().len().saturating_sub(1);
            if self.buffered().len() > limit {
                return Ok(Line::TooLong);
            }
            if self.fill()? == 0 {
                let empty = self.buffered().is_empty();
                return if empty { Ok(Line::End) } else { Err(Fault::Incomplete) };
            }
        }
    }
}

/// Where a line ends: its length without, and the length of, its terminator.
fn find_end(
    bytes: &[u8],
    seen: usize,
    lenient: Lenient,
    quirks: &Quirks,
) -> Option<(usize, usize)> {
    let from = seen.saturating_sub(1);
    if lenient.lf_inside {
        let at = bytes[from..].windows(2).position(|two| two == b"\r\n")?;
        return Some((from + at, 2));
    }
    if lenient.cr {
        let at = from + bytes[from..].iter().position(|b| b"\r\n".contains(b))?;
        return match (bytes[at], bytes.get(at + 1)) {
            (b'\r', None) => None,
            (b'\r', Some(_)) => Some((at, 2)),
            _ => Some((at, 1)),
        };
    }
    if quirks.has(WireQuirk::BareCrEndsLine) {
        let at = from + bytes[from..].iter().position(|b| b"\r\n".contains(b))?;
        return match (bytes[at], bytes.get(at + 1)) {
            (b'\r', None) => None,
            (b'\r', Some(b'\n')) => Some((at, 2)),
            _ => Some((at, 1)),
        };
    }
    let at = seen + bytes[seen..].iter().position(|&b| b == b'\n')?;
    if at > 0 && bytes[at - 1] == b'\r' { Some((at - 1, 2)) } else { Some((at, 1)) }
}
