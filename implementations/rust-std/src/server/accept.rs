//! Accepting: from the listening socket into a slot and a queue.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::{Shared, Slots};
use crate::pool::JobQueue;

/// How long to wait before trying again what can only work when a connection
/// has ended: file descriptors or slots are used up.
const EXHAUSTED: Duration = Duration::from_millis(5);

/// Accepts until the server ends.
pub(super) fn accept(listener: &TcpListener, shared: &Shared, slots: &Slots, queue: &dyn JobQueue) {
    while !shared.drain.is_on() {
        match listener.accept() {
            Ok((stream, _)) => admit(stream, slots, queue),
            // The client has gone between its handshake and now.
            Err(error) if is_about_the_connection(error.kind()) => {}
            Err(_) => std::thread::sleep(EXHAUSTED),
        }
    }
}

fn is_about_the_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

fn admit(mut stream: TcpStream, slots: &Slots, queue: &dyn JobQueue) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    loop {
        match slots.insert(stream) {
            Ok(job) => return queue.push(job),
            // The backlog of the listening socket holds the others meanwhile.
            Err(refused) => stream = refused,
        }
        std::thread::sleep(EXHAUSTED);
    }
}
