//! Test servers: `serve null` is the null server, `serve fixed` a loop over io_uring that does
//! not even look at requests; `serve delay ...` answers after a known delay.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::child::{SERVER_CORE, pin};
use crate::ring::{Event, Ring};

mod delay;

/// A small JSON response like those of the suite.
pub(crate) const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nServer: fixed\r\n\
    Content-Type: application/json\r\nContent-Length: 27\r\n\
    Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n{\"message\":\"Hello, World!\"}";

pub(crate) const BODY: &[u8] = b"{\"message\":\"Hello, World!\"}";

pub(crate) fn main(args: &[String]) {
    pin(SERVER_CORE);
    if args == ["null"] {
        let running =
            httpdyno_nullserver::NullServer::new("127.0.0.1:0".parse().unwrap()).start().unwrap();
        println!("{}", running.address);
        loop {
            std::thread::park();
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let backlog = 4096;
    rustix::net::listen(&listener, backlog).unwrap();
    println!("{}", listener.local_addr().unwrap());
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fixed"] => fixed(&listener),
        ["delay", ref kind @ ..] => delay::serve(&listener, delay::Delay::parse(kind)),
        _ => panic!("unknown server {args:?}"),
    }
}

/// Answers every receive with one response: right for clients that do not pipeline and send a
/// request in one segment.
fn fixed(listener: &TcpListener) {
    listener.set_nonblocking(true).unwrap();
    let mut ring = Ring::new();
    let mut streams: Vec<Option<TcpStream>> = Vec::new();
    loop {
        while let Ok((stream, _)) = listener.accept() {
            stream.set_nodelay(true).unwrap();
            ring.add(&stream);
            streams.push(Some(stream));
        }
        ring.round(|ring, event| match event {
            Event::Data(conn) => ring.send(conn, RESPONSE),
            Event::Closed(conn) => streams[conn as usize] = None,
        });
    }
}

/// Reads what is there; `None` when the peer is gone.
fn drain(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return None,
            Ok(read) => buffer.extend_from_slice(&bytes[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Some(()),
            Err(_) => return None,
        }
    }
}

fn answer(stream: &mut TcpStream) {
    // A response of this size fits the socket's buffer; a closed peer is seen when reading.
    let _ = stream.write_all(RESPONSE);
}
