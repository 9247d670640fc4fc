//! Well-formed responses: what is framed, at every split.

mod common;

use common::{collect, collect_in_steps, small_limits};
use httpdyno_wire::{
    Advance, Collecting, Completed, Framing, HeadMemo, RequestKind, ResponseCollector,
    ResponseDecoder, Version, Visitor,
};

#[test]
fn keeps_everything_of_a_response() {
    let bytes = b"HTTP/1.1 200 All Right\r\nSet-Cookie: a\r\nX:\t b \r\nset-cookie: c\xe9\r\n\
        content-LENGTH: 3\r\n\r\nabc";
    let (responses, state) = collect(bytes);
    let [response] = &responses[..] else { panic!("{responses:?}") };
    assert_eq!((response.version, response.status), (Version::Http11, 200));
    assert_eq!(response.reason, b"All Right");
    assert_eq!(response.fields[1], (b"X".to_vec(), b"b".to_vec()));
    assert_eq!(response.values("Set-Cookie").collect::<Vec<_>>(), [&b"a"[..], b"c\xe9"]);
    assert_eq!(response.body, b"abc");
    assert_eq!(response.raw, bytes);
    assert_eq!(state, Collecting::Idle { owed: 0 });
}

#[test]
fn responses_without_body() {
    for head in [
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        let (responses, state) = collect(head.as_bytes());
        assert_eq!((responses.len(), state), (1, Collecting::Idle { owed: 0 }), "{head}");
        assert_eq!(responses[0].framing, Framing::None);
    }
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    let (responses, state) = collect_in_steps(head, RequestKind::Head, 1, 7);
    assert_eq!((responses.len(), state), (1, Collecting::Idle { owed: 0 }));
}

#[test]
fn interim_responses_are_reported_apart() {
    let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz";
    for step in 1..=bytes.len() {
        let (responses, state) = collect_in_steps(bytes, RequestKind::Normal, 1, step);
        let statuses: Vec<u16> = responses.iter().map(|r| r.status).collect();
        assert_eq!((statuses, state), (vec![100, 103, 200], Collecting::Idle { owed: 0 }));
        let raw: Vec<u8> = responses.iter().flat_map(|r| r.raw.clone()).collect();
        assert_eq!(raw, bytes);
    }
}

#[test]
fn chunked_at_every_split() {
    let bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n\
        00B ;x\r\n0123456789a\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n";
    for step in 1..=bytes.len() {
        let (responses, state) = collect_in_steps(bytes, RequestKind::Normal, 1, step);
        assert_eq!(state, Collecting::Idle { owed: 0 }, "step {step}");
        assert_eq!(responses[0].body, b"abc0123456789a");
        assert_eq!(responses[0].raw, bytes);
        let trailers = [(b"X-Sum".to_vec(), b"1".to_vec()), (b"Y".to_vec(), vec![])];
        assert_eq!(responses[0].trailers, trailers);
    }
}

#[test]
fn until_close_ends_with_the_connection() {
    let bytes = b"HTTP/1.0 200 OK\r\n\r\nall of this";
    for step in 1..=bytes.len() {
        let (responses, _) = collect_in_steps(bytes, RequestKind::Normal, 1, step);
        assert_eq!(responses[0].body, b"all of this");
        assert!(responses[0].close);
    }
}

#[test]
fn pipelined_responses_at_every_split() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 \r\n\
        Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 204\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for step in 1..=bytes.len() {
        let (responses, state) = collect_in_steps(bytes, RequestKind::Normal, 4, step);
        let statuses: Vec<u16> = responses.iter().map(|r| r.status).collect();
        assert_eq!((statuses, state), (vec![200, 404, 204, 200], Collecting::Idle { owed: 0 }));
    }
}

#[test]
fn connection_persistence() {
    for (head, close) in [
        ("HTTP/1.1 204\r\n\r\n", false),
        ("HTTP/1.1 204\r\nConnection: x, CLOSE\r\n\r\n", true),
        ("HTTP/1.1 204\r\nConnection: closed\r\n\r\n", false),
        ("HTTP/1.0 204\r\n\r\n", true),
        ("HTTP/1.0 204\r\nConnection: Keep-Alive\r\n\r\n", false),
    ] {
        assert_eq!(collect(head.as_bytes()).0[0].close, close, "{head}");
    }
}

#[test]
fn equal_lengths_count_once() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 02\r\n\r\nab";
    assert_eq!(collect(bytes).0[0].body, b"ab");
}

#[test]
fn a_collector_says_where_it_stands() {
    let mut collector = ResponseCollector::new(small_limits());
    collector.expect(RequestKind::Normal);
    assert_eq!(collector.state(), Collecting::Idle { owed: 1 });
    assert!(collector.feed(b"HTTP/1.1 2").is_empty());
    assert_eq!(collector.state(), Collecting::InHead);
    assert!(collector.feed(b"00 OK\r\nContent-Length: 2\r\n\r\na").is_empty());
    assert_eq!(collector.state(), Collecting::InBody);
    assert_eq!(collector.unfinished(), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
    assert_eq!(collector.feed(b"b").len(), 1);
    assert_eq!(collector.state(), Collecting::Idle { owed: 0 });
}

/// The memo must not change any answer: neither the kind of request nor a longer head may be
/// taken for the remembered one.
#[test]
fn the_memo_is_invisible() {
    struct Body(Vec<u8>);
    impl Visitor for Body {
        fn body(&mut self, piece: &[u8]) {
            self.0.extend_from_slice(piece);
        }
    }
    let limits = small_limits();
    let mut memo = HeadMemo::new();
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
    let whole = [&head[..], b"abc"].concat();
    for (kind, input, body) in [
        (RequestKind::Normal, &whole[..], &b"abc"[..]),
        (RequestKind::Normal, &whole[..], b"abc"),
        (RequestKind::Head, &head[..], b""),
        (RequestKind::Head, &head[..], b""),
        (RequestKind::Normal, &whole[..], b"abc"),
    ] {
        let (mut decoder, mut seen) = (ResponseDecoder::new(), Body(Vec::new()));
        let advance = decoder.advance(input, kind, &limits, &mut memo, &mut seen).unwrap();
        let Advance::Complete { consumed, response: Completed { body_bytes, .. } } = advance else {
            panic!("{advance:?}")
        };
        assert_eq!((consumed, body_bytes), (input.len(), body.len() as u64));
        assert_eq!(seen.0, body);
        // The same with the body in a second input.
        let (mut decoder, mut seen) = (ResponseDecoder::new(), Body(Vec::new()));
        let first = decoder.advance(head, kind, &limits, &mut memo, &mut seen).unwrap();
        if kind == RequestKind::Normal {
            assert_eq!(first, Advance::NeedMore);
            let rest = decoder.advance(b"abc", kind, &limits, &mut memo, &mut seen).unwrap();
            assert!(matches!(rest, Advance::Complete { consumed: 3, .. }), "{rest:?}");
        }
    }
}
