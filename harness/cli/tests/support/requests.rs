//! Servers by hand: what becomes of each request is the test's affair.

use std::io::Read;
use std::net::TcpStream;

/// Calls `answer` for each request without content, until the client closes.
pub(crate) fn each_request(mut stream: TcpStream, mut answer: impl FnMut(&mut TcpStream)) {
    let mut read = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut bytes) {
        read.extend_from_slice(&bytes[..length]);
        while let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            read.drain(..end + 4);
            answer(&mut stream);
        }
    }
}
