//! Which of a server's addresses a connection is made to: the first that answers, or all in turn.

use std::net::SocketAddr;

use super::Driver;
use crate::plan::LoadPlan;

/// How long one address is waited for before the next is tried: the connection attempt delay of
/// RFC 8305 section 5.
const ATTEMPT_NS: u64 = 250_000_000;

/// All addresses of a plan.
pub(super) fn all(plan: &LoadPlan) -> Vec<SocketAddr> {
    [plan.target].into_iter().chain(plan.more_addresses.others.iter().copied()).collect()
}

impl Driver {
    /// Where a connection that is to be dialled goes.
    pub(crate) fn address(&self, id: u32) -> SocketAddr {
        self.addresses[self.conns[id as usize].address]
    }

    /// The next address to try: after failures another one.
    pub(super) fn choose_address(&mut self, id: u32) {
        let first = if self.plan.plan.more_addresses.spread {
            self.share.worker + id as usize * self.share.workers
        } else {
            self.preferred
        };
        let conn = &mut self.conns[id as usize];
        conn.address = (first + conn.missed) % self.addresses.len();
    }

    /// How long an attempt to connect may take: where there are other addresses to try, not long
    /// at first, and longer each time all of them were.
    pub(super) fn dial_limit_ns(&self, id: u32) -> u64 {
        let addresses = self.addresses.len();
        if addresses == 1 {
            return self.timeout_ns;
        }
        let rounds = (self.conns[id as usize].missed / addresses).min(16);
        (ATTEMPT_NS << rounds).min(self.timeout_ns)
    }
}
