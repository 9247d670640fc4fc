//! What a user agent has to take of servers that do not keep to the letter, and still does not.

use httpdyno_wire::{
    Advance, Collecting, Completed, HeadMemo, Limits, RequestKind, ResponseCollector,
    ResponseDecoder, ResponseError, Version,
};

/// Reads one response in pieces of `step` bytes.
fn read(bytes: &[u8], step: usize) -> Result<Option<Completed>, ResponseError> {
    let mut decoder = ResponseDecoder::tolerant();
    let (mut memo, limits) = (HeadMemo::new(), Limits::default());
    for piece in bytes.chunks(step) {
        match decoder.advance(piece, RequestKind::Normal, &limits, &mut memo, &mut ())? {
            Advance::NeedMore => {}
            Advance::Interim { .. } => panic!("no interim response was sent"),
            Advance::Complete { response, .. } => return Ok(Some(response)),
        }
    }
    Ok(None)
}

/// The response, which must be the same however it is split; and the strict reader refuses it.
fn accepted(bytes: &[u8]) -> Completed {
    let whole = read(bytes, bytes.len()).expect("accepted").expect("complete");
    for step in 1..bytes.len() {
        assert_eq!(read(bytes, step), Ok(Some(whole)), "in pieces of {step}");
    }
    let mut strict = ResponseCollector::new(Limits::default());
    strict.expect(RequestKind::Normal);
    strict.feed(bytes);
    assert!(matches!(strict.state(), Collecting::Failed(_)), "{}", bytes.escape_ascii());
    whole
}

fn names(response: Completed) -> Vec<&'static str> {
    response.head.oddities.names().collect()
}

#[test]
fn a_fold_is_a_space_before_the_value_is_interpreted() {
    for (fields, body) in [
        ("X: a\r\n b\r\nContent-Length: 2\r\n", 2),
        ("Content-Length:\r\n\t2\r\nX: a\r\n", 2),
        ("Content-Length: 2\r\nX:\r\n \r\n  b\r\n \r\n", 2),
        ("Content-Length: 2\r\n ,2\r\n", 2),
    ] {
        let response = accepted(format!("HTTP/1.1 200 OK\r\n{fields}\r\nab").as_bytes());
        assert_eq!((response.body_bytes, names(response)), (body, vec!["obs-fold"]), "{fields:?}");
    }
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n\
                   2\r\nab\r\n0\r\n\r\n";
    assert_eq!(accepted(chunked.as_bytes()).body_bytes, 2);
    let close = "HTTP/1.1 200 OK\r\nConnection: x,\r\n close\r\nContent-Length: 0\r\n\r\n";
    assert!(accepted(close.as_bytes()).head.close);
    let trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                    1\r\na\r\n0\r\nX: 1\r\n 2\r\nY: 3\r\n\r\n";
    assert_eq!(names(accepted(trailers.as_bytes())), ["obs-fold"]);
}

#[test]
fn a_status_above_599_and_a_later_minor_version_are_taken() {
    for status in [600, 612, 999] {
        let bytes = format!("HTTP/1.1 {status} Odd\r\nContent-Length: 0\r\n\r\n");
        let response = accepted(bytes.as_bytes());
        assert_eq!((response.head.status, names(response)), (status, vec!["status-above-599"]));
    }
    for minor in 2..=9 {
        let bytes = format!("HTTP/1.{minor} 200 OK\r\nContent-Length: 0\r\n\r\n");
        let response = accepted(bytes.as_bytes());
        assert_eq!(response.head.version, Version::Http11);
        assert!(!response.head.close, "it persists as one of HTTP/1.1 does");
        assert_eq!(names(response), ["later-minor-version"]);
    }
    let both = accepted(b"HTTP/1.7 700 X\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(names(both), ["obs-fold", "status-above-599", "later-minor-version"]);
}

#[test]
fn what_is_right_is_not_odd_and_what_is_wrong_is_still_refused() {
    let right = b"HTTP/1.1 599 X\r\nA: b\r\nContent-Length: 0\r\n\r\n";
    let response = read(right, right.len()).expect("accepted").expect("complete");
    assert!(!response.head.oddities.any());
    for (bytes, name) in [
        ("HTTP/1.1 200 OK\r\n X: a\r\n\r\n", "obs-fold"),
        ("HTTP/1.1 200 OK\r\nX: a\r\n b\n\r\n", "bare-lf"),
        ("HTTP/1.1 200 OK\r\nX: a\r\n \x01\r\n\r\n", "bad-field-value"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 2\r\n\r\n", "bad-content-length"),
        ("HTTP/1.1 200 OK\r\nX\r\n : a\r\n\r\n", "space-before-colon"),
        ("HTTP/1.1 099 X\r\n\r\n", "bad-status-code"),
        ("HTTP/1.1 1000 X\r\n\r\n", "bad-status-code"),
        ("HTTP/2.1 200 X\r\n\r\n", "unsupported-version"),
        ("HTTP/1.x 200 X\r\n\r\n", "unsupported-version"),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n X: 1\r\n", "bad-trailer"),
    ] {
        for step in [1, bytes.len()] {
            let error = read(bytes.as_bytes(), step).expect_err(bytes);
            assert_eq!(error.name(), name, "{bytes:?} in pieces of {step}");
        }
    }
}

#[test]
fn folds_without_end_are_bounded() {
    let mut endless = b"HTTP/1.1 200 OK\r\nX: a\r\n".to_vec();
    endless.extend(b" b\r\n".repeat(100_000));
    let error = read(&endless, 4096).expect_err("refused");
    assert_eq!(error.name(), "head-too-large");
}
