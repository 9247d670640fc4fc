//! What the engine saw, turned into counted outcomes.

use httpdyno_wire::{Advance, Completed, Eof, ResponseError, Stage};
use rustix::io::Errno;

use super::Driver;
use super::conn::{ConnState, InFlight, LastExchange};
use super::faults::Fault;
use crate::check::{Check, Verdict, Wrong};
use crate::tally::Times;

impl Driver {
    /// A connection is up.
    pub(crate) fn on_connected(&mut self, id: u32, now_ns: u64) {
        let conn = &mut self.conns[id as usize];
        if !matches!(conn.state, ConnState::Dialing { .. }) {
            return;
        }
        conn.state = ConnState::Up;
        conn.missed = 0;
        self.preferred = conn.address;
        self.dialing -= 1;
        self.up += 1;
        if self.is_running() {
            self.tally.connections.reconnects += 1;
            self.resume(id, now_ns);
        }
    }

    /// Bytes arrived.
    #[inline]
    pub(crate) fn on_data(&mut self, id: u32, mut data: &[u8], now_ns: u64) {
        self.tally.received_bytes += data.len() as u64;
        while !data.is_empty() {
            let conn = &mut self.conns[id as usize];
            if conn.state != ConnState::Up {
                return;
            }
            let Some(flight) = conn.in_flight.front().filter(|flight| flight.sent) else {
                return self.blame_last(id, data, now_ns);
            };
            let plan = &*self.plan;
            let route = &plan.routes[flight.route as usize];
            conn.check.keeper.is_on = flight.audited;
            let kind = plan.kind(flight.route as usize, flight.index);
            let mut check = Check {
                plan: &plan.plan,
                values: &plan.values,
                expected: &route.expected,
                index: flight.index,
                kind,
                state: &mut conn.check,
                scratch: &mut self.scratch,
                json: &mut self.json_memos[flight.route as usize],
            };
            let memo = &mut self.memos[flight.route as usize];
            let limits = &plan.plan.limits;
            match conn.decoder.advance(data, kind, limits, memo, &mut check) {
                Ok(Advance::NeedMore) => return,
                Ok(Advance::Interim { consumed, head }) => {
                    if flight.measured {
                        self.tally.routes[flight.route as usize].passing(head.status);
                        self.tally.note(head.oddities);
                    }
                    data = &data[consumed..];
                }
                Ok(Advance::Complete { consumed, response }) => {
                    let verdict = check.finish(&response);
                    data = &data[consumed..];
                    if !data.is_empty() && !conn.in_flight.get(1).is_some_and(|next| next.sent) {
                        return self.blame_first(id, data, now_ns);
                    }
                    if flight.audited {
                        let (route, took_ns) =
                            (flight.route as usize, now_ns.saturating_sub(flight.sent_ns));
                        self.auditor.keep(route, flight.index, took_ns, &mut conn.check.keeper);
                    }
                    self.settle(id, response, verdict, now_ns);
                }
                Err(error) => return self.fail(id, &Fault::protocol(&error), now_ns),
            }
        }
    }

    /// A response is complete, and may lead elsewhere.
    #[inline]
    fn settle(&mut self, id: u32, response: Completed, verdict: Verdict, now_ns: u64) {
        let wrong = match verdict {
            Verdict::Right => None,
            Verdict::Wrong(wrong) => Some(wrong),
            Verdict::Elsewhere(redirect) => match self.follow(id, &response, &redirect, now_ns) {
                Ok(()) => return,
                Err(wrong) => Some(wrong),
            },
        };
        self.complete(id, response, wrong.as_deref(), now_ns);
    }

