//! What the fields say about the message: its body (RFC 9112 section 6), the
//! connection (section 9) and the host (section 3.2).

use super::Reject;
use super::chars::list;
use super::host::is_valid_host;

/// How the end of the request body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Framing {
    /// Neither field: no body (RFC 9112 section 6.3, rule 7).
    #[default]
    Empty,
    /// So many octets.
    Length(u64),
    /// The chunked coding.
    Chunked,
}

/// What the fields seen so far add up to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Semantics {
    hosts: usize,
    content_length: Option<u64>,
    transfer_encoding: bool,
    chunked_last: bool,
    unknown_coding: bool,
    close: bool,
    keep_alive: bool,
    expect_continue: bool,
}

/// The outcome for a whole field section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meaning {
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) expect_continue: bool,
}

impl Semantics {
    /// Takes one field; those without a part in framing are left alone.
    pub(crate) fn take(&mut self, name: &[u8], value: &[u8]) -> Result<(), Reject> {
        // The length tells nearly all names apart before any letter is compared.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host(value),
            6 if name.eq_ignore_ascii_case(b"expect") => self.expect(value),
            10 if name.eq_ignore_ascii_case(b"connection") => {
                for option in list(value) {
                    self.close |= option.eq_ignore_ascii_case(b"close");
                    self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                }
                Ok(())
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.length(value),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.codings(value),
            _ => Ok(()),
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Reject> {
        self.hosts += 1;
        if self.hosts > 1 {
            return Err(Reject::malformed("there is more than one host field"));
        }
        if !is_valid_host(value) {
            return Err(Reject::malformed("the host field is not HOST or HOST:PORT"));
        }
        Ok(())
    }

    fn expect(&mut self, value: &[u8]) -> Result<(), Reject> {
        for expectation in list(value) {
            if !expectation.eq_ignore_ascii_case(b"100-continue") {
                return Err(Reject::new(417, "the only expectation met here is 100-continue"));
            }
            self.expect_continue = true;
        }
        Ok(())
    }

    /// `1*DIGIT`, once. A repeated field is refused even if the values agree, as
    /// RFC 9110 section 8.6 allows: two senders wrote this message.
    fn length(&mut self, value: &[u8]) -> Result<(), Reject> {
        if self.content_length.is_some() {
            return Err(Reject::malformed("there is more than one content-length"));
        }
        if value.is_empty() {
            return Err(Reject::malformed("content-length is not a decimal number"));
        }
        let mut length = 0_u64;
        for byte in value {
            if !byte.is_ascii_digit() {
                return Err(Reject::malformed("content-length is not a decimal number"));
            }
            length = length
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(u64::from(byte - b'0')))
                .ok_or(Reject::malformed("content-length overflows 64 bits"))?;
        }
        self.content_length = Some(length);
        Ok(())
    }

    fn codings(&mut self, value: &[u8]) -> Result<(), Reject> {
        self.transfer_encoding = true;
        for coding in list(value) {
            if self.chunked_last {
                return Err(Reject::malformed("chunked is not the last transfer coding"));
            }
            if coding.eq_ignore_ascii_case(b"chunked") {
                self.chunked_last = true;
            } else {
                self.unknown_coding = true;
            }
        }
        Ok(())
    }

    /// What all fields say together.
    pub(crate) fn finish(&self, is_http10: bool) -> Result<Meaning, Reject> {
        if self.hosts == 0 && !is_http10 {
            return Err(Reject::malformed("the host field is missing"));
        }
        let framing = match self.content_length {
            _ if self.transfer_encoding => self.coded(is_http10)?,
            Some(length) => Framing::Length(length),
            None => Framing::Empty,
        };
        Ok(Meaning {
            framing,
            keep_alive: !self.close && (!is_http10 || self.keep_alive),
            // RFC 9110 section 10.1.1: ignored in 1.0, and without a body.
            expect_continue: self.expect_continue && !is_http10 && framing != Framing::Empty,
        })
    }

    /// RFC 9112 section 6.1: both fields, or a coding in 1.0, may be smuggling and
    /// is refused; the caller closes the connection after every refusal.
    fn coded(&self, is_http10: bool) -> Result<Framing, Reject> {
        if self.content_length.is_some() {
            return Err(Reject::malformed("both transfer-encoding and content-length are present"));
        }
        if is_http10 {
            return Err(Reject::malformed("HTTP/1.0 has no transfer-encoding"));
        }
        if self.unknown_coding {
            return Err(Reject::new(501, "the only transfer coding known here is chunked"));
        }
        if !self.chunked_last {
            return Err(Reject::malformed("transfer-encoding is empty"));
        }
        Ok(Framing::Chunked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(fields: &[(&str, &str)], is_http10: bool) -> Result<Meaning, u16> {
        let mut semantics = Semantics::default();
        for (name, value) in fields {
            semantics.take(name.as_bytes(), value.as_bytes()).map_err(|reject| reject.status)?;
        }
        semantics.finish(is_http10).map_err(|reject| reject.status)
    }

    fn with_host(fields: &[(&str, &str)]) -> Result<Meaning, u16> {
        meaning(&[&[("host", "h")], fields].concat(), false)
    }

    fn framing(fields: &[(&str, &str)]) -> Result<Framing, u16> {
        with_host(fields).map(|meaning| meaning.framing)
    }

    #[test]
    fn hosts_are_counted() {
        assert!(meaning(&[("HOST", "a")], false).is_ok());
        assert_eq!(meaning(&[], false), Err(400));
        assert!(meaning(&[], true).is_ok());
        assert_eq!(meaning(&[("Host", "a"), ("host", "a")], false), Err(400));
        assert_eq!(meaning(&[("Host", "a b")], true), Err(400));
    }

    #[test]
    fn lengths_are_digits_once() {
        assert_eq!(framing(&[("Content-Length", "0012")]), Ok(Framing::Length(12)));
        assert_eq!(
            framing(&[("content-length", "18446744073709551615")]),
            Ok(Framing::Length(u64::MAX))
        );
        for bad in ["", "+1", "-1", "1 2", "0x1", "1,1", "1.0", "18446744073709551616"] {
            assert_eq!(framing(&[("content-length", bad)]), Err(400), "{bad:?}");
        }
        assert_eq!(framing(&[("content-length", "1"), ("content-length", "1")]), Err(400));
    }

    #[test]
    fn codings_end_with_chunked() {
        assert_eq!(framing(&[("Transfer-Encoding", " CHUNKED")]), Ok(Framing::Chunked));
        assert_eq!(framing(&[("Transfer-Encoding", "CHUNKED")]), Ok(Framing::Chunked));
        assert_eq!(framing(&[("transfer-encoding", ", chunked,")]), Ok(Framing::Chunked));
        for unknown in ["gzip", "gzip, chunked", "xchunked", "chunked;q=1", "identity"] {
            assert_eq!(framing(&[("transfer-encoding", unknown)]), Err(501), "{unknown}");
        }
        for bad in ["", "chunked, gzip", "chunked, chunked"] {
            assert_eq!(framing(&[("transfer-encoding", bad)]), Err(400), "{bad}");
        }
        let twice = [("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")];
        assert_eq!(framing(&twice), Err(400));
        assert_eq!(framing(&[("transfer-encoding", "chunked"), ("content-length", "1")]), Err(400));
        assert_eq!(meaning(&[("transfer-encoding", "chunked")], true), Err(400));
    }

    #[test]
    fn connection_options_are_a_list_in_any_case() {
        assert!(with_host(&[]).unwrap().keep_alive);
        assert!(!with_host(&[("Connection", "foo, CLOSE")]).unwrap().keep_alive);
        assert!(!with_host(&[("Connection", "keep-alive, close")]).unwrap().keep_alive);
        assert!(with_host(&[("Connection", "closed")]).unwrap().keep_alive);
        assert!(!meaning(&[], true).unwrap().keep_alive);
        assert!(meaning(&[("Connection", "Keep-Alive")], true).unwrap().keep_alive);
    }

    #[test]
    fn expectations() {
        let continues = |fields: &[(&str, &str)]| with_host(fields).map(|m| m.expect_continue);
        assert_eq!(continues(&[("Expect", "100-Continue"), ("content-length", "3")]), Ok(true));
        assert_eq!(continues(&[("Expect", "100-continue")]), Ok(false));
        assert_eq!(continues(&[("Expect", "200-ok")]), Err(417));
    }
}
