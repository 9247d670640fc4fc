//! Timeouts, found by going round all connections little by little: no timer per request.

use rustix::io::Errno;

use super::Driver;
use super::conn::ConnState;
use super::faults::Fault;

/// Where the round stands.
#[derive(Debug)]
pub(super) struct Sweep {
    /// Time for a whole round: timeouts are found this late at most.
    round_ns: u64,
    last_ns: u64,
    cursor: usize,
}

/// The shortest time between two steps of the round.
const STEP_NS: u64 = 1_000_000;

impl Sweep {
    pub(super) fn new(timeout_ns: u64, now_ns: u64) -> Self {
        let round_ns = (timeout_ns / 8).clamp(STEP_NS, 250_000_000);
        Self { round_ns, last_ns: now_ns, cursor: 0 }
    }

    /// When the next step is due, if the engine would otherwise sleep.
    pub(super) fn next_ns(&self) -> u64 {
        self.last_ns + self.round_ns
    }

    /// How many connections to look at now.
    fn share(&mut self, conns: usize, now_ns: u64) -> usize {
        let elapsed = now_ns.saturating_sub(self.last_ns);
        if elapsed < STEP_NS {
            return 0;
        }
        self.last_ns = now_ns;
        let share = conns as u128 * u128::from(elapsed) / u128::from(self.round_ns) + 1;
        usize::try_from(share).unwrap_or(conns).min(conns)
    }
}

impl Driver {
    /// Looks at the next few connections and ends those that waited too long.
    pub(super) fn sweep(&mut self, now_ns: u64) {
        for _ in 0..self.sweep.share(self.conns.len(), now_ns) {
            self.sweep.cursor = (self.sweep.cursor + 1) % self.conns.len();
            let id = self.sweep.cursor as u32;
            if !self.conns[self.sweep.cursor].again.is_empty() {
                self.expire_again(id, now_ns);
            }
            let conn = &self.conns[self.sweep.cursor];
            match (conn.state, conn.in_flight.front()) {
                (ConnState::Dialing { since_ns }, _)
                    if since_ns + self.dial_limit_ns(id) <= now_ns =>
                {
                    self.connect_failed(id, Errno::TIMEDOUT, now_ns);
                }
                (ConnState::Up, Some(flight)) if flight.sent_ns + self.timeout_ns <= now_ns => {
                    let fault = Fault::timeout(conn.decoder.stage(), self.timeout_ns);
                    self.fail(id, &fault, now_ns);
                }
                _ => {}
            }
        }
    }
}
