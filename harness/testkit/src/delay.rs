//! Servers whose service time is known, to test what a measurement says about them.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::host::{Host, Link};
use crate::input::Input;

/// How long each response is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// Always that long.
    Constant(Duration),
    /// `usual`, but every `one_in`th request of the server takes `rare` instead.
    Bimodal {
        /// The delay of most requests.
        usual: Duration,
        /// The delay of the others.
        rare: Duration,
        /// Out of how many requests one is rare; 0 for none.
        one_in: u64,
    },
    /// No delay, but the whole server stands still for `stall` at the start of each `period`
    /// counted from its start: what arrives meanwhile waits for the end of the stall.
    Stall {
        /// The time from one stall to the next.
        period: Duration,
        /// How long it lasts.
        stall: Duration,
    },
}

/// A keep-alive server that answers every request with `Hello, World!` after its delay.
#[derive(Debug)]
pub struct DelayServer {
    host: Host,
}

impl DelayServer {
    /// Starts one on a free loopback port.
    ///
    /// # Panics
    /// When no loopback port can be bound: nothing can be tested then.
    #[must_use]
    pub fn start(delay: Delay) -> Self {
        let (requests, started) = (AtomicU64::new(0), Instant::now());
        let host = Host::start(move |stream, link| {
            let next = || {
                let number = requests.fetch_add(1, Ordering::Relaxed);
                held_for(delay, number, started.elapsed())
            };
            serve(stream, link, next);
        });
        Self { host: host.expect("a free port on 127.0.0.1") }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// How many connections it has accepted so far.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.host.accepted()
    }
}

/// How long the request with that number, arriving so long after the start, is held.
fn held_for(delay: Delay, number: u64, since_start: Duration) -> Duration {
    match delay {
        Delay::Constant(delay) => delay,
        Delay::Bimodal { usual, rare, one_in } => {
            let is_rare = one_in != 0 && number % one_in == one_in - 1;
            if is_rare { rare } else { usual }
        }
        Delay::Stall { period, stall } => {
            let period_ns = period.as_nanos().max(1);
            let into_period = since_start.as_nanos() % period_ns;
            let into_period = Duration::from_nanos(u64::try_from(into_period).unwrap_or(u64::MAX));
            stall.saturating_sub(into_period)
        }
    }
}

/// Answers requests without content until the client closes.
fn serve(stream: TcpStream, link: &Link, next: impl Fn() -> Duration) {
    let mut input = Input::new(stream);
    loop {
        link.stage("reading a request");
        let end = input.buffered().windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else {
            match input.fill() {
                Ok(1..) => continue,
                _ => return,
            }
        };
        input.take(end + 4);
        link.stage("holding a response");
        let held = next();
        if (!held.is_zero() && !link.sleep(held)) || input.send(&hello()).is_err() {
            return;
        }
    }
}

fn hello() -> Vec<u8> {
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let fields = "Server: testkit\r\nContent-Type: text/plain\r\nContent-Length: 13";
    format!("HTTP/1.1 200 OK\r\nDate: {date}\r\n{fields}\r\n\r\nHello, World!").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const ZERO: Duration = Duration::ZERO;

    #[test]
    fn one_request_in_so_many_is_rare() {
        let delay = Delay::Bimodal { usual: MS, rare: 50 * MS, one_in: 4 };
        let held = |number| held_for(delay, number, Duration::ZERO);
        assert_eq!([0, 1, 2, 3, 4, 7].map(held), [MS, MS, MS, 50 * MS, MS, 50 * MS]);
    }

    #[test]
    fn what_arrives_in_a_stall_waits_for_its_end() {
        let delay = Delay::Stall { period: 100 * MS, stall: 30 * MS };
        let held = |after: u32| held_for(delay, 0, after * MS);
        assert_eq!([0, 10, 30, 99, 110].map(held), [30 * MS, 20 * MS, ZERO, ZERO, 20 * MS]);
    }
}
