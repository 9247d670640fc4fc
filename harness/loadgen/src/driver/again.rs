//! Requests that a connection takes back, and exchanges that are blamed for bytes behind them.

use httpdyno_wire::ResponseDecoder;

use super::Driver;
use super::conn::{ConnState, InFlight};
use super::faults::Fault;

impl Driver {
    /// The connection is over, and what waits on it goes out on the next one: requests pipelined
    /// behind a close were not processed (RFC 9112 section 9.3.2). Where the close was not
    /// announced, the next one may carry only the first of them until that is answered.
    #[cold]
    pub(super) fn reconnect(&mut self, id: u32, is_cautious: bool, now_ns: u64) {
        self.take_back(id);
        self.conns[id as usize].is_cautious = is_cautious;
        self.disconnect(id, now_ns);
    }

    /// What waits on a connection is to be sent again.
    fn take_back(&mut self, id: u32) {
        let conn = &mut self.conns[id as usize];
        let mut again = std::mem::take(&mut conn.in_flight);
        for flight in &mut again {
            if flight.sent && flight.measured {
                self.tally.resent += 1;
            }
            flight.sent = false;
        }
        again.append(&mut conn.again);
        conn.again = again;
    }

    /// Whether requests may be sent again after a close that nothing announced: only pipelined
    /// ones, only those that do no more when done twice, and only where the connection had
    /// answered something, so that it goes on.
    pub(super) fn may_repeat(&self, id: u32) -> bool {
        let conn = &self.conns[id as usize];
        let plan = &self.plan;
        let is_harmless = |it: &InFlight| plan.request(it.route as usize, it.index).is_idempotent();
        self.plan.plan.pipeline > 1 && conn.served > 0 && conn.in_flight.iter().all(is_harmless)
    }

    /// A connection has room: first for what was taken back, then for what is new.
    pub(super) fn resume(&mut self, id: u32, now_ns: u64) {
        let churn = self.plan.plan.churn;
        loop {
            let conn = &mut self.conns[id as usize];
            let is_full = conn.is_cautious && conn.served == 0 && !conn.in_flight.is_empty();
            if is_full || conn.is_spent(churn) {
                return;
            }
            let Some(flight) = conn.again.pop_front() else { break };
            self.write(id, flight);
        }
        let waiting = self.conns[id as usize].in_flight.len();
        for _ in waiting..self.plan.plan.pipeline {
            self.grant(id, now_ns);
        }
    }

    /// Bytes behind the only response that was awaited: its exchange is the one that went wrong,
    /// and what was not even sent goes out on the next connection.
    #[cold]
    pub(super) fn blame_first(&mut self, id: u32, data: &[u8], now_ns: u64) {
        let conn = &mut self.conns[id as usize];
        let first = conn.in_flight.pop_front();
        self.take_back(id);
        let conn = &mut self.conns[id as usize];
        conn.served += 1;
        conn.in_flight.extend(first);
        self.fail(id, &Fault::protocol(&ResponseDecoder::unsolicited(data)), now_ns);
    }

    /// Bytes when no response is awaited: they belong to the last exchange, which was over.
    #[cold]
    pub(super) fn blame_last(&mut self, id: u32, data: &[u8], now_ns: u64) {
        let last = self.conns[id as usize].last;
        if last.done_ns > 0 {
            let error = ResponseDecoder::unsolicited(data);
            let detail = format!("after its response: {error}");
            // Requests beside the load have no counts of their own.
            if let Some(tally) = self.tally.routes.get_mut(last.route as usize) {
                tally.remark(last.index, &detail);
            }
        }
        self.tally.connections.unsolicited += 1;
        self.reconnect(id, false, now_ns);
    }

    /// Requests that wait for a connection to be sent again, and have waited too long.
    pub(super) fn expire_again(&mut self, id: u32, now_ns: u64) {
        let conn = &mut self.conns[id as usize];
        let is_waiting = conn.state != ConnState::Up || conn.in_flight.is_empty();
        let is_late = |sent_ns: u64| sent_ns + self.timeout_ns <= now_ns;
        while let Some(flight) = conn.again.front().filter(|it| is_waiting && is_late(it.sent_ns)) {
            self.in_flight -= 1;
            if flight.measured {
                self.measured_in_flight -= 1;
                let fault = Fault::timeout(httpdyno_wire::Stage::Idle, self.timeout_ns);
                let tally = &mut self.tally.routes[flight.route as usize];
                tally.error(fault.cause, flight.index, &fault.detail);
            }
            conn.again.pop_front();
        }
    }
}
