//! A response as the rules see it, whichever engine received it.

use httpdyno_spec::case::Framed;

/// A complete response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Lower-case names and values, in the order received.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The content, without transfer coding.
    pub body: Vec<u8>,
    /// How the content was delimited; `None` where there can be none (HEAD, 1xx, 204, 304).
    pub framed: Option<Framed>,
    /// The space behind the status code is missing (RFC 9112 section 4).
    pub spaceless: bool,
}

impl Answer {
    /// Of a head's bytes, to the empty line, that a decoder has taken, and the content that came
    /// behind it. Nothing where it is no head.
    #[must_use]
    pub fn of_head(head: &[u8], body: Vec<u8>) -> Option<Self> {
        let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
        let status_line = std::str::from_utf8(lines.next()?).ok()?;
        let status: u16 = status_line.split(' ').nth(1)?.parse().ok()?;
        let field = |line: &[u8]| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
            Some((name, line[colon + 1..].trim_ascii().to_vec()))
        };
        let fields: Vec<_> = lines.filter_map(field).collect();
        let has = |name: &str| fields.iter().any(|(found, _)| found == name);
        let framed = if status < 200 || matches!(status, 204 | 304) {
            None
        } else if has("transfer-encoding") {
            Some(Framed::Chunked)
        } else if has("content-length") {
            Some(Framed::Length)
        } else {
            Some(Framed::Close)
        };
        // Behind "HTTP/1.1 200".
        let spaceless = head.get(12) == Some(&b'\r');
        Some(Self { status, fields, body, framed, spaceless })
    }

    /// The values of a field (by lower-case name) joined with `, ` (RFC 9110 section 5.3).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Vec<u8>> {
        let mut values = self.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v);
        let mut joined = values.next()?.clone();
        for value in values {
            joined.extend_from_slice(b", ");
            joined.extend_from_slice(value);
        }
        Some(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Framed};

    #[test]
    fn a_head_is_read_back() {
        let head = b"HTTP/1.1 200 OK\r\nDate:  now \r\nCONTENT-LENGTH: 2\r\nX: a:b\r\n\r\n";
        let answer = Answer::of_head(head, b"ok".to_vec()).expect("a head");
        assert_eq!((answer.status, answer.framed), (200, Some(Framed::Length)));
        assert_eq!(answer.field("date").as_deref(), Some(&b"now"[..]));
        assert_eq!(answer.field("x").as_deref(), Some(&b"a:b"[..]));
        assert_eq!(answer.fields.len(), 3);
        assert_eq!(Answer::of_head(b"nonsense", Vec::new()), None);
    }
}
