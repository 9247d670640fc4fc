//! The ceiling: a closed loop over io_uring that parses nothing, checks nothing and records
//! nothing.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::child::{GENERATOR_CORE, pin};
use crate::ring::{Event, Ring};
use crate::throughput::Cost;

pub(crate) const REQUEST: &[u8] = b"GET /json HTTP/1.1\r\nHost: 127.0.0.1:12345\r\n\r\n";

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Runs on a thread of its own, pinned.
pub(crate) fn run(addr: SocketAddr, connections: usize, warmup: Duration, time: Duration) -> Cost {
    std::thread::spawn(move || {
        pin(GENERATOR_CORE);
        let mut ring = Ring::new();
        let streams: Vec<TcpStream> = (0..connections)
            .map(|_| {
                let stream = TcpStream::connect(addr).unwrap();
                stream.set_nodelay(true).unwrap();
                stream
            })
            .collect();
        for stream in &streams {
            let conn = ring.add(stream);
            ring.send(conn, REQUEST);
        }
        let mut requests = 0u64;
        let mut spin = |time: Duration| {
            requests = 0;
            let (cpu, begin) = (thread_cpu(), Instant::now());
            while begin.elapsed() < time {
                ring.round(|ring, event| {
                    if let Event::Data(conn) = event {
                        requests += 1;
                        ring.send(conn, REQUEST);
                    }
                });
            }
            Cost { requests, elapsed: begin.elapsed(), cpu: thread_cpu() - cpu }
        };
        spin(warmup);
        spin(time)
    })
    .join()
    .unwrap()
}
