//! What a client meets: one answer for each request, however its bytes come.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use httpdyno_nullserver::{FixedResponse, NullServer, Running, StartError};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const HEAD_BYTES: usize = ANSWER.len() - 2;

/// Only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

fn server() -> NullServer {
    let response = FixedResponse::new(ANSWER.to_vec()).unwrap();
    NullServer { response, ..NullServer::new(SocketAddr::from(([127, 0, 0, 1], 0))) }
}

fn start() -> Running {
    server().start().unwrap()
}

fn connect(server: &Running) -> TcpStream {
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn expect_answers(stream: &mut TcpStream, count: usize) {
    let mut found = vec![0; ANSWER.len() * count];
    stream.read_exact(&mut found).unwrap();
    assert!(found == ANSWER.repeat(count), "{}", String::from_utf8_lossy(&found));
}

/// The connection ends without another byte.
fn expect_end(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }
    assert_eq!(String::from_utf8_lossy(&rest), "");
}

#[test]
fn a_request_is_answered_wherever_it_is_cut() {
    let server = start();
    let mut stream = connect(&server);
    let request = b"POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz";
    for cut in 1..request.len() {
        stream.write_all(&request[..cut]).unwrap();
        // The rest goes out after the server has had a reason to look at the first part: an
        // answer on another connection, which one worker gives in the order things came.
        let mut other = connect(&server);
        other.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        expect_answers(&mut other, 1);
        stream.write_all(&request[cut..]).unwrap();
        expect_answers(&mut stream, 1);
    }
}

#[test]
fn one_byte_at_a_time_will_do() {
    let server = start();
    let mut stream = connect(&server);
    for byte in b"GET / HTTP/1.1\r\nHost: a\r\n\r\nPUT / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody"
    {
        stream.write_all(&[*byte]).unwrap();
    }
    expect_answers(&mut stream, 2);
}

#[test]
fn pipelined_requests_get_an_answer_each() {
    let server = start();
    let mut stream = connect(&server);
    let get = "GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n";
    let post = "POST /echo HTTP/1.1\r\ncontent-length: 5\r\n\r\n\r\n\r\nx";
    let batch = format!("{get}{get}{post}{get}{post}").repeat(100);
    // More than fits one receive, so that requests are cut somewhere.
    assert!(batch.len() > 16_384);
    stream.write_all(batch.as_bytes()).unwrap();
    expect_answers(&mut stream, 500);
    stream.write_all(get.as_bytes()).unwrap();
    expect_answers(&mut stream, 1);
}

