//! A server that is none: it says garbage, falls silent or goes away.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::super::{Address, Batch, Error, Pool, Sessions, Statement, Value};
use super::{DEADLINE, eventually, in_coroutines, soon};

const ONE: Statement = Statement { name: "one", text: "SELECT 1" };
const SESSIONS: Sessions = Sessions { statements: &[ONE], options: "" };
/// Authentication is not asked for, the session is ready, and so is the one statement.
const WELCOME: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I1\0\0\0\x04Z\0\0\0\x05I";

fn pool_at(listener: &TcpListener, size: usize) -> Pool {
    let port = listener.local_addr().unwrap().port();
    let address = Address::parse(&format!("postgres://u:p@127.0.0.1:{port}/d")).unwrap();
    Pool::start(address, size, SESSIONS)
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// Reads until `count` messages `Sync` have come.
fn read_syncs(stream: &mut TcpStream, count: usize) {
    let (mut seen, mut chunk) = (Vec::new(), [0; 4096]);
    while seen.windows(5).filter(|window| *window == b"S\0\0\0\x04").count() < count {
        let length = stream.read(&mut chunk).unwrap();
        assert!(length > 0, "the client went away");
        seen.extend_from_slice(&chunk[..length]);
    }
}

fn ask(pool: &Pool, due: Instant) -> Result<super::super::Answer, Error> {
    pool.ask(Batch::of(&ONE, &[Value::Int(1)]).unwrap(), due)
}

#[test]
fn garbage_is_an_error_and_the_next_connection_is_tried() {
    let listener = listener();
    let pool = pool_at(&listener, 1);
    let length_of_ages = [b"R", &u32::MAX.to_be_bytes()[..]].concat();
    for garbage in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        &[0; 64],
        &[0xff; 64],
        b"",
        b"R\0\0\0\x08\0\0\0\x63",
        // Kerberos, a proof that nobody asked for, SASL without a mechanism we know.
        b"R\0\0\0\x08\0\0\0\x02",
        b"R\0\0\0\x09\0\0\0\x0cv",
        b"R\0\0\0\x0d\0\0\0\x0aBAD\0\0",
        b"E\0\0\0\x06\xff\xff",
        b"Z\0\0\0\x05I",
        &length_of_ages,
    ] {
        let mut stream = accept(&listener);
        stream.write_all(garbage).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // The client gives up, and comes again.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let mut stream = accept(&listener);
    stream.write_all(WELCOME).unwrap();
    let server = thread::spawn(move || {
        // One for preparing, one for the request.
        read_syncs(&mut stream, 2);
        stream.write_all(b"2\0\0\0\x04C\0\0\0\x0dSELECT 7\0Z\0\0\0\x05I").unwrap();
        stream
    });
    assert_eq!(ask(&pool, soon()).unwrap().affected, 7);
    server.join().unwrap();
}

#[test]
fn an_answer_that_makes_no_sense_ends_the_connection_and_the_wait() {
    let listener = listener();
    let pool = pool_at(&listener, 1);
    for nonsense in [&b"\0\0\0\0\0\0"[..], b"Z\0\0\0\x05T", b"R\0\0\0\x08\0\0\0\0", b"D\x7f\0\0\0"]
    {
        let mut stream = accept(&listener);
        stream.write_all(WELCOME).unwrap();
        thread::scope(|scope| {
            let asked = scope.spawn(|| ask(&pool, soon()));
            read_syncs(&mut stream, 2);
            stream.write_all(nonsense).unwrap();
            let error = asked.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Unexpected(_) | Error::Lost(_)), "{error}");
        });
    }
}

#[test]
fn a_connection_that_ends_tells_all_who_share_it() {
    let listener = listener();
    let pool = std::sync::Arc::new(pool_at(&listener, 1));
    let server = thread::spawn(move || {
        let mut stream = accept(&listener);
        stream.write_all(WELCOME).unwrap();
        read_syncs(&mut stream, 1 + 40);
        drop(stream);
        listener
    });
    let asking = (0..40).map(|_| {
        let pool = std::sync::Arc::clone(&pool);
        move || ask(&pool, soon())
    });
    for outcome in in_coroutines(asking) {
        assert!(matches!(outcome, Err(Error::Lost(_))));
    }
    server.join().unwrap();
}

#[test]
fn a_server_that_falls_silent_costs_a_deadline_and_its_late_answer_is_lost() {
    let listener = listener();
    let pool = pool_at(&listener, 1);
    let mut stream = accept(&listener);
    stream.write_all(WELCOME).unwrap();
    let due = Duration::from_millis(200);
    read_syncs(&mut stream, 1);
    // On a loaded machine one can be overdue before it is sent, and then is not.
    stream.set_read_timeout(Some(10 * due)).unwrap();
    eventually("a request is sent", || {
        assert_eq!(ask(&pool, Instant::now() + due).unwrap_err(), Error::Deadline);
        stream.peek(&mut [0]).is_ok()
    });
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    read_syncs(&mut stream, 1);
    // The connection owes an answer: nothing more is sent on it, and it is kept.
    assert_eq!(ask(&pool, Instant::now() + due).unwrap_err(), Error::Deadline);
    stream.set_nonblocking(true).unwrap();
    let nothing = stream.read(&mut [0; 64]).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    stream.set_nonblocking(false).unwrap();
    stream.write_all(b"C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I").unwrap();
    thread::scope(|scope| {
        let asked = scope.spawn(|| ask(&pool, soon()));
        read_syncs(&mut stream, 1);
        stream.write_all(b"C\0\0\0\x0dSELECT 2\0Z\0\0\0\x05I").unwrap();
        assert_eq!(asked.join().unwrap().unwrap().affected, 2);
    });
}

#[test]
fn what_waits_for_a_connection_is_answered_or_overdue_but_never_forgotten() {
    let listener = listener();
    let address = listener.local_addr().unwrap();
    let pool = pool_at(&listener, 3);
    // No connection gets further than being accepted by the system.
    let due = Duration::from_millis(200);
    assert_eq!(ask(&pool, Instant::now() + due).unwrap_err(), Error::Deadline);
    drop(listener);
    assert_eq!(ask(&pool, Instant::now() + due).unwrap_err(), Error::Deadline);
    eventually("the port is free again", || TcpListener::bind(address).is_ok());
}

#[test]
fn a_pool_that_is_dropped_closes_its_connections() {
    let listener = listener();
    let pool = pool_at(&listener, 2);
    let mut streams = [accept(&listener), accept(&listener)];
    for stream in &mut streams {
        stream.write_all(WELCOME).unwrap();
        read_syncs(stream, 1);
    }
    drop(pool);
    for mut stream in streams {
        // Until the end.
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}
