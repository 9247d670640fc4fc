//! Every malformation has its own name, whole and byte by byte.

mod common;

use common::error_of;

fn name_of(bytes: &[u8]) -> &'static str {
    error_of(bytes).name()
}

#[test]
fn status_lines() {
    for (bytes, name) in [
        (&b"SSH-2.0-x\r\n"[..], "bad-status-line"),
        (b"\r\nHTTP/1.1 200 OK\r\n", "bad-status-line"),
        (b"HTTP/1.1\r\n\r\n", "bad-status-line"),
        (b"HTTP/1.1  200 OK\r\n\r\n", "bad-status-code"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "bad-status-code"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "bad-status-code"),
        (b"HTTP/1.1 -20 OK\r\n\r\n", "bad-status-code"),
        (b"HTTP/1.1 099 OK\r\n\r\n", "bad-status-code"),
        (b"HTTP/1.1 600 OK\r\n\r\n", "bad-status-code"),
        (b"HTTP/1.1 200 O\x00K\r\n\r\n", "bad-status-line"),
        (b"HTTP/1.1 200 O\rK\r\n\r\n", "bare-cr"),
        (b"HTTP/2.0 200 OK\r\n\r\n", "unsupported-version"),
        (b"http/1.1 200 OK\r\n\r\n", "bad-status-line"),
        (b"HTTP/1.1 200 OK\n\n", "bare-lf"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "unexpected-upgrade"),
    ] {
        assert_eq!(name_of(bytes), name, "{}", bytes.escape_ascii());
    }
}

#[test]
fn fields() {
    for (line, name) in [
        (&b"X: a\n"[..], "bare-lf"),
        (b"X: a\rb\r\n", "bare-cr"),
        (b" X: a\r\n", "obs-fold"),
        (b"X a\r\n", "missing-colon"),
        (b"X : a\r\n", "space-before-colon"),
        (b": a\r\n", "bad-field-name"),
        (b"X(y): a\r\n", "bad-field-name"),
        (b"X\xff: a\r\n", "bad-field-name"),
        (b"X: \x00\r\n", "bad-field-value"),
        (b"X: \x7f\r\n", "bad-field-value"),
    ] {
        let bytes = [b"HTTP/1.1 200 OK\r\n", line, b"\r\n"].concat();
        assert_eq!(name_of(&bytes), name, "{}", line.escape_ascii());
    }
}

#[test]
fn lengths() {
    for (lines, name) in [
        ("Content-Length: -1\r\n", "negative-content-length"),
        ("Content-Length: 1x\r\n", "bad-content-length"),
        ("Content-Length: +1\r\n", "bad-content-length"),
        ("Content-Length: 0x10\r\n", "bad-content-length"),
        ("Content-Length: \r\n", "bad-content-length"),
        ("Content-Length: 1 2\r\n", "bad-content-length"),
        ("Content-Length: 1,\r\n", "bad-content-length"),
        ("Content-Length: 18446744073709551616\r\n", "content-length-overflow"),
        ("Content-Length: 18446744073709551615\r\n", "body-too-long"),
        ("Content-Length: 10001\r\n", "body-too-long"),
        ("Content-Length: 1\r\nContent-Length: 2\r\n", "content-lengths-differ"),
        ("Content-Length: 1, 2\r\n", "content-lengths-differ"),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "length-and-transfer-encoding"),
        ("Transfer-Encoding: gzip, chunked\r\n", "unsupported-transfer-coding"),
        ("Transfer-Encoding: identity\r\n", "unsupported-transfer-coding"),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "unsupported-transfer-coding",
        ),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        assert_eq!(name_of(bytes.as_bytes()), name, "{lines}");
    }
    assert_eq!(
        name_of(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        "transfer-encoding-in-http-1.0"
    );
}

#[test]
fn chunks() {
    let long_extension = format!("1;{}\r\n", "x".repeat(100));
    let long_trailer = format!("0\r\nX: {}\r\n", "y".repeat(200));
    for (body, name) in [
        ("\r\n", "bad-chunk-size"),
        ("x\r\n", "bad-chunk-size"),
        ("-1\r\n", "bad-chunk-size"),
        ("0x1\r\n", "bad-chunk-size"),
        ("1\nx", "bad-chunk-size"),
        ("1\rx", "bad-chunk-size"),
        ("1 x\r\n", "bad-chunk-size"),
        ("1;a\x01\r\n", "bad-chunk-extension"),
        ("fffffffffffffffff\r\n", "chunk-size-overflow"),
        ("10000000000000000\r\n", "chunk-size-overflow"),
        ("ffffffffffffffff\r\n", "body-too-long"),
        ("2711\r\n", "body-too-long"),
        (&long_extension, "chunk-line-too-long"),
        ("1\r\nab", "missing-chunk-crlf"),
        ("1\r\na\rb", "missing-chunk-crlf"),
        ("1\r\na\n", "missing-chunk-crlf"),
        ("0\r\n: x\r\n", "bad-trailer"),
        ("0\r\nX\r\n", "bad-trailer"),
        ("0\r\nX: \x00\r\n", "bad-trailer"),
        ("0\r\n\rx", "bad-trailer"),
        (&long_trailer, "trailers-too-large"),
        ("1\r\na\r\n", "closed-in-chunked-body"),
        ("0\r\n", "closed-in-chunked-body"),
        ("0\r\n\r", "closed-in-chunked-body"),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_eq!(name_of(bytes.as_bytes()), name, "{body}");
    }
}

#[test]
fn sizes_and_counts() {
    let endless = [&b"HTTP/1.1 200 OK\r\nX: "[..], &[b'a'; 2000]].concat();
    assert_eq!(name_of(&endless), "head-too-large");
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(17));
    assert_eq!(name_of(many.as_bytes()), "too-many-fields");
    let flood = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(5);
    assert_eq!(name_of(flood.as_bytes()), "too-many-interim");
    let endless_body = [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[b'a'; 10_001]].concat();
    assert_eq!(name_of(&endless_body), "body-too-long");
}

#[test]
fn closed_early() {
    assert_eq!(name_of(b"HTTP/1.1 200"), "closed-in-head");
    assert_eq!(
        error_of(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc").to_string(),
        "the connection was closed after 3 of 5 body bytes"
    );
}

#[test]
fn bytes_nobody_asked_for() {
    let error = error_of(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc");
    assert_eq!(error.to_string(), "bytes nobody asked for: `c`");
}
