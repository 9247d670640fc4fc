//! The servers do what they say, seen through plain sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use httpdyno_testkit::{
    Delay, DelayServer, End, Quirk, Script, ScriptedResponder, Server, Step, WireQuirk,
};

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(DEADLINE)).expect("a read timeout");
    stream
}

/// Sends `request`, closes the sending half, and gives all that comes back.
fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).expect("the request is sent");
    stream.shutdown(Shutdown::Write).expect("the sending half is closed");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the answer ends in time");
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(server: &Server, path: &str) -> String {
    exchange(
        server.address(),
        &format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.authority()),
    )
}

#[test]
fn the_perfect_server_answers_every_endpoint_without_a_database() {
    let server = Server::perfect();
    let ends = [
        ("/plaintext", "Hello, World!"),
        ("/json", r#"{"message":"Hello, World!"}"#),
        ("/users/17", r#"{"id":17,"name":"user-17"}"#),
        ("/search?q=a+b%21&limit=1000", r#"{"limit":100,"query":"a b!"}"#),
        ("/static/hello.txt", "Hello from a static file.\n"),
        ("/delay/5", r#"{"delayed_ms":5}"#),
    ];
    for (path, end) in ends {
        let answer = get(&server, path);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\nDate: "), "{path}: {answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{end}")), "{path}: {answer}");
    }
    assert!(get(&server, "/nowhere").starts_with("HTTP/1.1 404 "));
    assert!(get(&server, "/echo").contains("\r\nAllow: POST\r\n"));
    let fields = "Host: a\r\nContent-Length: 9\r\n\r\n";
    let echoed =
        exchange(server.address(), &format!("POST /echo HTTP/1.1\r\n{fields}{{\"a\": 1}}x"));
    assert!(echoed.starts_with("HTTP/1.1 400 "), "{echoed}");
    let summed = exchange(server.address(), &format!("POST /upload HTTP/1.1\r\n{fields}123456789"));
    // The check value of CRC-32 (IEEE 802.3).
    assert!(summed.ends_with(r#"{"bytes":9,"crc32":"cbf43926"}"#), "{summed}");
}

#[test]
fn a_quirk_changes_only_the_server_that_has_it() {
    let request = "GET /plaintext HTTP/1.1\r\n\r\n";
    let quirky = Server::with([WireQuirk::AcceptsMissingHost]);
    let same = Server::with([Quirk::Wire(WireQuirk::AcceptsMissingHost)]);
    assert!(exchange(quirky.address(), request).starts_with("HTTP/1.1 200 "));
    assert!(exchange(same.address(), request).starts_with("HTTP/1.1 200 "));
    assert!(exchange(Server::perfect().address(), request).starts_with("HTTP/1.1 400 "));
}

#[test]
fn dropping_a_server_ends_its_connections() {
    let server = Server::perfect();
    let address = server.address();
    let (mut idle, mut held) = (connect(address), connect(address));
    held.write_all(b"GET /delay/10000 HTTP/1.1\r\nHost: a\r\n\r\n").expect("the request is sent");
    let begin = Instant::now();
    while server.accepted() < 2 {
        assert!(begin.elapsed() < DEADLINE, "only {} connections accepted", server.accepted());
        std::thread::yield_now();
    }
    drop(server);
    for stream in [&mut idle, &mut held] {
        let mut rest = Vec::new();
        let end = stream.read_to_end(&mut rest);
        let ended = end.map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |_| true);
        assert!(ended && rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
    assert!(TcpStream::connect(address).is_err(), "the port is still open");
}

#[test]
fn a_delay_server_holds_each_response_for_its_delay() {
    let delay = Duration::from_millis(40);
    let server = DelayServer::start(Delay::Constant(delay));
    let begin = Instant::now();
    let answer = exchange(server.address(), "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
    assert!(begin.elapsed() >= 2 * delay, "two responses after {:?}", begin.elapsed());
    assert_eq!(answer.matches("\r\n\r\nHello, World!").count(), 2, "{answer}");
}

#[test]
fn a_scripted_responder_plays_one_script_per_connection_and_then_the_last() {
    let garbage = Script::answer("garbage", End::Close);
    let steps = vec![
        Step::ReadRequest,
        Step::Send(b"HTT".to_vec()),
        Step::Pause(Duration::from_millis(1)),
        Step::Send(b"P".to_vec()),
    ];
    let again = Script { steps, end: End::Again };
    let server = ScriptedResponder::start([garbage, again]);
    assert_eq!(exchange(server.address(), "GET / HTTP/1.1\r\n\r\n"), "garbage");
    for _ in 0..2 {
        assert_eq!(exchange(server.address(), "GET /\r\n\r\nGET /\r\n\r\n"), "HTTPHTTP");
    }
}

#[test]
fn a_scripted_responder_can_reset_be_silent_and_never_stop() {
    let script = |steps, end| ScriptedResponder::start([Script { steps, end }]);
    let resetting = script(vec![Step::ReadRequest], End::Reset);
    let mut stream = connect(resetting.address());
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("the request is sent");
    let error = stream.read(&mut [0; 1]).expect_err("the connection is reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let endless = script(vec![Step::SendForEver(b"x".to_vec())], End::Close);
    let mut some = [0; 100_000];
    connect(endless.address()).read_exact(&mut some).expect("as much as is wanted");

    let silent = script(vec![], End::Silence);
    let mut stream = connect(silent.address());
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a read timeout");
    let error = stream.read(&mut some).expect_err("nothing comes");
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    // All three end although their connections are still open.
}
