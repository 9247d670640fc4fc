//! What a server really did, request by request, on the clock that both sides share.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// When each numbered request came and when its answer left; 0 where it did not.
#[derive(Debug, Default)]
pub(crate) struct Log(Vec<[u64; 2]>);

impl Log {
    fn set(&mut self, request: Option<usize>, which: usize) {
        let Some(request) = request else { return };
        if request >= self.0.len() {
            self.0.resize(request + 1, [0; 2]);
        }
        self.0[request][which] = now_ns();
    }

    pub(crate) fn received(&mut self, request: Option<usize>) {
        self.set(request, 0);
    }

    pub(crate) fn answered(&mut self, request: Option<usize>) {
        self.set(request, 1);
    }

    /// Writes the log and ends the connection.
    pub(crate) fn send(&self, stream: &mut TcpStream) {
        let bytes: Vec<u8> = self.0.iter().flatten().flat_map(|ns| ns.to_le_bytes()).collect();
        stream.set_nonblocking(false).unwrap();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }

    /// Asks a server for its log.
    pub(crate) fn fetch(server: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(b"GET /log HTTP/1.1\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
        Self(bytes.chunks_exact(16).map(|two| [word(&two[..8]), word(&two[8..])]).collect())
    }

    /// From when each request was due (`gap_ns` apart) to when its answer left, sorted. The
    /// first due time is where the quickest of all requests was on its way for no time at all.
    pub(crate) fn latencies_ns(&self, gap_ns: u64) -> Vec<u64> {
        let due = |n: usize| n as u64 * gap_ns;
        let numbered = || self.0.iter().enumerate().filter(|(_, times)| times[1] > 0);
        let begin = numbered().map(|(n, times)| times[0] - due(n)).min().unwrap_or(0);
        let mut all: Vec<u64> =
            numbered().map(|(n, times)| times[1].saturating_sub(begin + due(n))).collect();
        all.sort_unstable();
        all
    }
}

/// The value at a quantile of sorted values: the smallest that so many are not above.
pub(crate) fn quantile(sorted: &[u64], quantile: f64) -> u64 {
    let rank = (sorted.len() as f64 * quantile).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(0)
}
