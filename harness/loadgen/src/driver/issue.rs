//! From "due" to bytes on their way.

use super::conn::{ConnState, InFlight};
use super::{Driver, Phase};
use crate::audit::Pick;
use crate::engine::{Engine, Outgoing, Sent};
use crate::pacer::Due;

impl Driver {
    /// Writes a request into its connection's buffer. Does nothing when the window's number of
    /// requests is used up.
    #[inline]
    pub(super) fn issue(&mut self, due: Due, now_ns: u64) {
        if self.budget == 0 {
            return;
        }
        let index = self.next_index;
        self.next_index += self.share.workers as u64;
        let pick = self.auditor.pick(index);
        let (route, is_load) = match pick {
            Some(Pick::Canary(number)) => (self.plan.plan.routes.len() + number, false),
            Some(Pick::Sampled) | None => (self.plan.route_of(index), true),
        };
        let measuring = matches!(self.phase, Phase::Measure | Phase::Drain);
        if measuring && is_load {
            self.budget -= 1;
        }
        let measured = (self.closed_loop || measuring) && is_load;
        let conn = &mut self.conns[due.permit.conn as usize];
        let plan = &*self.plan;
        let idle = conn.prebuilt.is_none() && conn.out.is_empty();
        match plan.prebuilt(route) {
            Some(_) if idle => conn.prebuilt = Some(route as u32),
            _ => {
                if let Some(before) = conn.prebuilt.take() {
                    let before = plan.prebuilt(before as usize);
                    conn.out.extend_from_slice(before.unwrap_or_default());
                }
                plan.values.fill(index, &mut self.scratch.slots);
                plan.request(route, index).render(&self.scratch.slots, &mut conn.out);
            }
        }
        conn.issued += 1;
        conn.in_flight.push_back(InFlight {
            index,
            intended_ns: due.intended_ns,
            ready_ns: due.ready_ns,
            sent_ns: now_ns,
            route: route as u32,
            sent: false,
            measured,
            audited: pick.is_some(),
        });
        self.in_flight += 1;
        if measured {
            self.measured_in_flight += 1;
            self.tally.routes[route].requests += 1;
            self.tally.open_loop.waited += u64::from(due.ready_ns > due.intended_ns);
        }
        if !conn.flush_queued {
            conn.flush_queued = true;
            self.actions.flushes.push(due.permit.conn);
        }
    }

    /// Hands all waiting requests to the engine. `clock` is read once before and, for engines
    /// that send one by one, after each.
    pub(crate) fn flush<E: Engine>(&mut self, engine: &mut E, clock: impl Fn() -> u64) {
        if self.actions.flushes.is_empty() {
            return;
        }
        let mut now_ns = clock();
        let mut flushes = std::mem::take(&mut self.actions.flushes);
        for conn in flushes.drain(..) {
            self.flush_one(engine, conn, now_ns);
            if E::SENDS_AT_ONCE {
                now_ns = clock();
            }
        }
        // Failed sends may have queued nothing here: new connections dial first.
        self.actions.flushes = flushes;
    }

    fn flush_one<E: Engine>(&mut self, engine: &mut E, id: u32, now_ns: u64) {
        let conn = &mut self.conns[id as usize];
        conn.flush_queued = false;
        if conn.state != ConnState::Up {
            return;
        }
        let (bytes, outgoing) = match conn.prebuilt {
            Some(route) => {
                let bytes = self.plan.routes[route as usize].request.prebuilt();
                (bytes.map_or(0, <[u8]>::len), Outgoing::Prebuilt(route))
            }
            None => (conn.out.len(), Outgoing::Buffer(&mut conn.out)),
        };
        if bytes == 0 {
            return;
        }
        match engine.send(id, outgoing) {
            Sent::Accepted => {
                conn.prebuilt = None;
                for flight in conn.in_flight.iter_mut().rev().take_while(|flight| !flight.sent) {
                    flight.sent = true;
                    flight.sent_ns = now_ns;
                    if flight.intended_ns + self.late_after_ns < now_ns && flight.measured {
                        self.tally.open_loop.late += u64::from(!self.closed_loop);
                    }
                }
                self.tally.sent_bytes += bytes as u64;
            }
            Sent::Busy => {}
            Sent::Failed(error) => self.on_error(id, error, now_ns),
        }
    }

    /// A connection that was busy can take more.
    pub(crate) fn on_sent(&mut self, id: u32) {
        let conn = &mut self.conns[id as usize];
        let waiting = conn.prebuilt.is_some() || !conn.out.is_empty();
        if waiting && !conn.flush_queued {
            conn.flush_queued = true;
            self.actions.flushes.push(id);
        }
    }
}
