//! From "due" to bytes on their way.

use std::sync::Arc;

use super::conn::{Conn, ConnState, InFlight, Piece};
use super::{Driver, Phase};
use crate::audit::Pick;
use crate::compile::CompiledPlan;
use crate::engine::{Engine, Outgoing, Sent};
use crate::pacer::Due;

/// Prebuilt requests from this length on are not copied to stand behind others, in bytes.
const LARGE_BYTES: usize = 64 * 1024;

/// What is sent next.
enum Next {
    Prebuilt(u32),
    /// What the connection has rendered.
    Own,
    Shared(Arc<[u8]>),
}

/// What is sent next on a connection, and its length.
#[inline]
fn next_piece(plan: &CompiledPlan, conn: &mut Conn) -> Option<(usize, Next)> {
    loop {
        if let Some(route) = conn.prebuilt {
            let bytes = plan.prebuilt(route as usize);
            return Some((bytes.map_or(0, <[u8]>::len), Next::Prebuilt(route)));
        }
        if !conn.out.is_empty() {
            return Some((conn.out.len(), Next::Own));
        }
        match conn.later.pop_front()? {
            Piece::Prebuilt(route) => conn.prebuilt = Some(route),
            Piece::Shared(body) => return Some((body.len(), Next::Shared(body))),
            Piece::Own { bytes, .. } => conn.out = bytes,
        }
    }
}

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
        let measured = (measuring || self.counts_warmup) && is_load;
        self.in_flight += 1;
        if measured {
            self.measured_in_flight += 1;
            self.tally.routes[route].requests += 1;
            self.tally.open_loop.waited += u64::from(due.ready_ns > due.intended_ns);
        }
        let flight = InFlight {
            index,
            intended_ns: due.intended_ns,
            ready_ns: due.ready_ns,
            sent_ns: now_ns,
            route: route as u32,
            sent: false,
            measured,
            audited: pick.is_some(),
            is_redirected: false,
        };
        self.conns[due.permit.conn as usize].detour = None;
        self.write(due.permit.conn, flight);
    }

    /// Puts the bytes of a request behind what waits to be sent on its connection.
    #[inline]
    pub(super) fn write(&mut self, id: u32, flight: InFlight) {
        let plan = &*self.plan;
        let conn = &mut self.conns[id as usize];
        let prebuilt = |route: u32| plan.prebuilt(route as usize);
        let request = plan.request(flight.route as usize, flight.index);
        match prebuilt(flight.route) {
            _ if conn.detour.is_some() => conn.append_detour(),
            Some(_) if conn.is_flushed() => conn.prebuilt = Some(flight.route),
            Some(bytes) if bytes.len() >= LARGE_BYTES => {
                conn.later.push_back(Piece::Prebuilt(flight.route));
            }
            _ => {
                if let Some(before) = conn.prebuilt.filter(|_| conn.later.is_empty()) {
                    let before = prebuilt(before).unwrap_or_default();
                    if before.len() < LARGE_BYTES {
                        conn.prebuilt = None;
                        conn.out.extend_from_slice(before);
                    } else {
                        conn.later.push_back(Piece::Own { bytes: Vec::new(), begins: 0 });
                    }
                }
                plan.values.fill(flight.index, &mut self.scratch.slots);
                let slots = &self.scratch.slots;
                match request.shared_body() {
                    None => conn.append(1, |out| request.render(slots, out)),
                    Some(body) => {
                        conn.append(1, |out| request.render_head(slots, out));
                        conn.later.push_back(Piece::Shared(Arc::clone(body)));
                    }
                }
            }
        }
        conn.is_closing |= request.says_close();
        conn.issued += 1;
        conn.in_flight.push_back(flight);
        if !conn.flush_queued {
            conn.flush_queued = true;
            self.actions.flushes.push(id);
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
        while let Some((bytes, outgoing)) = next_piece(&self.plan, conn) {
            let mut body = None;
            let outgoing = match outgoing {
                Next::Prebuilt(route) => Outgoing::Prebuilt(route),
                Next::Own => Outgoing::Buffer(&mut conn.out),
                Next::Shared(shared) => Outgoing::Shared(body.insert(shared)),
            };
            match engine.send(id, outgoing) {
                Sent::Accepted => {
                    conn.prebuilt = None;
                    for flight in conn.just_sent() {
                        flight.sent = true;
                        if flight.is_redirected {
                            continue;
                        }
                        flight.sent_ns = now_ns;
                        if flight.intended_ns + self.late_after_ns < now_ns && flight.measured {
                            self.tally.open_loop.late += u64::from(!self.closed_loop);
                        }
                    }
                    self.tally.sent_bytes += bytes as u64;
                    if conn.later.is_empty() {
                        return;
                    }
                }
                Sent::Busy => {
                    if let Some(body) = body {
                        conn.later.push_front(Piece::Shared(body));
                    }
                    return;
                }
                Sent::Failed(error) => return self.on_error(id, error, now_ns),
            }
        }
    }

    /// A connection that was busy can take more.
    pub(crate) fn on_sent(&mut self, id: u32) {
        let conn = &mut self.conns[id as usize];
        if !conn.is_flushed() && !conn.flush_queued {
            conn.flush_queued = true;
            self.actions.flushes.push(id);
        }
    }
}