#[test]
fn bodies_are_skipped_whatever_their_size() {
    let server = start();
    let mut stream = connect(&server);
    for bytes in [0, 1, 65_535, 65_536, 65_537, 3_000_000] {
        let head = format!("POST /upload HTTP/1.1\r\nContent-Length: {bytes}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // What looks like a request in a body is none.
        let body = b"GET / HTTP/1.1\r\n\r\n".repeat(bytes / 18 + 1);
        stream.write_all(&body[..bytes]).unwrap();
        expect_answers(&mut stream, 1);
    }
}

#[test]
fn head_is_answered_without_a_body() {
    let server = start();
    let mut stream = connect(&server);
    stream.write_all(b"HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n").unwrap();
    let mut found = vec![0; HEAD_BYTES];
    stream.read_exact(&mut found).unwrap();
    assert_eq!(found, &ANSWER[..HEAD_BYTES]);
    expect_answers(&mut stream, 1);
}

#[test]
fn a_client_may_end_the_connection() {
    let server = start();
    let mut asks = connect(&server);
    asks.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    expect_answers(&mut asks, 1);
    expect_end(&mut asks);
    let mut half_closes = connect(&server);
    half_closes.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    half_closes.shutdown(Shutdown::Write).unwrap();
    expect_answers(&mut half_closes, 1);
    expect_end(&mut half_closes);
}

#[test]
fn garbage_ends_its_connection_and_no_other() {
    let server = start();
    let mut steady = connect(&server);
    for garbage in [
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_owned(),
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_owned(),
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "\0\u{1}x".repeat(40_000),
    ] {
        let mut stream = connect(&server);
        // The server may be gone before all of it is written.
        let _ = stream.write_all(garbage.as_bytes());
        expect_end(&mut stream);
        steady.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        expect_answers(&mut steady, 1);
    }
    // Whatever has an end is a request to this server.
    steady.write_all(b"\xff\xfe what?\r\n\r\n").unwrap();
    expect_answers(&mut steady, 1);
}

#[test]
fn a_client_that_does_not_read_is_not_read_from_and_loses_nothing() {
    let body = "x".repeat(100_000);
    let bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{body}").into_bytes();
    let response = FixedResponse::new(bytes.clone()).unwrap();
    let server = NullServer { response, ..server() }.start().unwrap();
    let mut stream = connect(&server);
    let mut writer = stream.try_clone().unwrap();
    let requests = 300;
    let sender = std::thread::spawn(move || {
        writer.write_all(&b"GET / HTTP/1.1\r\n\r\n".repeat(requests)).unwrap();
    });
    // Others are served meanwhile.
    let mut other = connect(&server);
    other.write_all(b"HEAD / HTTP/1.1\r\n\r\n").unwrap();
    let mut head = vec![0; bytes.len() - body.len()];
    other.read_exact(&mut head).unwrap();
    let mut found = vec![0; bytes.len()];
    for _ in 0..requests {
        stream.read_exact(&mut found).unwrap();
        assert!(found == bytes);
    }
    sender.join().unwrap();
}

#[test]
fn thousands_of_connections_are_served_by_several_workers() {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let most = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, most).unwrap();
    // Both ends are files of this process, and other tests need some too.
    let room = limit.maximum.map_or(5_000, |most| (most / 2).saturating_sub(500).min(5_000));
    assert!(room >= 1_000, "raise the limit of open files (ulimit -Hn) to 3000 or more");
    let workers = NonZeroUsize::new(3).unwrap();
    let server = NullServer { workers, ..server() }.start().unwrap();
    let mut streams: Vec<TcpStream> = (0..room).map(|_| connect(&server)).collect();
    for _ in 0..2 {
        for stream in &mut streams {
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        }
        for stream in &mut streams {
            expect_answers(stream, 1);
        }
    }
    server.stop().unwrap();
    for stream in &mut streams {
        expect_end(stream);
    }
}

#[test]
fn a_stop_answers_what_has_begun() {
    let server = start();
    let address = server.address;
    let mut begun = connect(&server);
    begun.write_all(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na").unwrap();
    let mut idle = connect(&server);
    idle.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    expect_answers(&mut idle, 1);
    let stopping = std::thread::spawn(move || server.stop());
    // Nobody listens any more: the stop has begun.
    while TcpStream::connect(address).is_ok() {}
    begun.write_all(b"bc").unwrap();
    expect_answers(&mut begun, 1);
    expect_end(&mut idle);
    stopping.join().unwrap().unwrap();
}

#[test]
fn a_port_in_use_is_refused() {
    let first = start();
    let second = NullServer { address: first.address, ..server() }.start();
    match second {
        Err(error @ StartError::Listen { .. }) => {
            let text = error.to_string();
            assert!(text.contains(&first.address.to_string()), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_with_extra_cost_answers_alike() {
    let deadline = Instant::now() + PATIENCE;
    let server = loop {
        match (NullServer { extra_cpu_ns: 1_000, ..server() }).start() {
            Ok(server) => break server,
            // A machine full of other tests may be too restless for many tries.
            Err(StartError::Calibration(_)) if Instant::now() < deadline => {}
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(server.calibrations[0].declared_ns, 1_000);
    let mut stream = connect(&server);
    stream.write_all(&b"GET / HTTP/1.1\r\n\r\n".repeat(50)).unwrap();
    expect_answers(&mut stream, 50);
}
