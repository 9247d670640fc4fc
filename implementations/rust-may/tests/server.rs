//! The real program, started under the contract and asked over a socket.
#![forbid(unsafe_code)]

use std::fs;
use std::path::Path;

#[path = "../../_shared/rust/testing/database.rs"]
mod database;
#[path = "../../_shared/rust/testing/mod.rs"]
mod testing;

use testing::{Server, command, request};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rust-may");

fn start() -> (Server, tempfile::TempDir) {
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("hello.txt"), "0123456789").unwrap();
    fs::write(files.path().join("app.js"), "plain").unwrap();
    fs::write(files.path().join("app.js.gz"), "zipped").unwrap();
    fs::write(files.path().join("blob.bin"), vec![7; 64 * 1024]).unwrap();
    (Server::start(PROGRAM, &[], files.path()), files)
}

#[test]
fn answers_without_arguments() {
    let (server, _files) = start();
    let plaintext = server.get("/plaintext");
    assert_eq!((plaintext.status, plaintext.text()), (200, "Hello, World!"));
    assert_eq!(plaintext.field("content-type"), Some("text/plain"));
    assert!(plaintext.field("date").unwrap().ends_with(" GMT"));
    assert!(plaintext.field("server").is_some());
    let json = server.get("/json");
    assert_eq!(json.text(), r#"{"message":"Hello, World!"}"#);
    assert_eq!(json.field("content-type"), Some("application/json"));
}

#[test]
fn head_keeps_the_connection_in_step() {
    let (server, _files) = start();
    let mut client = server.connect();
    for target in ["/plaintext", "/json", "/static/hello.txt", "/nope"] {
        client.send(&request("HEAD", target, &[], b""));
        client.response(true);
    }
    client.send(&request("GET", "/users/5", &[], b""));
    assert_eq!(client.response(false).text(), r#"{"id":5,"name":"user-5"}"#);
}

#[test]
fn answers_with_arguments() {
    let (server, _files) = start();
    assert_eq!(server.get("/users/42?x").text(), r#"{"id":42,"name":"user-42"}"#);
    let search = server.get("/search?q=a+%22b&limit=101");
    assert_eq!(search.text(), r#"{"query":"a \"b","limit":100}"#);
    assert_eq!(server.get("/delay/1").text(), r#"{"delayed_ms":1}"#);
    for target in ["/users/0", "/users/x", "/search", "/search?q=", "/delay/10001"] {
        assert_eq!(server.get(target).status, 400, "{target}");
    }
}

#[test]
fn unknown_paths_and_methods() {
    let (server, _files) = start();
    for target in ["/", "/plaintext/", "/users/1/2", "/db", "/static/", "/static/nope"] {
        assert_eq!(server.get(target).status, 404, "{target}");
    }
    let wrong = server.ask("DELETE", "/plaintext", &[]);
    assert_eq!((wrong.status, wrong.field("allow")), (405, Some("GET, HEAD, OPTIONS")));
    let wrong = server.get("/echo");
    assert_eq!((wrong.status, wrong.field("allow")), (405, Some("POST, OPTIONS")));
    assert!(server.ask("OPTIONS", "*", &[]).field("allow").is_some());
    assert_eq!(server.ask("GET", "http://other/json", &[]).status, 200);
}

#[test]
fn bodies_are_echoed_counted_and_limited() {
    let (server, _files) = start();
    assert_eq!(server.post("/echo", br#"{"a": [1, 2.5, "x"]}"#).text(), r#"{"a":[1,2.5,"x"]}"#);
    for broken in [&b""[..], b"{", b"{\"a\":1}x"] {
        assert_eq!(server.post("/echo", broken).status, 400);
    }
    let longest = format!("\"{}\"", "a".repeat((1 << 20) - 2));
    assert_eq!(server.post("/echo", longest.as_bytes()).text(), longest);
    assert_eq!(server.post("/echo", &vec![b' '; 8 << 20]).status, 413);
    let upload = server.post("/upload", b"123456789");
    assert_eq!(upload.text(), r#"{"bytes":9,"crc32":"cbf43926"}"#);
    assert_eq!(server.post("/upload", &vec![0; 5 << 20]).status, 200);
}

#[test]
fn the_deepest_json_fits_the_stack_of_a_coroutine() {
    let (server, _files) = start();
    let deepest = format!("{}{}", "[".repeat(127), "]".repeat(127));
    assert_eq!(server.post("/echo", deepest.as_bytes()).text(), deepest);
    let objects = format!("{}1{}", r#"{"a":"#.repeat(127), "}".repeat(127));
    assert_eq!(server.post("/echo", objects.as_bytes()).text(), objects);
    assert_eq!(server.post("/echo", "[".repeat(100_000).as_bytes()).status, 400);
}

#[test]
fn a_body_that_nobody_wants_is_not_the_next_request() {
    let (server, _files) = start();
    let mut client = server.connect();
    client.send(&request("GET", "/plaintext", &[("Content-Length", "7")], b"GET / x"));
    client.send(&request("GET", "/users/2", &[], b""));
    assert_eq!(client.response(false).text(), "Hello, World!");
    assert_eq!(client.response(false).text(), r#"{"id":2,"name":"user-2"}"#);
}

#[test]
fn a_body_that_is_waited_for_in_vain_is_refused_without_it() {
    let (server, _files) = start();
    let mut client = server.connect();
    let fields = [("Expect", "100-continue"), ("Content-Length", "1048577")];
    client.send(&request("POST", "/echo", &fields, b""));
    assert_eq!(client.response(false).status, 413);
    assert_eq!(client.rest(), b"");
}

#[test]
fn a_body_that_ends_early_is_refused() {
    let (server, _files) = start();
    for target in ["/echo", "/upload"] {
        let mut client = server.connect();
        client.send(&request("POST", target, &[("Content-Length", "9")], b"1234"));
        server.wait_until_read(&client);
        client.finish();
        assert_eq!(client.response(false).status, 400, "{target}");
        assert_eq!(client.rest(), b"");
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (server, _files) = start();
    let mut client = server.connect();
    let requests = (1..=64).map(|id| request("GET", &format!("/users/{id}"), &[], b""));
    client.send(&requests.collect::<Vec<_>>().concat());
    for id in 1..=64 {
        let expected = format!(r#"{{"id":{id},"name":"user-{id}"}}"#);
        assert_eq!(client.response(false).text(), expected);
    }
}

#[test]
fn connections_end_when_asked_to_with_the_whole_body() {
    let (server, _files) = start();
    for target in ["/plaintext", "/static/blob.bin"] {
        let mut client = server.connect();
        client.send(&request("GET", target, &[("Connection", "x, Close")], b""));
        let response = client.response(false);
        assert_eq!((response.status, response.field("connection")), (200, Some("close")));
        assert_eq!(client.rest(), b"");
    }
    let mut client = server.connect();
    client.send(b"GET /plaintext HTTP/1.0\r\n\r\n");
    assert_eq!(client.response(false).text(), "Hello, World!");
    assert_eq!(client.rest(), b"");
}

#[test]
fn heads_that_can_not_be_acted_on_are_refused() {
    let (server, _files) = start();
    for (head, status) in [
        ("GET /plaintext HTTP/1.1\r\n\r\n", 400),
        ("GET /plaintext HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET /plaintext HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        ("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ] {
        let mut client = server.connect();
        client.send(head.as_bytes());
        assert_eq!(client.response(false).status, status, "{head:?}");
        assert_eq!(client.rest(), b"", "{head:?}");
    }
    assert_eq!(server.get(&format!("/{}", "a".repeat(70_000))).status, 414);
}

#[test]
fn static_files_have_validators_ranges_and_encodings() {
    let (server, _files) = start();
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
    assert_eq!(server.get("/static/blob.bin").body, vec![7; 64 * 1024]);
}

#[test]
fn ranges_are_served_without_end() {
    let (server, _files) = start();
    let mut client = server.connect();
    // More different ranges than fields are kept for: the rest gets the whole file.
    let mut statuses = [0, 0];
    for start in 0..5000 {
        let range = format!("bytes={start}-{start}");
        client.send(&request("GET", "/static/blob.bin", &[("Range", &range)], b""));
        let response = client.response(false);
        let length = response.body.len();
        match response.status {
            206 => assert_eq!(length, 1),
            status => assert_eq!((status, length), (200, 64 * 1024)),
        }
        statuses[usize::from(response.status == 200)] += 1;
    }
    assert!(statuses[0] >= 4000 && statuses[1] > 0, "{statuses:?}");
}

#[test]
fn hundreds_of_delays_hold_at_once() {
    let (server, _files) = start();
    // One after the other they would take 300 s, past every deadline here.
    let mut clients: Vec<_> = (0..300).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(&request("GET", "/delay/1000", &[], b""));
    }
    for client in &mut clients {
        assert_eq!(client.response(false).text(), r#"{"delayed_ms":1000}"#);
    }
}

#[test]
fn sigterm_answers_what_is_in_flight_and_exits_well() {
    let server = Server::start(PROGRAM, &[], Path::new("/nonexistent"));
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

#[test]
fn a_port_in_use_is_an_error_at_once() {
    let missing = Path::new("/nonexistent");
    let server = Server::start(PROGRAM, &[], missing);
    let output = command(PROGRAM, server.address.port(), &[], missing).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("can not listen on 127.0.0.1:"), "{message}");
}

#[test]
fn the_version_is_that_of_the_engine() {
    let mut version = command(PROGRAM, 0, &["--version"], Path::new("/nonexistent"));
    let output = version.output().unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    let number = line.strip_prefix("may_minihttp ").unwrap().trim_end();
    assert!(number.split('.').all(|part| part.parse::<u32>().is_ok()), "{line}");
    assert!(output.status.success());
}

#[test]
fn without_a_database_the_endpoints_are_missing() {
    database::without_a_database_the_endpoints_are_missing(PROGRAM, &[&[]]);
}

#[test]
fn answers_are_those_of_the_tables() {
    database::answers_are_those_of_the_tables(PROGRAM, &[&[]]);
}

#[test]
fn connections_are_as_many_as_allowed() {
    database::connections_are_as_many_as_allowed(PROGRAM, &[&[]]);
}

#[test]
fn a_lock_costs_only_the_requests_it_meets() {
    database::a_lock_costs_only_the_requests_it_meets(PROGRAM, &[&[]]);
}

#[test]
fn a_database_url_that_can_not_be_used_is_an_error_at_once() {
    let mut command = command(PROGRAM, 0, &[], Path::new("/nonexistent"));
    command.envs([("DATABASE_URL", "postgres://h/d?sslmode=require"), ("DATABASE_POOL", "1")]);
    let output = command.output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("DATABASE_URL asks for sslmode=require"), "{message}");
}
