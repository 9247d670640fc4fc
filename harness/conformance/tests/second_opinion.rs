//! A second opinion: reqwest, a client that was not written here, reads what servers send as our
//! own parser and our own client do.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use httpdyno_conformance::{Route, Target, verify_route_blocking};
use httpdyno_spec::exchange::{RequestTemplate, ResponseRule};
use httpdyno_testkit::{End, Script, ScriptedResponder, Server};
use httpdyno_wire::{Limits, RequestKind, Response, ResponseCollector};
use reqwest::{Client, Method};

/// Within this a response on loopback is there.
const PATIENCE: Duration = Duration::from_secs(20);

/// Status and content.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    content: Vec<u8>,
}

/// What reqwest makes of the answer to a request; nothing where it takes it for none.
fn by_reqwest(method: Method, url: &str, content: &[u8]) -> Option<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        // A client of its own: no connection of an earlier answer is used.
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let request = client.request(method, url).header("content-type", "application/json");
        let response = request.body(content.to_vec()).send().await.ok()?;
        let status = response.status().as_u16();
        response.bytes().await.ok().map(|bytes| Answer { status, content: bytes.to_vec() })
    })
}

/// What our parser makes of these bytes, behind which the connection ends.
fn by_our_parser(bytes: &[u8]) -> Option<Answer> {
    let mut collector = ResponseCollector::new(Limits::default());
    collector.expect(RequestKind::Normal);
    let mut all: Vec<Response> = collector.feed(bytes);
    all.extend(collector.eof());
    let last = all.pop().filter(|response| !response.is_interim())?;
    Some(Answer { status: last.status, content: last.body })
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

#[test]
fn framings_are_read_as_reqwest_reads_them() {
    let read = [
        "Content-Length: 5\r\n\r\nhello",
        "content-length:5\r\n\r\nhello",
        "Content-Length: \t 5 \t\r\n\r\nhello",
        "Content-Length: 0\r\n\r\n",
        "Content-Length: 005\r\n\r\nhello",
        "Connection: close\r\n\r\nto the end",
        "\r\nto the end, without a word of it",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "transfer-encoding: Chunked\r\n\r\n00a\r\n0123456789\r\n000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n1\r\n\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;name=value\r\nhello\r\n0;last\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: one\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    let cut_or_wrong = [
        "Content-Length: 50\r\n\r\ncut off",
        "Content-Length: five\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: 99999999999999999999\r\n\r\nhello",
        "Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "Transfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n11111111111111111\r\nhello\r\n0\r\n\r\n",
    ];
    for (rest, is_whole) in
        read.map(|it| (it, true)).into_iter().chain(cut_or_wrong.map(|it| (it, false)))
    {
        let bytes = format!("{HEAD}{rest}");
        let server = ScriptedResponder::start([Script::answer(bytes.clone(), End::Close)]);
        let theirs = by_reqwest(Method::GET, &format!("http://{}/", server.address()), b"");
        let ours = by_our_parser(bytes.as_bytes());
        assert_eq!(ours, theirs, "{rest:?}");
        assert_eq!(ours.is_some(), is_whole, "{rest:?}");
    }
}

#[test]
fn interim_responses_are_passed_over_as_reqwest_does() {
    for before in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
    ] {
        let bytes = format!("{before}{HEAD}Content-Length: 2\r\n\r\nok");
        let server = ScriptedResponder::start([Script::answer(bytes.clone(), End::Close)]);
        let theirs = by_reqwest(Method::GET, &format!("http://{}/", server.address()), b"");
        assert_eq!(theirs, Some(Answer { status: 200, content: b"ok".to_vec() }), "{before:?}");
        assert_eq!(by_our_parser(bytes.as_bytes()), theirs, "{before:?}");
    }
}

#[test]
fn what_a_right_server_answers_is_the_same_to_both_clients() {
    let server = Server::perfect();
    let payloads = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/payloads");
    let small = std::fs::read(payloads.join("echo/small.json")).expect("a payload");
    for (method, path, content, status) in [
        (Method::GET, "/plaintext", &b""[..], 200),
        (Method::GET, "/json", b"", 200),
        (Method::GET, "/users/7", b"", 200),
        (Method::GET, "/nowhere", b"", 404),
        (Method::POST, "/plaintext", b"", 405),
        (Method::POST, "/echo", &small, 200),
        (Method::POST, "/upload", &small, 200),
    ] {
        let body = if content.is_empty() { "" } else { ", body: {file: echo/small.json}" };
        let request: RequestTemplate =
            serde_yaml::from_str(&format!("{{method: {method}, path: {path}{body}}}"))
                .expect("a request");
        let expect: ResponseRule =
            serde_yaml::from_str(&format!("{{status: [{status}]}}")).expect("a rule");
        let vars = BTreeMap::new();
        let route = Route { name: "route", vars: &vars, request: &request, expect: &expect };
        let target = Target::at(server.address());
        let ours = verify_route_blocking(&target, &payloads, route, 7)
            .unwrap_or_else(|mismatch| panic!("{method} {path}: {mismatch}"))
            .answer;
        let url = format!("http://{}{path}", server.address());
        let theirs = by_reqwest(method.clone(), &url, content).expect("an answer");
        let ours = Answer { status: ours.status, content: ours.body.to_vec() };
        assert_eq!(ours, theirs, "{method} {path}");
    }
}
