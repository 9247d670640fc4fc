//! Response heads, written at the end of a buffer.

use super::DateCache;

/// What a response says about its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connection {
    /// It stays open, as HTTP/1.1 takes for granted.
    KeepAlive,
    /// It stays open, which a client of HTTP/1.0 has to be told.
    KeepAliveSaid,
    /// It is closed after this response.
    Close,
}

/// A head in the making: status line, `Server` and `Date` are there already.
#[derive(Debug)]
pub(crate) struct HeadWriter<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> HeadWriter<'o> {
    /// Appends what every response starts with.
    pub(crate) fn begin(out: &'o mut Vec<u8>, date: &mut DateCache, status: u16) -> Self {
        out.extend_from_slice(status_line(status));
        out.extend_from_slice(b"Server: rust-std\r\nDate: ");
        out.extend_from_slice(date.now());
        out.extend_from_slice(b"\r\n");
        Self { out }
    }

    /// Appends a field; neither part may come from a request.
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        append_field(self.out, name, value);
    }

    /// Appends the framing and the empty line. `content_length` is `None` where a
    /// response has neither body nor length (204 and 304).
    pub(crate) fn end(self, content_length: Option<usize>, connection: Connection) {
        match connection {
            Connection::KeepAlive => {}
            Connection::KeepAliveSaid => append_field(self.out, "Connection", "keep-alive"),
            Connection::Close => append_field(self.out, "Connection", "close"),
        }
        if let Some(length) = content_length {
            self.out.extend_from_slice(b"Content-Length: ");
            append_decimal(self.out, length);
            self.out.extend_from_slice(b"\r\n");
        }
        self.out.extend_from_slice(b"\r\n");
    }
}

fn append_field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn append_decimal(out: &mut Vec<u8>, mut number: usize) {
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

fn status_line(status: u16) -> &'static [u8] {
    match status {
        200 => b"HTTP/1.1 200 OK\r\n",
        204 => b"HTTP/1.1 204 No Content\r\n",
        206 => b"HTTP/1.1 206 Partial Content\r\n",
        304 => b"HTTP/1.1 304 Not Modified\r\n",
        400 => b"HTTP/1.1 400 Bad Request\r\n",
        404 => b"HTTP/1.1 404 Not Found\r\n",
        405 => b"HTTP/1.1 405 Method Not Allowed\r\n",
        408 => b"HTTP/1.1 408 Request Timeout\r\n",
        412 => b"HTTP/1.1 412 Precondition Failed\r\n",
        413 => b"HTTP/1.1 413 Content Too Large\r\n",
        414 => b"HTTP/1.1 414 URI Too Long\r\n",
        416 => b"HTTP/1.1 416 Range Not Satisfiable\r\n",
        417 => b"HTTP/1.1 417 Expectation Failed\r\n",
        431 => b"HTTP/1.1 431 Request Header Fields Too Large\r\n",
        501 => b"HTTP/1.1 501 Not Implemented\r\n",
        503 => b"HTTP/1.1 503 Service Unavailable\r\n",
        505 => b"HTTP/1.1 505 HTTP Version Not Supported\r\n",
        // A status that nothing here sends would be a mistake of ours.
        _ => b"HTTP/1.1 500 Internal Server Error\r\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(
        status: u16,
        fields: &[(&str, &str)],
        length: Option<usize>,
        connection: Connection,
    ) -> String {
        let mut out = b"before ".to_vec();
        let mut date = DateCache::new();
        let mut head = HeadWriter::begin(&mut out, &mut date, status);
        for (name, value) in fields {
            head.field(name, value);
        }
        head.end(length, connection);
        let text = String::from_utf8(out).unwrap();
        let (start, rest) = text.split_once("Date: ").unwrap();
        let (date, rest) = rest.split_once("\r\n").unwrap();
        assert_eq!(date.len(), 29);
        format!("{start}{rest}")
    }

    #[test]
    fn a_response_with_a_body() {
        assert_eq!(
            text(206, &[("ETag", "\"a\"")], Some(1203), Connection::Close),
            "before HTTP/1.1 206 Partial Content\r\nServer: rust-std\r\nETag: \"a\"\r\n\
             Connection: close\r\nContent-Length: 1203\r\n\r\n"
        );
    }

    #[test]
    fn a_response_without_a_body() {
        assert_eq!(
            text(304, &[], None, Connection::KeepAlive),
            "before HTTP/1.1 304 Not Modified\r\nServer: rust-std\r\n\r\n"
        );
    }

    #[test]
    fn zero_has_a_digit() {
        let mut out = Vec::new();
        append_decimal(&mut out, 0);
        append_decimal(&mut out, usize::MAX);
        assert_eq!(out, b"018446744073709551615");
    }
}
