//! Status line and fields, parsed line by line; resumes where the bytes ended.

use crate::chars::{bad_value_byte, is_token, is_token_byte, trim_ows};
use crate::escape::excerpt;
use crate::framing::{Clues, Framing, RequestKind};
use crate::oddities::{Oddities, Reading};
use crate::status_line::{self, Version};
use crate::{Limits, ResponseError};

/// What a complete head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes from the status line to the empty line, both included.
    pub bytes: usize,
    /// 100 to 599; to 999 where a decoder is tolerant.
    pub status: u16,
    /// The version of the status line.
    pub version: Version,
    /// How the body is framed.
    pub framing: Framing,
    /// The connection ends after this response.
    pub close: bool,
    /// What a tolerant decoder has borne with.
    pub oddities: Oddities,
}

impl Head {
    /// A 1xx response, which a final one follows.
    #[must_use]
    pub fn is_interim(&self) -> bool {
        self.status < 200
    }
}

/// The progress of one head over a buffer that always begins with its first byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadParser {
    line_start: usize,
    fields: usize,
    version: Version,
    status: u16,
    clues: Clues,
    reading: Reading,
    oddities: Oddities,
}

impl HeadParser {
    pub(crate) fn new(reading: Reading) -> Self {
        Self {
            reading,
            oddities: Oddities::default(),
            line_start: 0,
            fields: 0,
            version: Version::Http11,
            // 0: the status line has not been seen.
            status: 0,
            clues: Clues::default(),
        }
    }

    /// Goes on at the first line that was not complete. `None`: more bytes are needed.
    pub(crate) fn run(
        &mut self,
        buffer: &[u8],
        kind: RequestKind,
        limits: &Limits,
    ) -> Result<Option<Head>, ResponseError> {
        if self.status == 0 && !status_line::may_begin(buffer) {
            return Err(ResponseError::BadStatusLine { found: excerpt(buffer) });
        }
        let window = &buffer[..buffer.len().min(limits.head_bytes)];
        while let Some(at) = memchr::memchr(b'\n', &window[self.line_start..]) {
            let line = &window[self.line_start..self.line_start + at];
            let [line @ .., b'\r'] = line else {
                return Err(ResponseError::BareLf);
            };
            let next = self.line_start + at + 1;
            if self.status == 0 {
                (self.version, self.status) =
                    status_line::parse(line, self.reading, &mut self.oddities)?;
            } else if line.is_empty() {
                self.line_start = next;
                return self.finish(kind).map(Some);
            } else if self.reading == Reading::Tolerant {
                match window.get(next) {
                    // The line may go on.
                    None => break,
                    Some(b' ' | b'\t') => {
                        let Some(next) = self.folded_line(window, limits)? else { break };
                        self.line_start = next;
                        continue;
                    }
                    Some(_) => self.field_line(line, limits)?,
                }
            } else {
                self.field_line(line, limits)?;
            }
            self.line_start = next;
        }
        if buffer.len() >= limits.head_bytes {
            return Err(ResponseError::HeadTooLarge { limit: limits.head_bytes });
        }
        Ok(None)
    }

    fn field_line(&mut self, line: &[u8], limits: &Limits) -> Result<(), ResponseError> {
        self.fields += 1;
        if self.fields > limits.fields {
            return Err(ResponseError::TooManyFields { limit: limits.fields });
        }
        let (name, value) = split_field(line)?;
        self.clues.field(name, value)
    }

    /// A field value over several lines: each fold becomes a space before it is interpreted. Gives
    /// where the next field begins, once that has come.
    #[cold]
    fn folded_line(
        &mut self,
        window: &[u8],
        limits: &Limits,
    ) -> Result<Option<usize>, ResponseError> {
        let mut unfolded = Vec::new();
        let mut start = self.line_start;
        loop {
            let Some(at) = memchr::memchr(b'\n', &window[start..]) else { return Ok(None) };
            let [line @ .., b'\r'] = &window[start..start + at] else {
                return Err(ResponseError::BareLf);
            };
            start += at + 1;
            if unfolded.is_empty() {
                unfolded.extend_from_slice(line);
            } else {
                unfolded.push(b' ');
                unfolded.extend_from_slice(trim_ows(line));
            }
            match window.get(start) {
                None => return Ok(None),
                Some(b' ' | b'\t') => {}
                Some(_) => break,
            }
        }
        self.oddities.folded_field = true;
        self.field_line(&unfolded, limits)?;
        Ok(Some(start))
    }

    fn finish(&self, kind: RequestKind) -> Result<Head, ResponseError> {
        if self.status == 101 {
            return Err(ResponseError::UnexpectedUpgrade);
        }
        let framing = self.clues.framing(self.version, self.status, kind)?;
        Ok(Head {
            bytes: self.line_start,
            status: self.status,
            version: self.version,
            framing,
            close: self.clues.close(self.version, framing),
            oddities: self.oddities,
        })
    }
}

/// Splits and checks one field line without its CRLF; the value is trimmed.
pub(crate) fn split_field(line: &[u8]) -> Result<(&[u8], &[u8]), ResponseError> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(ResponseError::ObsFold);
    }
    // A name is short: a plain scan for its end beats a call to memchr.
    let end = line.iter().position(|&b| !is_token_byte(b)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let [b':', value @ ..] = rest else {
        return Err(bad_name(line, name, rest));
    };
    if name.is_empty() {
        return Err(ResponseError::BadFieldName { found: excerpt(line) });
    }
    match bad_value_byte(value) {
        None => Ok((name, trim_ows(value))),
        Some(b'\r') => Err(ResponseError::BareCr),
        Some(byte) => Err(ResponseError::BadFieldValue { byte }),
    }
}

fn bad_name(line: &[u8], name: &[u8], rest: &[u8]) -> ResponseError {
    let Some(colon) = rest.iter().position(|&b| b == b':') else {
        return ResponseError::MissingColon { found: excerpt(line) };
    };
    let between = trim_ows(&rest[..colon]);
    if between.is_empty() && is_token(name) {
        ResponseError::SpaceBeforeColon { found: excerpt(line) }
    } else {
        ResponseError::BadFieldName { found: excerpt(line) }
    }
}
