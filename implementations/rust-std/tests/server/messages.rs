//! Messages and connections as RFC 9112 has them.

use crate::client::{get, post};
use crate::process::{QUEUES, Server};

#[test]
fn sixty_four_requests_at_once_are_answered_in_order() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut client = server.connect();
        let requests: String = (1..=64)
            .map(|id| match id % 4 {
                0 => post("/echo", &format!("[{id}]")),
                1 => format!("\r\n{}", get(&format!("/users/{id}"))),
                2 => get("/static/blob.bin"),
                _ => get(&format!("/delay/{}", id % 5)),
            })
            .collect();
        client.send(requests);
        for id in 1..=64 {
            let response = client.response();
            match id % 4 {
                0 => assert_eq!(response.text(), format!("[{id}]")),
                1 => assert_eq!(response.text(), format!(r#"{{"id":{id},"name":"user-{id}"}}"#)),
                2 => assert_eq!(response.body.len(), 65_536),
                _ => assert_eq!(response.text(), format!(r#"{{"delayed_ms":{}}}"#, id % 5)),
            }
        }
    }
}

#[test]
fn a_request_in_two_pieces_split_anywhere() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut client = server.connect();
        let request = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\
            2\r\n[1\r\n2;x\r\n,2\r\n1\r\n]\r\n0\r\nA: b\r\n\r\n";
        for at in 1..request.len() {
            let (first, second) = request.split_at(at);
            client.send(first);
            std::thread::yield_now();
            assert_eq!(client.exchange(second).text(), "[1,2]", "split at {at}");
        }
    }
}

#[test]
fn a_half_closed_client_is_answered() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut client = server.connect();
        client.send(get("/plaintext") + &get("/delay/20") + &post("/echo", "1"));
        client.half_close();
        assert_eq!(client.response().text(), "Hello, World!");
        assert_eq!(client.response().text(), r#"{"delayed_ms":20}"#);
        assert_eq!(client.response().text(), "1");
        client.expect_end();
    }
}

#[test]
fn malformed_requests_are_refused_and_end_the_connection() {
    let server = Server::start("mutex");
    for (request, status) in [
        ("GET /plaintext HTTP/1.1\r\n\r\n", 400),
        ("GET /plaintext HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /plaintext HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET /plaintext HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET /plaintext HTTP/9.9\r\nHost: a\r\n\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
        ("GET /json HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab", 400),
        ("GET /json HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417),
        ("\x16\x03\x01", 400),
    ] {
        let mut client = server.connect();
        // What comes after a bad request is not looked at.
        client.send(format!("{}{request}{}", get("/json"), get("/json")));
        assert_eq!(client.response().status, 200);
        let response = client.response();
        assert_eq!(response.status, status, "{request:?}");
        assert_eq!(response.field("connection"), Some("close"));
        client.expect_end();
    }
}

#[test]
fn messages_that_end_too_early_are_refused() {
    let server = Server::start("lock-free");
    for request in [
        "GET /json HTTP/1.1\r\nHost:",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n123",
        "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n",
    ] {
        let mut client = server.connect();
        client.send(request);
        client.half_close();
        assert_eq!(client.response().status, 400, "{request:?}");
        client.expect_end();
    }
}

#[test]
fn connections_end_when_either_side_says_so() {
    let server = Server::start("mutex");
    for (request, connection) in [
        ("GET /json HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "close"),
        ("GET /json HTTP/1.0\r\n\r\n", "close"),
        ("GET /json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive"),
    ] {
        let mut client = server.connect();
        let response = client.exchange(request);
        assert_eq!((response.status, response.field("connection")), (200, Some(connection)));
        match connection {
            "close" => client.expect_end(),
            _ => assert_eq!(client.exchange(request).status, 200),
        }
    }
}

#[test]
fn a_body_that_nobody_wants_does_not_become_a_request() {
    let server = Server::start("lock-free");
    let mut client = server.connect();
    let smuggled = get("/users/666");
    let length = smuggled.len();
    client.send(format!(
        "GET /json HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{smuggled}{}",
        get("/users/7")
    ));
    assert_eq!(client.response().text(), r#"{"message":"Hello, World!"}"#);
    assert_eq!(client.response().text(), r#"{"id":7,"name":"user-7"}"#);
}
