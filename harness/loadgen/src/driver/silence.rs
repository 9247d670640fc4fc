//! A server that gives nothing any more ends a run that would otherwise last for ever.

use super::Driver;

/// How often signs of life are looked for.
const LOOK_NS: u64 = 50_000_000;

/// Since when nothing was heard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence {
    limit_ns: Option<u64>,
    since_ns: u64,
    received_bytes: u64,
    next_look_ns: u64,
    /// The run was ended for it.
    pub(super) gave_up: bool,
}

impl Silence {
    pub(super) fn new(limit_ns: Option<u64>) -> Self {
        Self { limit_ns, since_ns: 0, received_bytes: 0, next_look_ns: 0, gave_up: false }
    }

    /// The warm-up begins, or the window.
    pub(super) fn begin(&mut self, now_ns: u64) {
        self.since_ns = now_ns;
        self.received_bytes = 0;
        self.next_look_ns = if self.limit_ns.is_some() { now_ns } else { u64::MAX };
    }
}

impl Driver {
    /// Whether so long nothing came although something was awaited that it is given up.
    #[inline]
    pub(super) fn is_given_up(&mut self, now_ns: u64) -> bool {
        now_ns >= self.silence.next_look_ns && self.look_for_life(now_ns)
    }

    fn look_for_life(&mut self, now_ns: u64) -> bool {
        let is_awaited = self.in_flight > 0 || self.up == 0 || self.pacer.has_backlog(now_ns);
        let received_bytes = self.tally.received_bytes;
        let silence = &mut self.silence;
        silence.next_look_ns = now_ns + LOOK_NS;
        if !is_awaited || received_bytes != silence.received_bytes {
            silence.since_ns = now_ns;
            silence.received_bytes = received_bytes;
        }
        let is_over = |limit_ns| now_ns - silence.since_ns >= limit_ns;
        silence.gave_up = silence.limit_ns.is_some_and(is_over);
        silence.gave_up
    }
}
