//! What the idle guard is worth on this machine: round trips with it and without it.
//!
//! One byte goes back and forth on a loopback connection between two pinned threads, as a request
//! and its response do, with nothing else to do in between: both cores run out of work each time,
//! which is when a core without a guard halts.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::affinity::pin_current_thread;
use crate::idle_guard::IdleGuard;

/// Round trips in windows of equal length, in the order without, with, with, without (or the
/// other way round), so that a drift of the machine cancels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleBlock {
    /// In the two windows with the guard.
    pub with_guard: [u64; 2],
    /// In the two windows without it.
    pub without_guard: [u64; 2],
}

/// Measures `blocks` blocks of four windows of the length `window`, between `server` cores and
/// `generator` cores, with the guard on all of them.
///
/// # Errors
/// When a connection, a thread, or the guard cannot be had.
pub fn measure_idle_effect(
    server: &[u32],
    generator: &[u32],
    window: Duration,
    blocks: u32,
) -> io::Result<Vec<IdleBlock>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // Into the backlog at once, so that no thread is left waiting for a connection.
    let connection = TcpStream::connect(listener.local_addr()?)?;
    let mut guarded: Vec<u32> = server.iter().chain(generator).copied().collect();
    guarded.sort_unstable();
    guarded.dedup();
    std::thread::scope(|scope| {
        let echo = scope.spawn(move || {
            pin_current_thread(server)?;
            answer(listener.accept()?.0)
        });
        let client = scope.spawn(move || {
            pin_current_thread(generator)?;
            ask(connection, &guarded, window, blocks)
        });
        let measured = joined(client.join());
        joined(echo.join())?;
        measured
    })
}

fn joined<T>(ended: std::thread::Result<io::Result<T>>) -> io::Result<T> {
    ended.unwrap_or_else(|_| Err(io::Error::other("a measuring thread has panicked")))
}

fn answer(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut byte = [0];
    while connection.read(&mut byte)? == 1 {
        connection.write_all(&byte)?;
    }
    Ok(())
}

fn ask(
    mut connection: TcpStream,
    guarded: &[u32],
    window: Duration,
    blocks: u32,
) -> io::Result<Vec<IdleBlock>> {
    connection.set_nodelay(true)?;
    round_trips(&mut connection, window)?;
    let mut measured = Vec::new();
    for block in 0..blocks {
        let guard_is_inside = block.is_multiple_of(2);
        let mut found = IdleBlock { with_guard: [0; 2], without_guard: [0; 2] };
        for (guard, half) in [
            (!guard_is_inside, 0),
            (guard_is_inside, 0),
            (guard_is_inside, 1),
            (!guard_is_inside, 1),
        ] {
            let running = if guard { Some(IdleGuard::start(guarded)?) } else { None };
            let count = round_trips(&mut connection, window)?;
            drop(running);
            let side = if guard { &mut found.with_guard } else { &mut found.without_guard };
            side[half] = count;
        }
        measured.push(found);
    }
    Ok(measured)
}

fn round_trips(connection: &mut TcpStream, window: Duration) -> io::Result<u64> {
    let start = Instant::now();
    let mut count = 0;
    let mut byte = [1];
    while start.elapsed() < window {
        connection.write_all(&byte)?;
        connection.read_exact(&mut byte)?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::measure_idle_effect;
    use crate::cores::allowed_cores;
    use std::time::Duration;

    #[test]
    fn every_window_of_every_block_has_round_trips() {
        let cores = allowed_cores().expect("own affinity");
        let (first, last) = (cores[0], cores[cores.len() - 1]);
        let blocks =
            measure_idle_effect(&[first], &[last], Duration::from_millis(5), 2).expect("measured");
        assert_eq!(blocks.len(), 2);
        for block in &blocks {
            let windows = block.with_guard.iter().chain(&block.without_guard);
            assert!(windows.copied().all(|count| count > 0), "{block:?}");
        }
    }

    #[test]
    fn a_core_that_is_not_there_is_an_error_and_not_a_hang() {
        let error = measure_idle_effect(&[0], &[1000], Duration::from_millis(1), 1);
        assert!(error.is_err());
        let error = measure_idle_effect(&[1000], &[0], Duration::from_millis(1), 1);
        assert!(error.is_err());
    }
}
