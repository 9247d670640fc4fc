//! Starting, telling, stopping.

use std::net::{TcpListener, TcpStream};

use crate::client::get;
use crate::process::{QUEUES, Server, command, wait};

#[test]
fn sigterm_answers_what_is_in_flight_and_closes_what_is_idle() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut idle = server.connect();
        assert_eq!(idle.get("/json").status, 200);
        let mut silent = server.connect();
        let mut busy = server.connect();
        busy.send(get("/plaintext") + &get("/delay/700") + &get("/plaintext"));
        // The first answer is out: the second request is being held.
        assert_eq!(busy.response().text(), "Hello, World!");
        server.terminate();
        idle.expect_end();
        silent.expect_end();
        let held = busy.response();
        assert_eq!((held.status, held.field("connection")), (200, Some("close")));
        busy.expect_end();
        let address = server.address;
        assert_eq!(server.wait().code(), Some(0));
        assert!(TcpStream::connect(address).is_err());
    }
}

#[test]
fn sigterm_does_not_wait_for_what_takes_too_long() {
    for queue in QUEUES {
        let server = Server::start(queue);
        let mut held = server.connect();
        held.send(get("/plaintext") + &get("/delay/10000"));
        assert_eq!(held.response().status, 200);
        server.terminate();
        assert_eq!(held.response().status, 503);
        held.expect_end();
        assert_eq!(server.wait().code(), Some(0));
    }
}

#[test]
fn sigterm_cuts_a_request_that_never_completes() {
    let server = Server::start("mutex");
    let mut client = server.connect();
    client.send(get("/json") + "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n1");
    assert_eq!(client.response().status, 200);
    server.terminate();
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn a_port_in_use_is_an_error() {
    for queue in QUEUES {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut child = command(port).args(["--queue", queue]).spawn().unwrap();
        assert!(!wait(&mut child).success());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("can not listen on 127.0.0.1:{port}")), "{said}");
    }
}

#[test]
fn a_bad_environment_or_argument_is_an_error() {
    let mut child = command(0).env("WORKERS", "many").spawn().unwrap();
    assert!(!wait(&mut child).success());
    let said = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert!(said.contains("WORKERS"), "{said}");
    let mut child = command(0).arg("--fast").spawn().unwrap();
    assert_eq!(wait(&mut child).code(), Some(2));
}

#[test]
fn the_version_is_that_of_the_standard_library() {
    let output = command(0).arg("--version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let version = said.strip_prefix("std ").and_then(|rest| rest.strip_suffix('\n'));
    assert!(version.is_some_and(|version| version.split('.').count() == 3), "{said:?}");
}
