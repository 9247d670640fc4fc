//! The endpoints of the contract.

use crate::client::{Client, get, post};
use crate::process::{QUEUES, Server};

fn with_each(check: impl Fn(&mut Client)) {
    for queue in QUEUES {
        let server = Server::start(queue);
        check(&mut server.connect());
    }
}

#[test]
fn answers_made_from_the_head() {
    with_each(|client| {
        for (target, status, body) in [
            ("/plaintext", 200, "Hello, World!"),
            ("/json", 200, r#"{"message":"Hello, World!"}"#),
            ("/json?x=y", 200, r#"{"message":"Hello, World!"}"#),
            ("/users/42", 200, r#"{"id":42,"name":"user-42"}"#),
            ("/users/0", 400, "the id is not a number from 1 to 9007199254740991"),
            ("/search?q=a+b&limit=0", 200, r#"{"query":"a b","limit":1}"#),
            ("/search?limit=5", 400, "the parameter q is missing, empty or not UTF-8"),
            ("/delay/0", 200, r#"{"delayed_ms":0}"#),
            ("/delay/10001", 400, "the delay is not a number from 0 to 10000"),
            ("/db", 404, "there is nothing here"),
            ("http://elsewhere/plaintext", 200, "Hello, World!"),
        ] {
            let response = client.get(target);
            assert_eq!((response.status, response.text()), (status, body), "{target}");
            assert_eq!(response.field("server"), Some("rust-std"));
            assert_eq!(response.field("date").unwrap().len(), 29);
            assert_eq!(response.field("connection"), None);
        }
    });
}

#[test]
fn methods() {
    with_each(|client| {
        client.send("HEAD /json HTTP/1.1\r\nHost: h\r\n\r\n");
        let head = client.response_to_head();
        assert_eq!((head.status, head.field("content-length")), (200, Some("27")));
        let wrong = client.exchange(post("/plaintext", "ignored"));
        assert_eq!((wrong.status, wrong.field("allow")), (405, Some("GET, HEAD, OPTIONS")));
        let wrong = client.get("/echo");
        assert_eq!((wrong.status, wrong.field("allow")), (405, Some("POST, OPTIONS")));
        let options = client.exchange("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_eq!((options.status, options.field("content-length")), (204, None));
        assert_eq!(options.field("allow"), Some("GET, HEAD, POST, OPTIONS"));
    });
}

#[test]
fn echo_takes_json_of_every_length_and_framing() {
    with_each(|client| {
        for length in [0, 10, 8_000, 100_000, (1 << 20) - 2] {
            let json = format!("\"{}\"", "x".repeat(length));
            assert_eq!(client.exchange(post("/echo", &json)).text(), json);
            let (first, second) = json.split_at(json.len() / 2);
            let chunked = format!(
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\
                 {:x}\r\n{first}\r\n{:X};a=b\r\n{second}\r\n0\r\nX: y\r\n\r\n",
                first.len(),
                second.len(),
            );
            assert_eq!(client.exchange(chunked).text(), json);
        }
        assert_eq!(client.exchange(post("/echo", "{")).status, 400);
        // The deepest nesting that is read needs the most of a thread's stack.
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(client.exchange(post("/echo", &deep(127))).text(), deep(127));
        assert_eq!(client.exchange(post("/echo", &deep(100_000))).status, 400);
        assert_eq!(client.get("/plaintext").status, 200, "the connection is still good");
    });
}

#[test]
fn a_body_that_is_too_long_is_refused_and_the_answer_arrives() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut client = server.connect();
        // All of it is sent before anything is read.
        client.send(post("/echo", &"1".repeat(3 << 20)));
        assert_eq!(client.response().status, 413);
        client.expect_end();
        let mut client = server.connect();
        client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        for _ in 0..33 {
            client.send(format!("8000\r\n{}\r\n", "1".repeat(0x8000)));
        }
        let response = client.response();
        assert_eq!((response.status, response.field("connection")), (413, Some("close")));
        client.expect_end();
    }
}

#[test]
fn uploads_are_counted_and_summed() {
    with_each(|client| {
        let piece = "123456789";
        let receipt = r#"{"bytes":9,"crc32":"cbf43926"}"#;
        assert_eq!(client.exchange(post("/upload", piece)).text(), receipt);
        client.send("POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        for octet in piece.chars() {
            client.send(format!("1\r\n{octet}\r\n"));
        }
        client.send("0\r\n\r\n");
        assert_eq!(client.response().text(), receipt);
        let long = "x".repeat(5 << 20);
        let response = client.exchange(post("/upload", &long));
        assert!(response.text().starts_with(r#"{"bytes":5242880,"#), "{response:?}");
    });
}

#[test]
fn an_interim_response_is_sent_when_the_client_waits_for_it() {
    with_each(|client| {
        let head =
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n";
        client.send(head);
        assert_eq!(client.response_to_head().status, 100);
        assert_eq!(client.exchange("7").text(), "7");
        assert_eq!(client.exchange(format!("{head}8")).text(), "8", "not if the body is there");
    });
}

#[test]
fn static_files() {
    with_each(|client| {
        let blob = client.get("/static/blob.bin");
        assert_eq!((blob.status, blob.body.len()), (200, 65_536));
        let request = get("/static/blob.bin").replace("\r\n\r\n", "\r\nRange: bytes=1-3\r\n\r\n");
        let part = client.exchange(request);
        assert_eq!((part.status, &part.body[..]), (206, &blob.body[1..4]));
        assert_eq!(part.field("content-range"), Some("bytes 1-3/65536"));
        let etag = blob.field("etag").unwrap();
        let fields = format!("\r\nIf-None-Match: \"a\"\r\nIF-NONE-MATCH: {etag}\r\n\r\n");
        let same = client.exchange(get("/static/blob.bin").replace("\r\n\r\n", &fields));
        assert_eq!((same.status, same.field("content-length")), (304, None));
        let coded = get("/static/app.js").replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n");
        let coded = client.exchange(coded);
        assert_eq!(coded.field("content-encoding"), Some("gzip"));
        assert_eq!(client.get("/static/..%2fcontract.md").status, 404);
    });
}
