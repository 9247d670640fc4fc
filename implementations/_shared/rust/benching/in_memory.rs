//! hyper on a connection that is none: requests lie ready, answers are counted. What is left is
//! reading the head of a request, calling the service, and writing the head of the answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body, Incoming};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::HttpService;
use tokio::runtime::Runtime;

use super::benching::REQUEST;

/// A client that sends so many requests, one at a time, and closes its side.
struct Client {
    left: u64,
    received: usize,
}

impl Read for Client {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left > 0 {
            self.left -= 1;
            buffer.put_slice(REQUEST);
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Client {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.received += bytes.len();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// How long `count` exchanges take.
pub(crate) fn exchanges<S>(runtime: &Runtime, service: S, count: u64) -> Duration
where
    S: HttpService<Incoming, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    S::ResBody: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>> + 'static,
{
    let mut http = http1::Builder::new();
    http.half_close(true);
    let client = Client { left: count, received: 0 };
    let begun = Instant::now();
    let connection = http.serve_connection(client, service).without_shutdown();
    let parts = runtime.block_on(connection).unwrap_or_else(|_| panic!("a request was refused"));
    let took = begun.elapsed();
    assert!(parts.io.left == 0 && parts.io.received as u64 > 100 * count, "all are answered");
    took
}
