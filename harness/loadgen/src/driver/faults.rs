//! What goes wrong with connections, by name, and how they come back.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use httpdyno_wire::{ResponseError, Stage};
use rustix::io::Errno;

use super::Driver;
use super::conn::ConnState;

/// How many connections of one worker may be in the making at once: fewer than any sensible
/// listen backlog, so that none waits for a lost SYN.
const DIALING_AT_ONCE: usize = 64;

/// The longest wait before another attempt to connect, in nanoseconds.
const LONGEST_BACKOFF_NS: u64 = 250_000_000;

/// Why the request at the head of a connection gets no response.
#[derive(Debug)]
pub(super) struct Fault {
    /// For counting.
    pub(super) cause: &'static str,
    /// For people.
    pub(super) detail: Cow<'static, str>,
}

impl Fault {
    pub(super) fn protocol(error: &ResponseError) -> Self {
        Self { cause: error.name(), detail: error.to_string().into() }
    }

    pub(super) fn broken(error: Errno, stage: Stage) -> Self {
        let is_reset = matches!(error, Errno::CONNRESET | Errno::PIPE);
        let cause = match (is_reset, stage) {
            (true, Stage::Idle) => "reset-before-response",
            (true, Stage::Head) => "reset-in-head",
            (true, Stage::Body) => "reset-in-body",
            (false, _) => "connection-broken",
        };
        Self { cause, detail: format!("the connection broke: {error}").into() }
    }

    pub(super) fn timeout(stage: Stage, timeout_ns: u64) -> Self {
        let (cause, place) = match stage {
            Stage::Idle => ("timeout-before-response", "no response began"),
            Stage::Head => ("timeout-in-head", "the head was not complete"),
            Stage::Body => ("timeout-in-body", "the body was not complete"),
        };
        let timeout_ms = timeout_ns / 1_000_000;
        Self { cause, detail: format!("{place} within {timeout_ms} ms").into() }
    }
}

/// Connections that wait to be dialled, the earliest first.
#[derive(Debug, Default)]
pub(super) struct Redials {
    waiting: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Redials {
    pub(super) fn push(&mut self, at_ns: u64, conn: u32) {
        self.waiting.push(Reverse((at_ns, conn)));
    }

    pub(super) fn next_ns(&self) -> Option<u64> {
        self.waiting.peek().map(|Reverse((at, _))| *at)
    }

    fn pop_due(&mut self, now_ns: u64) -> Option<u32> {
        let Reverse((at, conn)) = *self.waiting.peek()?;
        if at > now_ns {
            return None;
        }
        self.waiting.pop();
        Some(conn)
    }
}

/// Why a connection could not be made, by name; in the system's words where there is none.
fn cause_of(error: Errno) -> String {
    let name = match error {
        Errno::CONNREFUSED => "refused",
        Errno::TIMEDOUT => "timed-out",
        Errno::CONNRESET => "reset",
        Errno::ADDRNOTAVAIL => "no-local-port-left",
        Errno::MFILE | Errno::NFILE => "no-file-descriptor-left",
        Errno::HOSTUNREACH | Errno::NETUNREACH => "unreachable",
        Errno::INVAL => "invalid-address",
        Errno::ACCESS | Errno::PERM => "not-permitted",
        Errno::NOENT => "no-such-socket",
        // Of a unix socket: TCP does not tell.
        Errno::AGAIN => "listen-queue-full",
        Errno::AFNOSUPPORT => "address-family-not-supported",
        Errno::NOBUFS | Errno::NOMEM => "no-memory-left",
        other => return std::io::Error::from(other).to_string(),
    };
    name.to_owned()
}

impl Driver {
    /// Ends a connection because of a fault. The first request waiting on it fails by the
    /// fault's name, the ones behind it as lost with their connection.
    #[cold]
    pub(super) fn fail(&mut self, id: u32, fault: &Fault, now_ns: u64) {
        let flights = std::mem::take(&mut self.conns[id as usize].in_flight);
        for (n, flight) in flights.iter().enumerate() {
            self.in_flight -= 1;
            let (cause, detail) = match n {
                0 => (fault.cause, fault.detail.as_ref()),
                _ => ("lost-with-connection", "an earlier request on the connection failed"),
            };
            if !flight.measured {
                self.count_in_warmup(cause);
                continue;
            }
            self.measured_in_flight -= 1;
            self.tally.routes[flight.route as usize].error(cause, flight.index, detail);
        }
        let conn = &mut self.conns[id as usize];
        if !flights.is_empty() {
            conn.last.done_ns = now_ns;
        }
        // The memory is kept for the next connection.
        conn.in_flight = flights;
        self.disconnect(id, now_ns);
    }