    #[inline]
    fn complete(&mut self, id: u32, response: Completed, wrong: Option<&Wrong>, now_ns: u64) {
        let conn = &mut self.conns[id as usize];
        let Some(flight) = conn.in_flight.pop_front() else { return };
        conn.served += 1;
        conn.failures = 0;
        conn.last = LastExchange { index: flight.index, route: flight.route, done_ns: now_ns };
        self.in_flight -= 1;
        if flight.measured {
            self.measured_in_flight -= 1;
            self.count(flight, response, wrong, now_ns);
        } else if let Some(wrong) = wrong {
            self.count_in_warmup(wrong.cause.name());
        }
        if response.head.close {
            self.tally.connections.closed_as_announced += 1;
            // Nothing behind it was processed (RFC 9112 section 9.6).
            return self.reconnect(id, false, now_ns);
        }
        let conn = &self.conns[id as usize];
        if conn.is_spent(self.plan.plan.churn) && conn.in_flight.is_empty() {
            self.tally.connections.churned += 1;
            return self.disconnect(id, now_ns);
        }
        if !conn.again.is_empty() {
            return self.resume(id, now_ns);
        }
        self.grant(id, now_ns);
    }

    #[inline]
    fn count(&mut self, flight: InFlight, response: Completed, wrong: Option<&Wrong>, now_ns: u64) {
        self.tally.note(response.head.oddities);
        if wrong.is_none() {
            self.tally.heard_at(now_ns);
        }
        let tally = &mut self.tally.routes[flight.route as usize];
        let status = response.head.status;
        match wrong {
            None => {
                let times = Times {
                    intended_ns: flight.intended_ns,
                    ready_ns: flight.ready_ns,
                    sent_ns: flight.sent_ns,
                    done_ns: now_ns,
                };
                tally.response(status, response.body_bytes, times);
            }
            Some(wrong) => tally.mismatch(status, response.body_bytes, flight.index, wrong),
        }
    }

    /// The server has closed its side.
    pub(crate) fn on_eof(&mut self, id: u32, now_ns: u64) {
        let conn = &mut self.conns[id as usize];
        if conn.state != ConnState::Up {
            return;
        }
        let Some(&flight) = conn.in_flight.front().filter(|flight| flight.sent) else {
            self.tally.connections.closed_while_idle += 1;
            // What was not even sent goes out on the next connection.
            return self.reconnect(id, false, now_ns);
        };
        match conn.decoder.eof(true) {
            Ok(Eof::Complete(response)) => {
                let plan = &*self.plan;
                let mut check = Check {
                    plan: &plan.plan,
                    values: &plan.values,
                    expected: &plan.routes[flight.route as usize].expected,
                    index: flight.index,
                    kind: plan.kind(flight.route as usize, flight.index),
                    state: &mut conn.check,
                    scratch: &mut self.scratch,
                    json: &mut self.json_memos[flight.route as usize],
                };
                let verdict = check.finish(&response);
                if flight.audited {
                    let (route, took_ns) =
                        (flight.route as usize, now_ns.saturating_sub(flight.sent_ns));
                    self.auditor.keep(route, flight.index, took_ns, &mut conn.check.keeper);
                }
                // Such a response says that the connection ends: this disconnects.
                self.settle(id, response, verdict, now_ns);
            }
            Ok(Eof::BetweenResponses) => self.disconnect(id, now_ns),
            Err(ResponseError::ClosedBeforeResponse) if self.may_repeat(id) => {
                self.reconnect(id, true, now_ns);
            }
            Err(error) => self.fail(id, &Fault::protocol(&error), now_ns),
        }
    }

    /// The connection broke, or could not be made.
    pub(crate) fn on_error(&mut self, id: u32, error: Errno, now_ns: u64) {
        let conn = &self.conns[id as usize];
        match conn.state {
            ConnState::Down => {}
            ConnState::Dialing { .. } => self.connect_failed(id, error, now_ns),
            ConnState::Up => {
                let is_reset = matches!(error, Errno::CONNRESET | Errno::PIPE);
                self.tally.connections.resets += u64::from(is_reset);
                if is_reset && conn.decoder.stage() == Stage::Idle && self.may_repeat(id) {
                    return self.reconnect(id, true, now_ns);
                }
                let fault = Fault::broken(error, conn.decoder.stage());
                self.fail(id, &fault, now_ns);
            }
        }
    }
}
