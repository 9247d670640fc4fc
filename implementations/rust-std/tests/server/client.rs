//! A client that sends octets as they are and reads one response at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::process::DEADLINE;

pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (field, value) = line.split_once(": ")?;
            field.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(octets.as_ref()).unwrap();
    }

    pub(crate) fn half_close(&self) {
        self.stream.get_ref().shutdown(Shutdown::Write).unwrap();
    }

    /// Reads a head up to its empty line.
    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let octets = self.stream.read_line(&mut head).unwrap();
            assert!(octets > 0, "the connection ended in {head:?}");
        }
        head
    }

    /// Reads a response to a request that is not HEAD.
    pub(crate) fn response(&mut self) -> Response {
        let mut response = self.response_to_head();
        let length = response.field("content-length").map_or(0, |length| length.parse().unwrap());
        response.body.resize(length, 0);
        self.stream.read_exact(&mut response.body).unwrap();
        response
    }

    /// Reads a response that has no body although it may have a length.
    pub(crate) fn response_to_head(&mut self) -> Response {
        let head = self.head();
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
        let status = status.unwrap_or_else(|| panic!("{head:?}")).parse().unwrap();
        Response { status, head, body: Vec::new() }
    }

    /// Sends and reads the response.
    pub(crate) fn exchange(&mut self, octets: impl AsRef<[u8]>) -> Response {
        self.send(octets);
        self.response()
    }

    pub(crate) fn get(&mut self, target: &str) -> Response {
        self.exchange(get(target))
    }

    /// Checks that the server ends the connection, and not by a reset.
    pub(crate) fn expect_end(&mut self) {
        assert_eq!(self.stream.read(&mut [0; 64]).unwrap(), 0);
    }
}

pub(crate) fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n")
}

pub(crate) fn post(target: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {target} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{body}")
}
