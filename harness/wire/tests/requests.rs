//! The request writer.

use httpdyno_wire::{RequestBuilder, RequestKind, SlotValue, Template, escape};

fn get(target: &str) -> RequestBuilder {
    RequestBuilder::new("GET", Template::literal(target)).field("Host", Template::literal("h:1"))
}

#[test]
fn constant_requests_are_prebuilt() {
    let request = get("/json").build().unwrap();
    assert_eq!(request.prebuilt(), Some(&b"GET /json HTTP/1.1\r\nHost: h:1\r\n\r\n"[..]));
    assert_eq!(request.slots(), 0);
}

#[test]
fn lengths_are_written_where_the_rfc_wants_them() {
    let host = || Template::literal("h");
    let post = RequestBuilder::new("POST", Template::literal("/e")).field("Host", host());
    let bytes = post.clone().build().unwrap();
    assert!(escape(bytes.prebuilt().unwrap()).ends_with(r"Content-Length: 0\r\n\r\n"));
    let bytes = post.body(Template::literal("abc")).build().unwrap();
    assert!(escape(bytes.prebuilt().unwrap()).ends_with(r"Content-Length: 3\r\n\r\nabc"));
    let head = RequestBuilder::new("HEAD", Template::literal("/")).field("host", host());
    assert_eq!(head.build().unwrap().kind(), RequestKind::Head);
}

#[test]
fn templates_are_filled_and_measured() {
    let names = ["id", "word"];
    let parse = |text: &str| Template::parse(text.as_bytes(), &names).unwrap();
    let request = RequestBuilder::new("POST", parse("/users/{{id}}?q={{word}}"))
        .field("Host", Template::literal("h"))
        .body(parse(r#"{"id":{{id}},"w":"{{word}}"}"#))
        .build()
        .unwrap();
    assert_eq!((request.prebuilt(), request.slots()), (None, 2));
    for (id, word, length) in [(7, "a", 16), (12_345_678, "abcdef", 28)] {
        let mut out = Vec::new();
        let slots = [SlotValue::decimal(id), SlotValue::text(word.as_bytes())];
        request.render(&slots, &mut out);
        let expected = format!(
            "POST /users/{id}?q={word} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n\
             {{\"id\":{id},\"w\":\"{word}\"}}"
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}

#[test]
fn template_errors_name_the_place() {
    let fail = |text: &str| Template::parse(text.as_bytes(), &["id"]).unwrap_err().to_string();
    assert_eq!(fail("/a{{id"), "`{{` at byte 2 has no `}}`");
    assert_eq!(fail("/{{ids}}"), "`{{ids}}` names no value, expected one of: id");
}

#[test]
fn what_the_rfc_forbids_is_refused() {
    let fail = |builder: RequestBuilder| builder.build().unwrap_err().to_string();
    let literal = Template::literal;
    assert!(fail(get("/a b")).starts_with("bad request target"));
    assert!(fail(get("/a\r\nX: y")).starts_with("bad request target"));
    assert!(fail(get("")).starts_with("bad request target"));
    assert!(fail(RequestBuilder::new("G T", literal("/"))).starts_with("bad method"));
    assert!(fail(RequestBuilder::new("CONNECT", literal("/"))).contains("CONNECT"));
    assert!(fail(RequestBuilder::new("GET", literal("/"))).starts_with("no Host"));
    assert!(fail(get("/").field("A b", literal(""))).starts_with("bad field name"));
    assert!(fail(get("/").field("A", literal("a\nb"))).contains("0x0a"));
    assert!(fail(get("/").field("content-length", literal("1"))).contains("leave it out"));
}
