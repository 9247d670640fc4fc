//! What the tests of the entries on a framework have in common: they differ in who answers, not in
//! what is asked. (Entries that make more of HTTP themselves test more.)

use std::fs;
use std::path::Path;

use super::testing::{Server, command, request};

pub(crate) fn answers_what_the_contract_asks(program: &str, engine: &str) {
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("hello.txt"), "0123456789").unwrap();
    let server = Server::start(program, &[], files.path());
    for (target, expected) in [
        ("/plaintext", "Hello, World!"),
        ("/json", r#"{"message":"Hello, World!"}"#),
        ("/users/42?x", r#"{"id":42,"name":"user-42"}"#),
        ("/search?q=a+%22b&limit=101", r#"{"query":"a \"b","limit":100}"#),
        ("/delay/1", r#"{"delayed_ms":1}"#),
        ("/static/hello.txt", "0123456789"),
    ] {
        let answer = server.get(target);
        assert_eq!((answer.status, answer.text()), (200, expected), "{target}");
        assert_eq!(answer.field("server"), Some(engine));
        let head = server.ask("HEAD", target, &[]);
        assert_eq!(head.field("content-length"), answer.field("content-length"), "{target}");
        let wrong = server.ask("DELETE", target, &[]);
        assert_eq!(wrong.status, 405, "{target}");
        let allowed = wrong.field("allow").unwrap();
        assert!(allowed.contains("GET") && allowed.contains("HEAD"), "{allowed}");
    }
    for target in ["/users/0", "/users/x", "/search", "/search?q=", "/delay/10001"] {
        assert_eq!(server.get(target).status, 400, "{target}");
    }
    for target in ["/", "/plaintext/", "/users/1/2", "/static/", "/static/nope"] {
        assert_eq!(server.get(target).status, 404, "{target}");
    }
}

pub(crate) fn bodies_are_echoed_and_counted(program: &str) {
    let server = Server::start(program, &[], Path::new("/nonexistent"));
    assert_eq!(server.post("/echo", br#"{"a": [1, 2.5, "x"]}"#).text(), r#"{"a":[1,2.5,"x"]}"#);
    assert_eq!(server.post("/echo", b"{").status, 400);
    let longest = format!("\"{}\"", "a".repeat((1 << 20) - 2));
    assert_eq!(server.post("/echo", longest.as_bytes()).text(), longest);
    let upload = server.post("/upload", b"123456789");
    assert_eq!(upload.text(), r#"{"bytes":9,"crc32":"cbf43926"}"#);
}

pub(crate) fn sigterm_answers_what_is_in_flight_and_exits_well(program: &str) {
    let server = Server::start(program, &[], Path::new("/nonexistent"));
    let mut busy = server.connect();
    busy.send(&request("GET", "/delay/500", &[], b""));
    server.wait_until_read(&busy);
    server.terminate();
    assert_eq!(busy.response(false).text(), r#"{"delayed_ms":500}"#);
    assert_eq!(busy.rest(), b"");
    assert_eq!(server.wait().code(), Some(0));
}

pub(crate) fn a_port_in_use_is_an_error_at_once(program: &str) {
    let missing = Path::new("/nonexistent");
    let server = Server::start(program, &[], missing);
    let output = command(program, server.address.port(), &[], missing).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("can not listen on 127.0.0.1:"), "{message}");
}

pub(crate) fn the_version_is_that_of_the_engine(program: &str, engine: &str) {
    let output = command(program, 0, &["--version"], Path::new("/nonexistent")).output().unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    let number = line.strip_prefix(&format!("{engine} ")).unwrap().trim_end();
    assert!(number.split('.').all(|part| part.parse::<u32>().is_ok()), "{line}");
    assert!(output.status.success());
}
