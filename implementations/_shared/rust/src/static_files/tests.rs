//! The whole decision, over a file with a known time and tags.

use std::time::{Duration, SystemTime};

use super::field_line::FieldLine;
use super::*;

/// A file of 10 bytes with both encodings.
pub(super) fn file() -> StaticFile {
    file_with(b"0123456789", Some(b"brotl"), Some(b"gzipped"))
}

pub(super) fn file_with(plain: &[u8], brotli: Option<&[u8]>, gzip: Option<&[u8]>) -> StaticFile {
    let representation = |bytes: &[u8], etag: &str, coding| Representation {
        etag: FieldLine::new("etag", etag),
        ..Representation::new(bytes, coding)
    };
    let varies = brotli.is_some() || gzip.is_some();
    StaticFile {
        content_type: FieldLine::new("content-type", "text/plain; charset=utf-8"),
        last_modified: FieldLine::new("last-modified", MODIFIED),
        modified: SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777),
        modified_is_strong: true,
        accept_ranges: FieldLine::new("accept-ranges", "bytes"),
        vary: varies.then(|| FieldLine::new("vary", "accept-encoding")),
        identity: representation(plain, "\"plain\"", None),
        brotli: brotli.map(|bytes| representation(bytes, "\"br\"", Some("br"))),
        gzip: gzip.map(|bytes| representation(bytes, "\"gz\"", Some("gzip"))),
    }
}

const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

/// The status, the body and the fields in one string.
fn answer(method: StaticMethod, fields: &[(&str, &str)]) -> (u16, String, String) {
    answer_of(&file(), method, fields)
}

fn answer_of(
    file: &StaticFile,
    method: StaticMethod,
    fields: &[(&str, &str)],
) -> (u16, String, String) {
    let fields = fields.iter().map(|(name, value)| (*name, value.as_bytes()));
    let decision = decide(file, method, &Conditions::from_fields(fields));
    let sent: Vec<_> = decision.fields().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(decision.lines().collect::<Vec<_>>(), sent);
    let body = String::from_utf8(decision.body.to_vec()).unwrap();
    (decision.status.code(), body, sent.join("\n"))
}

fn status(fields: &[(&str, &str)]) -> u16 {
    let (get, ..) = answer(StaticMethod::Get, fields);
    if !fields.iter().any(|(name, _)| *name == "range") {
        assert_eq!(answer(StaticMethod::Head, fields).0, get, "HEAD differs from GET");
    }
    get
}

#[test]
fn a_plain_get_has_validators_and_the_whole_body() {
    let (status, body, fields) = answer(StaticMethod::Get, &[]);
    assert_eq!((status, body.as_str()), (200, "0123456789"));
    let expected = format!(
        "content-type: text/plain; charset=utf-8\netag: \"plain\"\nlast-modified: {MODIFIED}\n\
         accept-ranges: bytes\nvary: accept-encoding"
    );
    assert_eq!(fields, expected);
}

#[test]
fn head_has_the_fields_of_get_and_no_body() {
    let (_, _, of_get) = answer(StaticMethod::Get, &[("accept-encoding", "gzip")]);
    let (status, body, fields) = answer(StaticMethod::Head, &[("accept-encoding", "gzip")]);
    assert_eq!((status, body.as_str(), fields), (200, "", of_get));
    let decision = |file| decide(file, StaticMethod::Head, &Conditions::default()).content_length;
    assert_eq!(decision(&file()), Some(10));
    assert_eq!(answer(StaticMethod::Head, &[("range", "bytes=0-1")]).0, 200);
}

#[test]
fn preconditions_follow_their_order() {
    for (fields, expected) in [
        (&[("if-match", "\"plain\"")][..], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", "W/\"plain\"")], 412),
        (&[("if-match", "\"x\"")], 412),
        (&[("if-match", "\"plain\""), ("if-unmodified-since", BEFORE)], 200),
        (&[("if-match", "\"x\""), ("if-none-match", "\"plain\"")], 412),
        (&[("if-match", "\"plain\""), ("if-none-match", "\"plain\"")], 304),
        (&[("if-unmodified-since", BEFORE)], 412),
        (&[("if-unmodified-since", MODIFIED)], 200),
        (&[("if-unmodified-since", "yesterday")], 200),
        (&[("if-none-match", "\"plain\"")], 304),
        (&[("if-none-match", "W/\"plain\"")], 304),
        (&[("if-none-match", "\"x\", \"plain\"")], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"x\""), ("if-modified-since", AFTER)], 200),
        (&[("if-modified-since", BEFORE)], 200),
        (&[("if-modified-since", MODIFIED)], 304),
        (&[("if-modified-since", AFTER)], 304),
        (&[("if-modified-since", "tomorrow")], 200),
        (&[("if-none-match", "\"plain\""), ("range", "bytes=0-1")], 304),
        (&[("if-match", "\"x\""), ("range", "bytes=99-")], 412),
    ] {
        assert_eq!(status(fields), expected, "{fields:?}");
    }
}

