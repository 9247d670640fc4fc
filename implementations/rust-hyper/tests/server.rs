//! The real program, started under the contract and asked over a socket.
#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;

#[path = "../../_shared/rust/testing/database.rs"]
mod database;
#[path = "../../_shared/rust/testing/mod.rs"]
mod testing;

use testing::{Server, command, request};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rust-hyper");
const VARIANTS: [&[&str]; 2] = [&["--runtime", "per-worker"], &["--runtime", "work-stealing"]];

fn each_variant(check: impl Fn(&Server)) {
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("hello.txt"), "0123456789").unwrap();
    fs::write(files.path().join("app.js"), "plain").unwrap();
    fs::write(files.path().join("app.js.gz"), "zipped").unwrap();
    for variant in VARIANTS {
        check(&Server::start(PROGRAM, variant, files.path()));
    }
}

#[test]
fn answers_without_arguments() {
    each_variant(|server| {
        let plaintext = server.get("/plaintext");
        assert_eq!((plaintext.status, plaintext.text()), (200, "Hello, World!"));
        assert_eq!(plaintext.field("content-type"), Some("text/plain"));
        assert_eq!(plaintext.field("server"), Some("hyper"));
        assert!(plaintext.field("date").unwrap().ends_with(" GMT"));
        let json = server.get("/json");
        assert_eq!(json.text(), r#"{"message":"Hello, World!"}"#);
        assert_eq!(json.field("content-type"), Some("application/json"));
        let head = server.ask("HEAD", "/json", &[]);
        assert_eq!((head.status, head.field("content-length")), (200, Some("27")));
    });
}

#[test]
fn answers_with_arguments() {
    each_variant(|server| {
        assert_eq!(server.get("/users/42?x").text(), r#"{"id":42,"name":"user-42"}"#);
        assert_eq!(
            server.get("/search?q=a+%22b&limit=101").text(),
            r#"{"query":"a \"b","limit":100}"#
        );
        assert_eq!(server.get("/delay/1").text(), r#"{"delayed_ms":1}"#);
        for target in ["/users/0", "/users/x", "/search", "/search?q=", "/delay/10001"] {
            assert_eq!(server.get(target).status, 400, "{target}");
        }
    });
}

#[test]
fn unknown_paths_and_methods() {
    each_variant(|server| {
        for target in ["/", "/plaintext/", "/users/1/2", "/db", "/static/", "/static/nope"] {
            assert_eq!(server.get(target).status, 404, "{target}");
        }
        let wrong = server.ask("DELETE", "/plaintext", &[]);
        assert_eq!((wrong.status, wrong.field("allow")), (405, Some("GET, HEAD, OPTIONS")));
        let wrong = server.get("/echo");
        assert_eq!((wrong.status, wrong.field("allow")), (405, Some("POST, OPTIONS")));
        let asterisk = server.ask("OPTIONS", "*", &[]);
        assert_eq!(asterisk.status, 204);
        assert!(asterisk.field("allow").is_some());
        assert_eq!(server.ask("GET", "http://other/json", &[]).status, 200);
    });
}

#[test]
fn bodies_are_echoed_counted_and_limited() {
    each_variant(|server| {
        assert_eq!(server.post("/echo", br#"{"a": [1, 2.5, "x"]}"#).text(), r#"{"a":[1,2.5,"x"]}"#);
        assert_eq!(server.post("/echo", b"{").status, 400);
        let longest = format!("\"{}\"", "a".repeat((1 << 20) - 2));
        assert_eq!(server.post("/echo", longest.as_bytes()).text(), longest);
        // The client sends all of it before it reads: the answer must not be lost.
        assert_eq!(server.post("/echo", &vec![b' '; 8 << 20]).status, 413);
        let upload = server.post("/upload", b"123456789");
        assert_eq!(upload.text(), r#"{"bytes":9,"crc32":"cbf43926"}"#);
    });
}

#[test]
fn chunked_bodies_keep_the_connection() {
    each_variant(|server| {
        let mut client = server.connect();
        let chunked = [("Transfer-Encoding", "chunked")];
        let body = b"4;x=y\r\n1234\r\n5\r\n56789\r\n0\r\nT: x\r\n\r\n";
        client.send(&request("POST", "/upload", &chunked, body));
        assert_eq!(client.response(false).text(), r#"{"bytes":9,"crc32":"cbf43926"}"#);
        // A body that nobody wants does not become the next request.
        client.send(&request("GET", "/plaintext", &chunked, body));
        client.send(&request("GET", "/users/2", &[], b""));
        assert_eq!(client.response(false).text(), "Hello, World!");
        assert_eq!(client.response(false).text(), r#"{"id":2,"name":"user-2"}"#);
        client.send(&request("POST", "/upload", &chunked, b"zz\r\n"));
        assert_eq!(client.response(false).status, 400);
        assert_eq!(client.rest(), b"");
    });
}

#[test]
fn a_long_chunked_body_is_refused_without_losing_the_answer() {
    each_variant(|server| {
        let mut client = server.connect();
        let mut body = Vec::new();
        for _ in 0..32 {
            body.extend_from_slice(b"10000\r\n");
            body.resize(body.len() + 0x10000, b' ');
            body.extend_from_slice(b"\r\n");
        }
        client.send(&request("POST", "/echo", &[("Transfer-Encoding", "chunked")], &body));
        assert_eq!(client.response(false).status, 413);
        assert_eq!(client.rest(), b"");
    });
}

#[test]
fn an_expectation_is_met_only_for_a_body_that_is_wanted() {
    each_variant(|server| {
        let mut client = server.connect();
        let fields = [("Expect", "100-continue"), ("Content-Length", "4")];
        client.send(&request("POST", "/echo", &fields, b""));
        assert_eq!(client.response(false).status, 100);
        client.send(b"true");
        assert_eq!(client.response(false).text(), "true");
        let too_long = [("Expect", "100-continue"), ("Content-Length", "1048577")];
        client.send(&request("POST", "/echo", &too_long, b""));
        assert_eq!(client.response(false).status, 413);
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    each_variant(|server| {
        let mut client = server.connect();
        let requests = (1..=64).map(|id| request("GET", &format!("/users/{id}"), &[], b""));
        client.send(&requests.collect::<Vec<_>>().concat());
        client.finish();
        for id in 1..=64 {
            let expected = format!(r#"{{"id":{id},"name":"user-{id}"}}"#);
            assert_eq!(client.response(false).text(), expected);
        }
        assert_eq!(client.rest(), b"");
    });
}

#[test]
fn hosts_and_codings_are_checked() {
    each_variant(|server| {
        for head in [
            "GET /plaintext HTTP/1.1\r\n\r\n",
            "GET /plaintext HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET /plaintext HTTP/1.1\r\nHost: a b\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            "GET /plaintext HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n",
        ] {
            let mut client = server.connect();
            client.send(head.as_bytes());
            assert_eq!(client.response(false).status, 400, "{head:?}");
            assert_eq!(client.rest(), b"", "{head:?}");
        }
        let gzip = server.ask("POST", "/upload", &[("Transfer-Encoding", "gzip, chunked")]);
        assert_eq!(gzip.status, 501);
        let mut client = server.connect();
        client.send(b"GET /plaintext HTTP/1.0\r\n\r\n");
        assert_eq!(client.response(false).status, 200);
        assert_eq!(client.rest(), b"");
    });
}

#[test]
fn static_files_have_validators_ranges_and_encodings() {
    each_variant(|server| {
        let whole = server.get("/static/hello.txt");
        assert_eq!((whole.status, whole.text()), (200, "0123456789"));
        let tag = whole.field("etag").unwrap().to_owned();
        let again = server.ask("GET", "/static/hello.txt", &[("If-None-Match", &tag)]);
        assert_eq!((again.status, again.field("etag")), (304, Some(tag.as_str())));
        let part = server.ask("GET", "/static/hello.txt", &[("Range", "bytes=2-4")]);
        assert_eq!((part.status, part.text()), (206, "234"));
        assert_eq!(part.field("content-range"), Some("bytes 2-4/10"));
        let beyond = server.ask("GET", "/static/hello.txt", &[("Range", "bytes=10-")]);
        assert_eq!((beyond.status, beyond.field("content-range")), (416, Some("bytes */10")));
        let zipped = server.ask("GET", "/static/app.js", &[("Accept-Encoding", "gzip, br")]);
        assert_eq!((zipped.text(), zipped.field("content-encoding")), ("zipped", Some("gzip")));
        assert_eq!(zipped.field("vary"), Some("accept-encoding"));
        let head = server.ask("HEAD", "/static/app.js", &[("Accept-Encoding", "gzip")]);
        assert_eq!((head.status, head.field("content-length")), (200, Some("6")));
    });
}

#[test]
fn hundreds_of_delays_hold_at_once() {
    each_variant(|server| {
        // One after the other they would take 300 s, past every deadline here.
        let mut clients: Vec<_> = (0..300).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(&request("GET", "/delay/1000", &[], b""));
        }
        for client in &mut clients {
            assert_eq!(client.response(false).text(), r#"{"delayed_ms":1000}"#);
        }
    });
}

#[test]
fn sigterm_answers_what_is_in_flight_and_exits_well() {
    for variant in VARIANTS {
        let server = Server::start(PROGRAM, variant, Path::new("/nonexistent"));
        let mut idle = server.connect();
        idle.send(&request("GET", "/static/x", &[], b""));
        assert_eq!(idle.response(false).status, 404);
        let mut busy = server.connect();
        busy.send(&request("GET", "/delay/500", &[], b""));
        let mut started = server.connect();
        started.send(&request("POST", "/upload", &[("Content-Length", "9")], b"1234"));
        server.wait_until_read(&busy);
        server.wait_until_read(&started);
        server.terminate();
        assert_eq!(busy.response(false).text(), r#"{"delayed_ms":500}"#);
        started.send(b"56789");
        assert_eq!(started.response(false).text(), r#"{"bytes":9,"crc32":"cbf43926"}"#);
        assert_eq!(idle.rest(), b"");
        assert_eq!(server.wait().code(), Some(0));
    }
}

#[test]
fn a_port_in_use_is_an_error_at_once() {
    let missing = Path::new("/nonexistent");
    for variant in VARIANTS {
        let server = Server::start(PROGRAM, variant, missing);
        let mut second = command(PROGRAM, server.address.port(), variant, missing);
        let output = second.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(message.contains("can not listen on 127.0.0.1:"), "{message}");
    }
}

#[test]
fn the_version_is_that_of_the_engine() {
    let mut version = command(PROGRAM, 0, &["--version"], Path::new("/nonexistent"));
    let output = version.output().unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    let number = line.strip_prefix("hyper ").unwrap().trim_end();
    assert!(number.split('.').all(|part| part.parse::<u32>().is_ok()), "{line}");
    assert!(output.status.success());
}

#[test]
fn without_a_database_the_endpoints_are_missing() {
    database::without_a_database_the_endpoints_are_missing(PROGRAM, &VARIANTS);
}

#[test]
fn answers_are_those_of_the_tables() {
    database::answers_are_those_of_the_tables(PROGRAM, &VARIANTS);
}

#[test]
fn connections_are_as_many_as_allowed() {
    database::connections_are_as_many_as_allowed(PROGRAM, &VARIANTS);
}

#[test]
fn a_lock_costs_only_the_requests_it_meets() {
    database::a_lock_costs_only_the_requests_it_meets(PROGRAM, &VARIANTS);
}
