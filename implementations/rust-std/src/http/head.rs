//! The incremental parser of a request head: bytes come in any pieces, each is
//! looked at once, and a line is judged as soon as it is complete.

use std::ops::Range;

use super::chars::{find_lf, is_token_char};
use super::framing::{Framing, Meaning, Semantics};
use super::request_line::{self, Method};
use super::{Reject, fields};

/// The longest field section, in octets (431 above).
const MAX_SECTION: usize = 32 * 1024;
/// The most field lines of a section (431 above).
const MAX_FIELDS: usize = 100;
/// Empty lines tolerated before a request line (RFC 9112 section 2.2 asks for
/// one); more is not a client that added a CRLF to a body.
const MAX_EMPTY_LINES: usize = 4;

/// The most octets that a head can have.
pub(crate) const MAX_HEAD: usize = MAX_EMPTY_LINES * 2 + request_line::MAX_LINE + 2 + MAX_SECTION;

const BARE_LF: Reject = Reject::malformed("a line ends with a bare LF");
const SECTION_TOO_LARGE: Reject = Reject::new(431, "the field section is longer than 32768 octets");

/// How far a head is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// No octet of the request is there (empty lines may be).
    Nothing,
    /// More octets are needed.
    Partial,
    /// The head is complete and has so many octets.
    Complete(usize),
}

/// A parsed head. Ranges count from the first octet that the parser was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) target: Range<usize>,
    pub(crate) is_http10: bool,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) expect_continue: bool,
    fields: Vec<(Range<usize>, Range<usize>)>,
}

impl Head {
    /// The values of all fields called `name` (in lower case), in their order.
    pub(crate) fn values<'b>(
        &self,
        bytes: &'b [u8],
        name: &'static [u8],
    ) -> impl Iterator<Item = &'b [u8]> {
        self.fields
            .iter()
            .filter(move |(field, _)| bytes[field.clone()].eq_ignore_ascii_case(name))
            .map(move |(_, value)| &bytes[value.clone()])
    }
}

/// The state between two pieces of a head.
#[derive(Debug, Default)]
pub(crate) struct HeadParser {
    head: Head,
    semantics: Semantics,
    stage: Stage,
    empty_lines: usize,
    line_start: usize,
    section_start: usize,
    scanned: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    RequestLine,
    Fields,
}

impl HeadParser {
    /// Makes ready for another head; keeps the allocation of the field table.
    pub(crate) fn reset(&mut self) {
        let mut fields = std::mem::take(&mut self.head.fields);
        fields.clear();
        *self = Self { head: Head { fields, ..Head::default() }, ..Self::default() };
    }

    /// The head of the last call that said `Complete`.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Goes on with `bytes`, which starts with all octets of earlier calls since
    /// the reset.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Result<Progress, Reject> {
        while let Some(at) = find_lf(&bytes[self.scanned..]) {
            let end = self.scanned + at;
            let [line @ .., b'\r'] = &bytes[self.line_start..end] else { return Err(BARE_LF) };
            self.scanned = end + 1;
            if self.line(line)? {
                return Ok(Progress::Complete(self.scanned));
            }
            self.line_start = self.scanned;
        }
        self.scanned = bytes.len();
        self.unfinished_line(&bytes[self.line_start..])
    }

    /// Takes a complete line; says whether it ended the head.
    fn line(&mut self, line: &[u8]) -> Result<bool, Reject> {
        match self.stage {
            Stage::RequestLine if line.is_empty() => {
                self.empty_lines += 1;
                if self.empty_lines > MAX_EMPTY_LINES {
                    return Err(Reject::malformed("too many empty lines before a request"));
                }
            }
            Stage::RequestLine => {
                if line.len() > request_line::MAX_LINE {
                    return Err(request_line::TOO_LONG);
                }
                let parts = request_line::parse(line)?;
                self.head.method = parts.method;
                self.head.target = self.absolute(parts.target);
                self.head.is_http10 = parts.is_http10;
                self.stage = Stage::Fields;
                self.section_start = self.scanned;
            }
            Stage::Fields if line.is_empty() => {
                let Meaning { framing, keep_alive, expect_continue } =
                    self.semantics.finish(self.head.is_http10)?;
                self.head.framing = framing;
                self.head.keep_alive = keep_alive;
                self.head.expect_continue = expect_continue;
                return Ok(true);
            }
            Stage::Fields => self.field(line)?,
        }
        Ok(false)
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Reject> {
        if self.scanned - self.section_start > MAX_SECTION {
            return Err(SECTION_TOO_LARGE);
        }
        if self.head.fields.len() == MAX_FIELDS {
            return Err(Reject::new(431, "there are more than 100 fields"));
        }
        let field = fields::parse(line)?;
        self.semantics.take(&line[field.name.clone()], &line[field.value.clone()])?;
        self.head.fields.push((self.absolute(field.name), self.absolute(field.value)));
        Ok(())
    }

    fn absolute(&self, range: Range<usize>) -> Range<usize> {
        self.line_start + range.start..self.line_start + range.end
    }

    /// What can be said before the line ends: that it is too long already, or
    /// (of the first one) that it is not HTTP, such as a TLS greeting.
    fn unfinished_line(&self, line: &[u8]) -> Result<Progress, Reject> {
        match (self.stage, line) {
            (Stage::RequestLine, [] | [b'\r']) => return Ok(Progress::Nothing),
            (Stage::RequestLine, [first, ..]) if !is_token_char(*first) => {
                return Err(Reject::malformed("the method is not a token"));
            }
            (Stage::RequestLine, _) if line.len() > request_line::MAX_LINE + 1 => {
                return Err(request_line::TOO_LONG);
            }
            (Stage::Fields, _) if self.scanned - self.section_start > MAX_SECTION => {
                return Err(SECTION_TOO_LARGE);
            }
            _ => {}
        }
        Ok(Progress::Partial)
    }
}

#[cfg(test)]
mod tests;
