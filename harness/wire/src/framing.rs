//! How long a body is: RFC 9112 section 6.3.

use crate::ResponseError;
use crate::chars::trim_ows;
use crate::escape::excerpt;
use crate::status_line::Version;

/// What the response's framing depends on in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RequestKind {
    /// Any method whose response carries a body.
    #[default]
    Normal,
    /// HEAD: the response has no body whatever its fields say.
    Head,
}

impl RequestKind {
    /// The kind of a method name.
    #[must_use]
    pub fn of_method(method: &[u8]) -> Self {
        if method == b"HEAD" { Self::Head } else { Self::Normal }
    }
}

/// Where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none: HEAD, 1xx, 204, 304.
    None,
    /// This many bytes.
    Length(u64),
    /// Chunked transfer coding.
    Chunked,
    /// Until the connection is closed.
    UntilClose,
}

/// What the fields seen so far say about framing and connection.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clues {
    length: Option<u64>,
    transfer_encoding: bool,
    close: bool,
    keep_alive: bool,
}

impl Clues {
    /// Takes one field; fields that say nothing about framing are ignored.
    pub(crate) fn field(&mut self, name: &[u8], value: &[u8]) -> Result<(), ResponseError> {
        match name.len() {
            10 if name.eq_ignore_ascii_case(b"connection") => self.connection(value),
            14 if name.eq_ignore_ascii_case(b"content-length") => self.content_length(value)?,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                self.transfer_encoding(value)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn connection(&mut self, value: &[u8]) {
        for token in value.split(|&b| b == b',').map(trim_ows) {
            self.close |= token.eq_ignore_ascii_case(b"close");
            self.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), ResponseError> {
        // A list of equal values may be taken for one (RFC 9112 section 6.3, item 5).
        for item in value.split(|&b| b == b',').map(trim_ows) {
            let length = decimal(item)?;
            match self.length {
                Some(first) if first != length => {
                    return Err(ResponseError::ContentLengthsDiffer { first, second: length });
                }
                _ => self.length = Some(length),
            }
        }
        Ok(())
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), ResponseError> {
        // No TE was sent, so `chunked`, once, is all that a server may apply.
        if self.transfer_encoding || !value.eq_ignore_ascii_case(b"chunked") {
            return Err(ResponseError::UnsupportedTransferCoding { found: excerpt(value) });
        }
        self.transfer_encoding = true;
        Ok(())
    }

    /// Whether the connection ends after this response (RFC 9112 section 9.3).
    pub(crate) fn close(&self, version: Version, framing: Framing) -> bool {
        let persistent = match version {
            Version::Http11 => !self.close,
            Version::Http10 => self.keep_alive && !self.close,
        };
        !persistent || framing == Framing::UntilClose
    }

    /// The rules of RFC 9112 section 6.3, in its order.
    pub(crate) fn framing(
        &self,
        version: Version,
        status: u16,
        kind: RequestKind,
    ) -> Result<Framing, ResponseError> {
        if self.transfer_encoding && version == Version::Http10 {
            return Err(ResponseError::TransferEncodingInHttp10);
        }
        if self.transfer_encoding && self.length.is_some() {
            return Err(ResponseError::LengthAndTransferEncoding);
        }
        let bodiless = status < 200 || status == 204 || status == 304;
        Ok(if bodiless || kind == RequestKind::Head {
            Framing::None
        } else if self.transfer_encoding {
            Framing::Chunked
        } else if let Some(length) = self.length {
            Framing::Length(length)
        } else {
            Framing::UntilClose
        })
    }
}

fn decimal(text: &[u8]) -> Result<u64, ResponseError> {
    if text.first() == Some(&b'-') && text.len() > 1 && text[1..].iter().all(u8::is_ascii_digit) {
        return Err(ResponseError::NegativeContentLength { found: excerpt(text) });
    }
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return Err(ResponseError::BadContentLength { found: excerpt(text) });
    }
    let mut value = 0u64;
    for digit in text.iter().map(|b| u64::from(b - b'0')) {
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(digit))
            .ok_or_else(|| ResponseError::ContentLengthOverflow { found: excerpt(text) })?;
    }
    Ok(value)
}
