//! A server whose delays are known: by intention, and as they really were. It never sleeps, and
//! logs when each request came and when its answer left; `GET /log` gives that log.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use super::{answer, drain};
use crate::truth::Log;

/// How long each response is held.
#[derive(Debug, Clone, Copy)]
pub(super) enum Delay {
    /// Always so long.
    Constant(Duration),
    /// The first, but every twentieth response the second.
    Bimodal(Duration, Duration),
    /// Not at all, but for the last part of every period nothing is answered.
    Stall { every: Duration, lasts: Duration },
}

impl Delay {
    pub(super) fn parse(words: &[&str]) -> Self {
        let us = |text: &str| Duration::from_micros(text.parse().unwrap());
        match words {
            ["constant", delay] => Self::Constant(us(delay)),
            ["bimodal", usual, rare] => Self::Bimodal(us(usual), us(rare)),
            ["stall", every, lasts] => Self::Stall { every: us(every), lasts: us(lasts) },
            _ => panic!("unknown delay {words:?}"),
        }
    }

    /// When the `n`-th response, asked for at `now`, is to leave.
    fn due(self, n: u64, now: Instant, start: Instant) -> Instant {
        match self {
            Self::Constant(delay) => now + delay,
            Self::Bimodal(_, rare) if n % 20 == 19 => now + rare,
            Self::Bimodal(usual, _) => now + usual,
            Self::Stall { every, lasts } => {
                let phase =
                    Duration::from_nanos(((now - start).as_nanos() % every.as_nanos()) as u64);
                if phase + lasts > every { now + (every - phase) } else { now }
            }
        }
    }
}

const LISTENER: u64 = u64::MAX;

/// A response on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    until: Instant,
    connection: usize,
    /// The number in the request's path.
    request: Option<usize>,
}

/// The path of each whole request without a body.
fn paths(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.split_inclusive("\r\n\r\n")
        .filter(|head| head.ends_with("\r\n\r\n"))
        .map(|head| head.split(' ').nth(1).unwrap_or_default())
}

pub(super) fn serve(listener: &TcpListener, delay: Delay) {
    listener.set_nonblocking(true).unwrap();
    let epoll = epoll::create(CreateFlags::CLOEXEC).unwrap();
    epoll::add(&epoll, listener, EventData::new_u64(LISTENER), EventFlags::IN).unwrap();
    let mut streams: Vec<TcpStream> = Vec::new();
    let mut due: BinaryHeap<Reverse<Held>> = BinaryHeap::new();
    let mut log = Log::default();
    let mut events: Vec<Event> = Vec::with_capacity(256);
    let (start, mut served) = (Instant::now(), 0);
    let mut buffer = Vec::new();
    loop {
        // Never asleep: waking up would add to the delay what nobody knows.
        let timeout = Timespec { tv_sec: 0, tv_nsec: 0 };
        let spare = rustix::buffer::spare_capacity(&mut events);
        let _ = epoll::wait(&epoll, spare, Some(&timeout));
        for event in events.drain(..) {
            let id = event.data.u64();
            if id == LISTENER {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nodelay(true).unwrap();
                    stream.set_nonblocking(true).unwrap();
                    let data = EventData::new_u64(streams.len() as u64);
                    epoll::add(&epoll, &stream, data, EventFlags::IN).unwrap();
                    streams.push(stream);
                }
                continue;
            }
            buffer.clear();
            let stream = &mut streams[id as usize];
            if drain(stream, &mut buffer).is_none() {
                let _ = epoll::delete(&epoll, &*stream);
                continue;
            }
            for path in paths(&buffer) {
                if path == "/log" {
                    log.send(stream);
                    continue;
                }
                let request = path[1..].parse().ok();
                log.received(request);
                let until = delay.due(served, Instant::now(), start);
                due.push(Reverse(Held { until, connection: id as usize, request }));
                served += 1;
            }
        }
        while let Some(Reverse(held)) = due.peek().copied()
            && held.until <= Instant::now()
        {
            due.pop();
            answer(&mut streams[held.connection]);
            log.answered(held.request);
        }
    }
}