#[test]
fn not_modified_keeps_validators_and_vary_but_no_content() {
    let (status, body, fields) = answer(StaticMethod::Get, &[("if-none-match", "*")]);
    assert_eq!((status, body.as_str()), (304, ""));
    let expected = format!("etag: \"plain\"\nlast-modified: {MODIFIED}\nvary: accept-encoding");
    assert_eq!(fields, expected);
    let conditions = Conditions::from_fields([("if-none-match", &b"*"[..])]);
    assert_eq!(decide(&file(), StaticMethod::Get, &conditions).content_length, None);
}

#[test]
fn one_range_is_partial_content() {
    let (status, body, fields) = answer(StaticMethod::Get, &[("range", "bytes=2-4")]);
    assert_eq!((status, body.as_str()), (206, "234"));
    assert!(fields.ends_with("\ncontent-range: bytes 2-4/10"), "{fields}");
    assert_eq!(answer(StaticMethod::Get, &[("range", "bytes=-3")]).1, "789");
    assert_eq!(answer(StaticMethod::Get, &[("range", "bytes=8-")]).1, "89");
}

#[test]
fn a_range_beyond_the_end_tells_the_length() {
    let (status, body, fields) = answer(StaticMethod::Get, &[("range", "bytes=10-")]);
    assert_eq!((status, body.as_str()), (416, ""));
    assert!(fields.ends_with("\ncontent-range: bytes */10"), "{fields}");
}

#[test]
fn several_ranges_and_other_units_are_ignored() {
    for range in ["bytes=0-1,4-5", "lines=0-1", "bytes=x"] {
        assert_eq!(answer(StaticMethod::Get, &[("range", range)]).1, "0123456789", "{range:?}");
    }
    let twice = [("range", "bytes=0-1"), ("range", "bytes=4-5")];
    assert_eq!(answer(StaticMethod::Get, &twice).0, 200);
}

#[test]
fn if_range_lets_a_range_through_only_for_the_same_bytes() {
    for (validator, expected) in [
        ("\"plain\"", 206),
        (MODIFIED, 206),
        ("W/\"plain\"", 200),
        ("\"x\"", 200),
        (BEFORE, 200),
        (AFTER, 200),
        ("yesterday", 200),
    ] {
        let fields = [("range", "bytes=0-1"), ("if-range", validator)];
        assert_eq!(status(&fields), expected, "{validator:?}");
    }
    let beyond = [("range", "bytes=99-"), ("if-range", "\"x\"")];
    assert_eq!(status(&beyond), 200);
    let young = StaticFile { modified_is_strong: false, ..file() };
    let by_date = [("range", "bytes=0-1"), ("if-range", MODIFIED)];
    assert_eq!(answer_of(&young, StaticMethod::Get, &by_date).0, 200);
}

#[test]
fn every_encoding_has_its_own_tag_and_ranges() {
    let (_, body, fields) = answer(StaticMethod::Get, &[("accept-encoding", "br")]);
    assert_eq!(body, "brotl");
    assert!(fields.contains("content-encoding: br\netag: \"br\"\n"), "{fields}");
    let gzip = [("accept-encoding", "gzip"), ("range", "bytes=0-3")];
    let (status, body, fields) = answer(StaticMethod::Get, &gzip);
    assert_eq!((status, body.as_str()), (206, "gzip"));
    assert!(fields.ends_with("content-range: bytes 0-3/7"), "{fields}");
    let other = [("accept-encoding", "gzip"), ("if-none-match", "\"plain\"")];
    assert_eq!(answer(StaticMethod::Get, &other).0, 200);
}

#[test]
fn a_file_without_encodings_does_not_vary() {
    let fields = [("accept-encoding", "br, gzip")];
    let (_, _, sent) = answer_of(&file_with(b"x", None, None), StaticMethod::Get, &fields);
    assert!(!sent.contains("vary") && !sent.contains("content-encoding"), "{sent}");
}
