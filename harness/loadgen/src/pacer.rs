//! Which connection may send, and when: the one place that knows closed from open loop.

use std::collections::VecDeque;
use std::time::Duration;

use crate::arrivals::ArrivalTimes;
use crate::clock::as_ns;
use crate::plan::Pacing;

/// Room for one request on one connection. The epoch tells a connection from its successors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permit {
    pub(crate) conn: u32,
    pub(crate) epoch: u32,
}

/// A request that is due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Due {
    pub(crate) permit: Permit,
    pub(crate) intended_ns: u64,
    /// When it was due and had a connection: from here on a delay is the generator's.
    pub(crate) ready_ns: u64,
}

/// Decides who sends when. Times are of the generator's clock.
#[derive(Debug)]
pub(crate) enum Pacer {
    Closed {
        think_ns: u64,
        /// Connections that think, the first to finish in front.
        thinking: VecDeque<(u64, Permit)>,
    },
    Open {
        times: ArrivalTimes,
        start_ns: u64,
        /// No arrivals at or after this time.
        end_ns: u64,
        next_ns: Option<u64>,
        /// With the time from which on each was idle. First in, first out, so that all connections
        /// stay in use.
        idle: VecDeque<(u64, Permit)>,
        spin_ns: u64,
    },
}

impl Pacer {
    pub(crate) fn closed(think: Duration) -> Self {
        Self::Closed { think_ns: as_ns(think), thinking: VecDeque::new() }
    }

    /// Arrivals of `times` from `start_ns` on.
    pub(crate) fn open(times: ArrivalTimes, start_ns: u64, end_ns: u64, spin: Duration) -> Self {
        let mut pacer = Self::Open {
            times,
            start_ns,
            end_ns,
            next_ns: None,
            idle: VecDeque::new(),
            spin_ns: as_ns(spin),
        };
        pacer.draw();
        pacer
    }

    /// For the warm-up or the measurement of a plan.
    pub(crate) fn of_plan(
        pacing: &Pacing,
        times: impl FnOnce() -> ArrivalTimes,
        start_ns: u64,
        end_ns: u64,
    ) -> Self {
        match pacing {
            Pacing::Closed { think } => Self::closed(*think),
            Pacing::Open { spin, .. } => Self::open(times(), start_ns, end_ns, *spin),
        }
    }

    fn draw(&mut self) {
        if let Self::Open { times, start_ns, end_ns, next_ns, .. } = self {
            let due = times.next().map(|offset| start_ns.saturating_add(offset));
            *next_ns = due.filter(|due| due < end_ns);
        }
    }

    /// Takes over the connections that wait in `other`.
    pub(crate) fn adopt(&mut self, other: Self) {
        match (self, other) {
            (Self::Closed { thinking, .. }, Self::Closed { thinking: theirs, .. }) => {
                thinking.extend(theirs);
            }
            (Self::Open { idle, .. }, Self::Open { idle: theirs, .. }) => idle.extend(theirs),
            _ => {}
        }
    }

    /// A connection has room for a request; the last exchange in its place ended at `done_ns`, 0
    /// where there was none. Closed loop: it is due at once, or when the thinking since then is
    /// over, whatever connections came and went meanwhile.
    #[inline]
    pub(crate) fn ready(&mut self, permit: Permit, now_ns: u64, done_ns: u64) -> Option<Due> {
        match self {
            Self::Closed { think_ns: 0, .. } => {
                Some(Due { permit, intended_ns: now_ns, ready_ns: now_ns })
            }
            Self::Closed { think_ns, thinking } => {
                let due_ns = done_ns + *think_ns;
                if done_ns == 0 || due_ns <= now_ns {
                    return Some(Due { permit, intended_ns: now_ns, ready_ns: now_ns });
                }
                // Few were overtaken by a reconnect: the place is at the end or near it.
                let before = thinking.iter().rev().take_while(|(due, _)| *due > due_ns).count();
                thinking.insert(thinking.len() - before, (due_ns, permit));
                None
            }
            Self::Open { idle, .. } => {
                idle.push_back((now_ns, permit));
                None
            }
        }
    }

    /// The next request that is due by now. `alive` says whether a permit's connection still
    /// is the one it was given for.
    pub(crate) fn due(&mut self, now_ns: u64, alive: impl Fn(Permit) -> bool) -> Option<Due> {
        match self {
            Self::Closed { thinking, .. } => loop {
                let &(intended_ns, permit) = thinking.front()?;
                if intended_ns > now_ns {
                    return None;
                }
                thinking.pop_front();
                if alive(permit) {
                    return Some(Due { permit, intended_ns, ready_ns: intended_ns });
                }
            },
            Self::Open { next_ns, idle, .. } => {
                let intended_ns = next_ns.filter(|due| *due <= now_ns)?;
                let (idle_ns, permit) = loop {
                    let (idle_ns, permit) = idle.pop_front()?;
                    if alive(permit) {
                        break (idle_ns, permit);
                    }
                };
                self.draw();
                Some(Due { permit, intended_ns, ready_ns: intended_ns.max(idle_ns) })
            }
        }
    }

    /// Forgets permits of dead connections when there are more than `most`.
    pub(crate) fn purge(&mut self, most: usize, alive: impl Fn(Permit) -> bool) {
        match self {
            Self::Closed { thinking, .. } if thinking.len() > most => {
                thinking.retain(|(_, permit)| alive(*permit));
            }
            Self::Open { idle, .. } if idle.len() > most => {
                idle.retain(|(_, permit)| alive(*permit));
            }
            _ => {}
        }
    }

    /// How many arrivals were due by `until_ns` and got no connection; takes them out.
    pub(crate) fn unsent(&mut self, until_ns: u64) -> u64 {
        let mut unsent = 0;
        while let Self::Open { next_ns: Some(due), .. } = self
            && *due < until_ns
        {
            unsent += 1;
            self.draw();
        }
        unsent
    }

    /// Open loop: nothing will ever be due any more.
    pub(crate) fn is_exhausted(&self) -> bool {
        matches!(self, Self::Open { next_ns: None, .. })
    }

    /// Whether arrivals wait for a connection.
    pub(crate) fn has_backlog(&self, now_ns: u64) -> bool {
        matches!(self, Self::Open { next_ns: Some(due), .. } if *due <= now_ns)
    }

    /// When to look again: the next due time for which there is a connection. A thread that spins
    /// also waits for a connection that way, where it `may_wait_awake`: asleep, it would be woken
    /// late for requests that by then have one.
    pub(crate) fn next_due_ns(&self, may_wait_awake: bool) -> Option<u64> {
        match self {
            Self::Closed { thinking, .. } => thinking.front().map(|(due, _)| *due),
            Self::Open { next_ns, idle, spin_ns, .. } => {
                next_ns.filter(|_| may_wait_awake && *spin_ns > 0 || !idle.is_empty())
            }
        }
    }

    /// How long before a due time sleeping is no longer worth it.
    pub(crate) fn spin_ns(&self) -> u64 {
        match self {
            Self::Closed { .. } => 0,
            Self::Open { spin_ns, .. } => *spin_ns,
        }
    }
}

#[cfg(test)]
mod tests;
