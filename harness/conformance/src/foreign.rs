//! Names for bytes that answer an HTTP/1.1 request and are no HTTP/1.1.

use httpdyno_wire::escape_bounded;

/// How many bytes are quoted.
const QUOTED: usize = 60;

/// What begins like this, where it does not begin like an HTTP/1.x response: a short stable name
/// and a sentence part after "it".
pub(crate) fn name(bytes: &[u8]) -> Option<(&'static str, String)> {
    if bytes.is_empty() || bytes.starts_with(b"HTTP/1.") {
        return None;
    }
    let named = |name: &'static str, text: &str| Some((name, text.to_owned()));
    if let Some(version) = higher_version(bytes) {
        let text = format!("sends the status line of HTTP/{version}, which has none");
        return Some(("http-2", text));
    }
    if is_http2(bytes) {
        return named("http-2", "answers with frames of HTTP/2");
    }
    if is_tls(bytes) {
        return named("tls", "answers with TLS");
    }
    if let Some(protocol) = greeting(bytes) {
        return Some(("another-protocol", format!("speaks {protocol}, not HTTP")));
    }
    let quoted = escape_bounded(bytes, QUOTED);
    if b"HTTP/1.".starts_with(&bytes[..bytes.len().min(7)]) {
        // It may still become one.
        return None;
    }
    Some(match is_text(bytes) {
        true => {
            let text = format!("answers as HTTP/0.9, with content and no status line: `{quoted}`");
            ("http-0.9", text)
        }
        false => ("no-http", format!("answers with what is no HTTP: `{quoted}`")),
    })
}

/// The beginning of HTTP/2 frames: SETTINGS or GOAWAY on stream 0 (RFC 9113 section 4.1).
pub(crate) fn is_http2(bytes: &[u8]) -> bool {
    let Some(header) = bytes.first_chunk::<9>() else { return false };
    let on_stream_0 = header[5..9] == [0; 4];
    header[0] == 0 && header[1] == 0 && matches!(header[3], 4 | 7) && on_stream_0
}

/// The beginning of a TLS record: an alert or a handshake (RFC 8446 section 5.1).
pub(crate) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 0x03, 0..=4, ..])
}

fn higher_version(bytes: &[u8]) -> Option<char> {
    let digit = *bytes.strip_prefix(b"HTTP/")?.first()?;
    matches!(digit, b'2'..=b'9').then(|| char::from(digit))
}

/// The protocols whose servers greet first, or answer a line that they do not know.
fn greeting(bytes: &[u8]) -> Option<&'static str> {
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or(bytes);
    let has = |word: &[u8]| line.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let is_reply = |codes: &[&[u8]]| {
        codes.iter().any(|code| line.starts_with(code)) && matches!(line.get(3), Some(b' ' | b'-'))
    };
    const STARTS: [(&[u8], &str); 10] = [
        (b"SSH-", "SSH"),
        (b"* OK", "IMAP"),
        (b"* BYE", "IMAP"),
        (b"+OK", "POP3"),
        (b"-ERR ", "the protocol of Redis or POP3"),
        (b"RTSP/", "RTSP"),
        (b"SIP/", "SIP"),
        (b"ICY ", "the protocol of Shoutcast"),
        (b"RFB ", "VNC"),
        (b"AMQP", "AMQP"),
    ];
    if let Some((_, protocol)) = STARTS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(protocol);
    }
    if is_reply(&[b"220", b"421", b"500", b"502", b"554"]) {
        return Some(if has(b"FTP") { "FTP" } else { "SMTP" });
    }
    if bytes.starts_with(b"ERROR\r\n") {
        return Some("the protocol of memcached");
    }
    // A packet of MySQL: its length, number 0, version 10 of the protocol.
    matches!(bytes, [_, _, 0, 0, 10, ..]).then_some("the protocol of MySQL")
}

fn is_text(bytes: &[u8]) -> bool {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\r' | b'\n' | b'\t');
    !bytes.iter().any(control)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn what_is_no_http_1_is_named() {
        for (bytes, wanted) in [
            (&b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"[..], "frames of HTTP/2"),
            (b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01", "frames of HTTP/2"),
            (b"HTTP/2 200 OK\r\n\r\n", "HTTP/2, which has none"),
            (b"HTTP/3 200\r\n\r\n", "HTTP/3, which has none"),
            (b"\x15\x03\x01\0\x02\x02\x46", "TLS"),
            (b"220 mail.example ESMTP\r\n", "SMTP"),
            (b"220-ftp.example FTP server\r\n", "FTP"),
            (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH"),
            (b"+OK ready\r\n", "POP3"),
            (b"\x4a\0\0\0\x0a8.0.36\0", "MySQL"),
            (b"<html>hello</html>", "HTTP/0.9"),
            (b"just text", "HTTP/0.9"),
            (b"\x01\x02\x03", "no HTTP"),
        ] {
            let found = name(bytes).unwrap_or_else(|| panic!("{bytes:?}"));
            assert!(found.1.contains(wanted), "{bytes:?}: {found:?}");
        }
    }

    #[test]
    fn http_1_and_what_may_become_it_is_not() {
        for bytes in [&b"HTTP/1.1 200 OK\r\n"[..], b"HTTP/1.0 200 OK", b"HTTP/1.1200", b"HT", b""] {
            assert_eq!(name(bytes), None, "{bytes:?}");
        }
    }
}
