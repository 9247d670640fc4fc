use super::*;

fn parse(bytes: &[u8]) -> Result<(HeadParser, usize), u16> {
    let mut parser = HeadParser::default();
    match parser.advance(bytes) {
        Ok(Progress::Complete(length)) => Ok((parser, length)),
        Ok(_) => Err(0),
        Err(reject) => Err(reject.status),
    }
}

fn status(bytes: &[u8]) -> u16 {
    parse(bytes).map_or_else(|status| status, |_| 200)
}

const REQUEST: &[u8] = b"\r\n\r\nPOST http://h/echo?a=b HTTP/1.1\r\nHost:  h:80 \r\n\
    If-None-Match: \"a\"\r\nX:\r\nif-none-match: \"b\"\r\nContent-Length: 12\r\n\
    Expect: 100-continue\r\nConnection: foo, Close\r\n\r\nrest";

fn check(parser: &HeadParser, bytes: &[u8]) {
    let head = parser.head();
    assert_eq!(head.method, Method::Post);
    assert_eq!(&bytes[head.target.clone()], b"/echo?a=b");
    assert_eq!(head.framing, Framing::Length(12));
    assert!(!head.keep_alive && head.expect_continue && !head.is_http10);
    let tags: Vec<_> = head.values(bytes, b"if-none-match").collect();
    assert_eq!(tags, [b"\"a\"", b"\"b\""]);
    assert_eq!(head.values(bytes, b"x").next(), Some(&b""[..]));
}

#[test]
fn a_head_in_one_piece() {
    let (parser, length) = parse(REQUEST).unwrap();
    assert_eq!(&REQUEST[length..], b"rest");
    check(&parser, REQUEST);
}

#[test]
fn a_head_split_at_every_octet() {
    for split in 0..REQUEST.len() - 4 {
        let mut parser = HeadParser::default();
        let first = parser.advance(&REQUEST[..split]).unwrap();
        let expected = if split <= 4 { Progress::Nothing } else { Progress::Partial };
        assert_eq!(first, expected, "split at {split}");
        let progress = parser.advance(REQUEST).unwrap();
        assert_eq!(progress, Progress::Complete(REQUEST.len() - 4), "split at {split}");
        check(&parser, REQUEST);
    }
}

#[test]
fn a_head_octet_by_octet_and_a_second_one_with_the_same_parser() {
    let mut parser = HeadParser::default();
    for _ in 0..2 {
        parser.reset();
        for end in 0..REQUEST.len() - 4 {
            assert!(!matches!(parser.advance(&REQUEST[..end]), Ok(Progress::Complete(_)) | Err(_)));
        }
        parser.advance(&REQUEST[..REQUEST.len() - 4]).unwrap();
        check(&parser, REQUEST);
    }
}

#[test]
fn a_bad_head_is_refused_at_the_same_place_however_it_is_split() {
    for bad in [
        &b"GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\n Host: h\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\nHost: h\r\n\r\n",
    ] {
        assert_eq!(status(bad), 400);
        let mut parser = HeadParser::default();
        let refused = (0..=bad.len()).find_map(|end| parser.advance(&bad[..end]).err());
        assert_eq!(refused.map(|reject| reject.status), Some(400));
    }
}

#[test]
fn line_ends() {
    assert_eq!(status(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    assert_eq!(status(b"GET / HTTP/1.1\nHost: h\n\n"), 400);
    assert_eq!(status(b"GET / HTTP/1.1\r\nHost: h\n\r\n"), 400);
    assert_eq!(status(b"GET / HTTP/1.1\r\nHost: h\r\n\n"), 400);
    assert_eq!(status(b"\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    assert_eq!(status(b"GET / HTTP/1.1\rHost: h\r\n\r\n"), 400);
    assert_eq!(status(b"GET / HTTP/1.1\r\r\nHost: h\r\n\r\n"), 400);
    assert_eq!(status(b"GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), 400);
    assert_eq!(status(b"\r\n\r\n\r\n\r\n\r\nG"), 400);
}

#[test]
fn what_is_not_http_is_refused_at_its_first_octet() {
    assert_eq!(status(b"\x16\x03\x01"), 400);
    assert_eq!(status(b" GET"), 400);
    assert_eq!(status(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
    assert_eq!(status(b"GET /\r\n"), 400);
}

#[test]
fn the_limit_of_the_line() {
    let target = |length: usize| {
        let target = format!("/{}", "a".repeat(length - 1));
        status(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes())
    };
    assert_eq!((target(8000), target(8192), target(8193)), (200, 200, 414));
    assert_eq!(status(&[b'a'; 9000]), 414, "without waiting for its end");
}

#[test]
fn the_limits_of_the_section() {
    let section = |field: &str, count: usize| {
        let fields = field.repeat(count);
        status(format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n").as_bytes())
    };
    assert_eq!((section("A: b\r\n", 99), section("A: b\r\n", 100)), (200, 431));
    let long = format!("A: {}\r\n", "b".repeat(8000));
    assert_eq!((section(&long, 4), section(&long, 5)), (200, 431));
    let endless = format!("GET / HTTP/1.1\r\nA: {}", "b".repeat(MAX_SECTION));
    assert_eq!(status(endless.as_bytes()), 431);
}