    /// A request of the open loop's warm-up went wrong, be it that the window has begun meanwhile.
    #[cold]
    pub(super) fn count_in_warmup(&mut self, cause: &str) {
        *self.warmup_errors.entry(cause.to_owned()).or_default() += 1;
    }

    /// Closes a connection on which nothing is waiting any more, and dials again: at once when
    /// it had served something, else after a growing pause.
    pub(super) fn disconnect(&mut self, id: u32, now_ns: u64) {
        let conn = &mut self.conns[id as usize];
        match conn.state {
            ConnState::Up => self.up -= 1,
            ConnState::Dialing { .. } => self.dialing -= 1,
            ConnState::Down => return,
        }
        conn.failures = if conn.served == 0 { conn.failures.saturating_add(1) } else { 0 };
        let backoff_ns = match conn.failures {
            0 => 0,
            n => (1_000_000u64 << n.min(20)).min(LONGEST_BACKOFF_NS),
        };
        conn.reset();
        self.actions.closes.push(id);
        self.redials.push(now_ns + backoff_ns, id);
        self.forget_dead_permits();
    }

    /// Keeps the pacer's queues in proportion to the connections, however often they break.
    fn forget_dead_permits(&mut self) {
        let most = 4 * self.conns.len() * self.plan.plan.pipeline + 64;
        let conns = &self.conns;
        self.pacer.purge(most, |permit| {
            let conn = &conns[permit.conn as usize];
            conn.state == ConnState::Up && conn.epoch == permit.epoch
        });
    }

    #[cold]
    pub(super) fn connect_failed(&mut self, id: u32, error: Errno, now_ns: u64) {
        let errors = if self.is_running() {
            &mut self.tally.connections.connect_errors
        } else {
            &mut self.establish_errors
        };
        *errors.entry(cause_of(error)).or_default() += 1;
        self.conns[id as usize].missed += 1;
        self.disconnect(id, now_ns);
    }

    /// Nothing more is awaited before the load begins: what no one has answered until now counts
    /// as tried. Where other connections are up, those that began later go on.
    pub(super) fn give_up_dialing(&mut self, now_ns: u64) {
        for id in 0..self.conns.len() {
            if let ConnState::Dialing { since_ns } = self.conns[id].state
                && (self.up == 0 || since_ns + self.timeout_ns <= now_ns)
            {
                self.connect_failed(id as u32, Errno::TIMEDOUT, now_ns);
            }
        }
    }

    /// Lets connections dial whose time has come, a bounded number at once.
    pub(super) fn redial(&mut self, now_ns: u64) {
        while self.dialing < DIALING_AT_ONCE
            && let Some(id) = self.redials.pop_due(now_ns)
        {
            self.choose_address(id);
            self.conns[id as usize].state = ConnState::Dialing { since_ns: now_ns };
            self.dialing += 1;
            self.actions.dials.push(id);
        }
    }

    /// When the next connection may dial, if one waits and there is room.
    pub(super) fn next_redial_ns(&self) -> Option<u64> {
        self.redials.next_ns().filter(|_| self.dialing < DIALING_AT_ONCE)
    }
}
