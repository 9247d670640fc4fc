//! Redirects that are followed. The exchange goes on: it began with its first request, and ends
//! with the response that leads nowhere else.

use httpdyno_wire::Completed;

use super::Driver;
use super::conn::Detour;
use crate::check::Wrong;
use crate::redirect::Redirect;
use crate::report::MismatchCause;

impl Driver {
    /// Sends the request that a redirect asks for, in place of the one that it answers; or says why
    /// that response is the last.
    #[cold]
    pub(super) fn follow(
        &mut self,
        id: u32,
        response: &Completed,
        redirect: &Redirect,
        now_ns: u64,
    ) -> Result<(), Box<Wrong>> {
        let plan = &*self.plan;
        let wrong = |detail| Box::new(Wrong { cause: MismatchCause::Status, detail });
        let conn = &mut self.conns[id as usize];
        let Some(&flight) = conn.in_flight.front() else { return Ok(()) };
        let before = conn.detour.take();
        let followed = before.as_ref().map_or(0, |detour| detour.followed);
        if followed == plan.plan.redirects {
            let status = redirect.status;
            return Err(wrong(format!("status {status} after {followed} redirects")));
        }
        let request = before.map_or_else(
            || {
                let mut bytes = Vec::new();
                plan.values.fill(flight.index, &mut self.scratch.slots);
                let request = plan.request(flight.route as usize, flight.index);
                request.render(&self.scratch.slots, &mut bytes);
                bytes
            },
            |detour| detour.request,
        );
        let request = redirect.applied_to(&request).map_err(wrong)?;
        conn.detour = Some(Box::new(Detour { followed: followed + 1, request }));
        conn.in_flight.clear();
        conn.again.push_front(flight.redirected());
        conn.served += 1;
        conn.failures = 0;
        if flight.measured {
            self.tally.redirects += 1;
            self.tally.routes[flight.route as usize].passing(redirect.status);
            self.tally.note(response.head.oddities);
        }
        if response.head.close {
            self.tally.connections.closed_as_announced += 1;
            self.reconnect(id, false, now_ns);
        } else if self.conns[id as usize].is_spent(plan.plan.churn) {
            self.tally.connections.churned += 1;
            self.disconnect(id, now_ns);
        } else {
            self.resume(id, now_ns);
        }
        Ok(())
    }
}
