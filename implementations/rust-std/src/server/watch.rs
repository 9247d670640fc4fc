//! What a connection waits for, written by its thread and read by the
//! timekeeper: one plain store per change, no lock and no system call.
//!
//! All orderings are `Relaxed`: the word carries no other data with it, and the
//! stream is reached through its slot's lock.

use std::sync::atomic::{AtomicU64, Ordering};

/// The deadline in ticks, and in the two low bits what ends then.
#[derive(Debug, Default)]
pub(crate) struct Watch(AtomicU64);

const BUSY: u64 = 0;
const IDLE: u64 = 1;
const SENDING: u64 = 2;
const EXPIRED: u64 = 3;

/// What is to be done about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Leave,
    /// It waits for a request in vain: wake its read.
    EndRead,
    /// Its client does not take the response: end both directions.
    EndBoth,
}

/// How patient the timekeeper is in one round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) now: u64,
    /// Idle connections end so many ticks before their deadline.
    pub(crate) idle_haste: u64,
}

impl Watch {
    /// The thread works, or sees to its deadlines itself.
    pub(crate) fn busy(&self) {
        self.0.store(BUSY, Ordering::Relaxed);
    }

    /// The thread waits for the first octet of a request.
    pub(crate) fn idle(&self, deadline: u64) {
        self.0.store(deadline << 2 | IDLE, Ordering::Relaxed);
    }

    /// The thread waits for the client to take a response.
    pub(crate) fn sending(&self, deadline: u64) {
        self.0.store(deadline << 2 | SENDING, Ordering::Relaxed);
    }

    /// Whether `expire` could say something else than `Leave`.
    pub(crate) fn is_due(&self, patience: Patience) -> bool {
        verdict(self.0.load(Ordering::Relaxed), patience) != Verdict::Leave
    }

    /// Judges, and marks what is judged, so that it happens once.
    pub(crate) fn expire(&self, patience: Patience) -> Verdict {
        let seen = self.0.load(Ordering::Relaxed);
        let verdict = verdict(seen, patience);
        if verdict == Verdict::Leave {
            return verdict;
        }
        // Fails if the connection has moved on since: then it is not due.
        match self.0.compare_exchange(seen, EXPIRED, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => verdict,
            Err(_) => Verdict::Leave,
        }
    }
}

fn verdict(word: u64, patience: Patience) -> Verdict {
    let deadline = word >> 2;
    match word & 3 {
        IDLE if deadline <= patience.now.saturating_add(patience.idle_haste) => Verdict::EndRead,
        SENDING if deadline <= patience.now => Verdict::EndBoth,
        _ => Verdict::Leave,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_waits_too_long_is_ended_and_once() {
        let watch = Watch::default();
        let at = |now| Patience { now, idle_haste: 0 };
        assert_eq!(watch.expire(at(u64::MAX >> 2)), Verdict::Leave, "busy");
        watch.idle(10);
        assert_eq!(watch.expire(at(9)), Verdict::Leave);
        assert!(watch.is_due(at(10)));
        assert_eq!(watch.expire(at(10)), Verdict::EndRead);
        assert_eq!(watch.expire(at(10)), Verdict::Leave, "once");
        watch.sending(10);
        assert_eq!(watch.expire(at(9)), Verdict::Leave);
        assert_eq!(watch.expire(at(11)), Verdict::EndBoth);
    }

    #[test]
    fn haste_ends_idle_connections_only() {
        let watch = Watch::default();
        let hasty = Patience { now: 0, idle_haste: u64::MAX };
        watch.sending(10);
        assert_eq!(watch.expire(hasty), Verdict::Leave);
        watch.idle(10);
        assert_eq!(watch.expire(hasty), Verdict::EndRead);
    }
}
