//! Many connections.

use std::thread;

use crate::client::get;
use crate::process::{QUEUES, Server};

/// Far more connections than cores, all open, all answered again and again.
#[test]
fn every_open_connection_is_served() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut clients: Vec<_> = (0..300).map(|_| server.connect()).collect();
        for round in 0..3 {
            for (at, client) in clients.iter_mut().enumerate() {
                let id = round * 1000 + at + 1;
                client.send(get(&format!("/users/{id}")));
            }
            for (at, client) in clients.iter_mut().enumerate() {
                let id = round * 1000 + at + 1;
                let expected = format!(r#"{{"id":{id},"name":"user-{id}"}}"#);
                assert_eq!(client.response().text(), expected);
            }
        }
    }
}

/// One after the other they would take longer than the deadline.
#[test]
fn delays_hold_at_the_same_time() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut clients: Vec<_> = (0..200).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(get("/delay/1000"));
        }
        for client in &mut clients {
            assert_eq!(client.response().text(), r#"{"delayed_ms":1000}"#);
        }
    }
}

#[test]
fn a_thousand_requests_on_one_connection() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut client = server.connect();
        for _ in 0..1000 {
            assert_eq!(client.get("/plaintext").text(), "Hello, World!");
        }
    }
}

/// Connections with one request each, from several clients at a time.
#[test]
fn a_connection_per_request() {
    for queue in QUEUES {
        let server = Server::start(queue);
        thread::scope(|scope| {
            for first in 0..4 {
                let server = &server;
                scope.spawn(move || {
                    for at in 0..250 {
                        let id = first * 1000 + at + 1;
                        let request = get(&format!("/users/{id}"));
                        let request = request.replace("Host", "Connection: close\r\nHost");
                        let mut client = server.connect();
                        let expected = format!(r#"{{"id":{id},"name":"user-{id}"}}"#);
                        assert_eq!(client.exchange(request).text(), expected);
                        client.expect_end();
                    }
                });
            }
        });
    }
}
