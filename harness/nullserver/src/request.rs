//! Where a request ends, and nothing more about it than that takes.

use memchr::memmem;

/// A head longer than this, in bytes, ends its connection.
pub(crate) const LONGEST_HEAD: usize = 64 * 1024;

/// What matters of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Request {
    /// Bytes of the body that follow the head.
    pub(crate) body_bytes: u64,
    pub(crate) is_head: bool,
    /// `GET /plaintext`, by which a harness finds out whether a server is there.
    pub(crate) is_readiness_probe: bool,
    /// The client wants the connection to end with the answer.
    pub(crate) close: bool,
}

/// A request whose end can not be known: the connection ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Remembers the last head: a generator's requests are mostly the same bytes again.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    head: Vec<u8>,
    request: Request,
}

impl Memo {
    /// The first request in `bytes` and the length of its head; `None` while that is incomplete.
    /// `seen`: so many bytes at the begin are known to hold no end of a head.
    #[inline]
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        seen: usize,
    ) -> Result<Option<(Request, usize)>, Unreadable> {
        // A whole head stands at the begin of `bytes` if and only if it is a prefix, since a head
        // has no second empty line in it.
        if !self.head.is_empty() && bytes.starts_with(&self.head) {
            return Ok(Some((self.request, self.head.len())));
        }
        self.read_anew(bytes, seen)
    }

    fn read_anew(
        &mut self,
        bytes: &[u8],
        seen: usize,
    ) -> Result<Option<(Request, usize)>, Unreadable> {
        let from = seen.saturating_sub(3);
        let Some(end) = memmem::find(&bytes[from..], b"\r\n\r\n").map(|at| from + at + 4) else {
            return if bytes.len() > LONGEST_HEAD { Err(Unreadable) } else { Ok(None) };
        };
        if end > LONGEST_HEAD {
            return Err(Unreadable);
        }
        let head = &bytes[..end];
        self.request = parse(head)?;
        self.head.clear();
        self.head.extend_from_slice(head);
        Ok(Some((self.request, end)))
    }
}

fn parse(head: &[u8]) -> Result<Request, Unreadable> {
    let mut request = Request {
        is_head: head.starts_with(b"HEAD "),
        is_readiness_probe: head.starts_with(b"GET /plaintext "),
        ..Request::default()
    };
    let mut length = None;
    let lines = head.split(|byte| *byte == b'\n').skip(1);
    for line in lines {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let bytes = decimal(value).ok_or(Unreadable)?;
            if length.is_some_and(|before| before != bytes) {
                return Err(Unreadable);
            }
            length = Some(bytes);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err(Unreadable);
        } else if name.eq_ignore_ascii_case(b"connection") {
            request.close |= value.eq_ignore_ascii_case(b"close");
        }
    }
    request.body_bytes = length.unwrap_or(0);
    Ok(request)
}

/// Digits and nothing else (RFC 9112 section 6.2).
fn decimal(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<(Request, usize)>, Unreadable> {
        Memo::default().read(text.as_bytes(), 0)
    }

    #[test]
    fn heads_end_at_the_empty_line() {
        assert_eq!(read("GET / HTTP/1.1\r\nHost: a\r\n\r"), Ok(None));
        assert_eq!(read("GET / HTTP/1.1\r\n\r\nGET"), Ok(Some((Request::default(), 18))));
        let head = Request { is_head: true, ..Request::default() };
        assert_eq!(read("HEAD / HTTP/1.1\r\n\r\n"), Ok(Some((head, 19))));
    }

    #[test]
    fn bodies_have_their_length() {
        let text = "POST / HTTP/1.1\r\ncontent-LENGTH:  17 \r\n\r\n";
        let request = Request { body_bytes: 17, ..Request::default() };
        assert_eq!(read(text), Ok(Some((request, text.len()))));
        for bad in ["-1", "+1", "1 2", "", "99999999999999999999", "1\r\nContent-Length: 2"] {
            let text = format!("POST / HTTP/1.1\r\nContent-Length: {bad}\r\n\r\n");
            assert_eq!(read(&text), Err(Unreadable), "{bad:?}");
        }
        assert_eq!(read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), Err(Unreadable));
    }

    #[test]
    fn the_memo_knows_the_same_head_again_and_no_other() {
        let mut memo = Memo::default();
        let one = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
        let two = b"POST /b HTTP/1.1\r\nContent-Length: 4\r\n\r\n";
        for (bytes, length) in [(one, 3), (one, 3), (two, 4), (one, 3)] {
            let (request, end) = memo.read(bytes, 0).unwrap().unwrap();
            assert_eq!((request.body_bytes, end), (length, bytes.len()));
        }
        assert_eq!(memo.read(&one[..20], 0), Ok(None));
    }

    #[test]
    fn a_head_without_end_is_given_up() {
        let endless = vec![b'x'; LONGEST_HEAD + 1];
        assert_eq!(Memo::default().read(&endless, 0), Err(Unreadable));
        assert_eq!(Memo::default().read(&endless[1..], 0), Ok(None));
    }
}
