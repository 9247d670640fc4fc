//! The last step of closing where unread octets may be on their way: end our
//! side, then read until the client has seen it (RFC 9112 section 9.6). A close
//! with unread octets would be a reset, which can destroy the response before
//! the client reads it.

use std::io::Read;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// How long a client may go on sending.
const TOTAL: Duration = Duration::from_secs(5);
/// How long it may pause.
const PAUSE: Duration = Duration::from_secs(2);
/// How long it may pause when the server ends.
const PAUSE_AT_END: Duration = Duration::from_millis(200);

pub(super) fn linger(mut stream: &TcpStream, server_ends: bool) {
    let pause = if server_ends { PAUSE_AT_END } else { PAUSE };
    let prepared =
        stream.shutdown(Shutdown::Write).and_then(|()| stream.set_read_timeout(Some(pause)));
    if prepared.is_err() {
        return;
    }
    let end = Instant::now() + TOTAL;
    let mut dropped = [0_u8; 16 * 1024];
    while Instant::now() < end {
        // The end, a timeout or an error: nothing more is to be done for it.
        if !matches!(stream.read(&mut dropped), Ok(1..)) {
            return;
        }
    }
}
