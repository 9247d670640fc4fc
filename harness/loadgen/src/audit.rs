//! Responses under load that are kept whole, so that they can be judged by more than status and
//! content; and requests among the load that no other answer than their own fits.
//!
//! Which ones is drawn from the seed: nothing about the request tells the server. The judging is
//! left to whoever asked for it, after the window.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::check::Keeper;
use crate::compile::CompiledPlan;
use crate::mix::{Stream, below, random};
use crate::plan::Audit;
use crate::report::Audited;

/// The first of a run is drawn from about so many requests; the share shrinks from there.
const FIRST_EVERY: u64 = 8;

/// What a request is, beside what it is for the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// Its response is kept.
    Sampled,
    /// It is this canary.
    Canary(usize),
}

/// One worker's choice, and what it has kept.
#[derive(Debug, Default)]
pub(crate) struct Auditor {
    /// The number of the request from which on the next choice is due: all that is looked at for
    /// each request.
    due: u64,
    next_sample: u64,
    next_canary: u64,
    sample_every: u64,
    canary_every: u64,
    canaries: usize,
    sent_canaries: usize,
    most: usize,
    workers: u64,
    seed: u64,
    limits: (u64, u64),
    kept: Vec<Kept>,
}

/// A response that was kept; what its request was is a pure function of its number.
#[derive(Debug)]
pub(crate) struct Kept {
    route: usize,
    index: u64,
    head: Vec<u8>,
    body: Option<Vec<u8>>,
    took_ns: u64,
    done_at: Duration,
}

impl Auditor {
    pub(crate) fn new(audit: Option<&Audit>, seed: u64, worker: u64, workers: u64) -> Self {
        let Some(audit) = audit else { return Self { due: u64::MAX, ..Self::default() } };
        let mut auditor = Self {
            sample_every: FIRST_EVERY.min(audit.every),
            canary_every: FIRST_EVERY.min(audit.canary_every),
            canaries: audit.canaries.len(),
            most: audit.most,
            workers,
            seed,
            limits: (audit.every.max(1), audit.canary_every.max(1)),
            ..Self::default()
        };
        auditor.next_sample = auditor.drawn(worker, auditor.sample_every, Stream::Sample);
        auditor.next_canary = auditor.drawn(worker, auditor.canary_every, Stream::Canary);
        auditor.settle();
        auditor
    }

    /// A request number after `index`, about `every` requests of this worker later.
    fn drawn(&self, index: u64, every: u64, stream: Stream) -> u64 {
        if every <= 1 {
            return index;
        }
        let key = index.wrapping_add(0x5eed_0000_0000);
        index.saturating_add(self.workers * (1 + below(random(self.seed, stream, key), 2 * every)))
    }

    fn settle(&mut self) {
        if self.canaries == 0 {
            self.next_canary = u64::MAX;
        }
        if self.kept.len() >= self.most {
            (self.next_sample, self.next_canary) = (u64::MAX, u64::MAX);
        }
        self.due = self.next_sample.min(self.next_canary);
    }

    /// What the request `index` is; nothing for nearly all.
    #[inline]
    pub(crate) fn pick(&mut self, index: u64) -> Option<Pick> {
        if index < self.due { None } else { self.chosen(index) }
    }

    #[cold]
    fn chosen(&mut self, index: u64) -> Option<Pick> {
        let (sample_limit, canary_limit) = self.limits;
        let pick = if index >= self.next_canary {
            self.canary_every = (self.canary_every * 2).min(canary_limit);
            self.next_canary = self.drawn(index, self.canary_every, Stream::Canary);
            self.sent_canaries += 1;
            Pick::Canary((self.sent_canaries - 1) % self.canaries)
        } else {
            self.sample_every = (self.sample_every * 2).min(sample_limit);
            self.next_sample = self.drawn(index, self.sample_every, Stream::Sample);
            Pick::Sampled
        };
        self.settle();
        Some(pick)
    }

    /// Keeps what `keeper` has of a response that is complete, `took_ns` after its sending.
    #[cold]
    pub(crate) fn keep(&mut self, route: usize, index: u64, took_ns: u64, keeper: &mut Keeper) {
        let (head, body) = keeper.take();
        if self.kept.len() >= self.most {
            return;
        }
        self.kept.push(Kept {
            route,
            index,
            head,
            body,
            took_ns,
            done_at: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        });
        self.settle();
    }

    pub(crate) fn into_kept(self) -> Vec<Kept> {
        self.kept
    }
}

impl Kept {
    /// With the request that it answers.
    pub(crate) fn audited(self, plan: &CompiledPlan) -> Audited {
        let (mut slots, mut request) = (Vec::new(), Vec::new());
        plan.values.fill(self.index, &mut slots);
        plan.routes[self.route].request.render(&slots, &mut request);
        let text =
            |slot: &httpdyno_wire::SlotValue| String::from_utf8_lossy(slot.as_bytes()).into_owned();
        let names = plan.plan.values.iter().map(|value| value.name.clone());
        Audited {
            route: self.route,
            index: self.index,
            request,
            values: names.zip(slots.iter().map(text)).collect(),
            head: self.head,
            body: self.body,
            sent_at: self.done_at.saturating_sub(Duration::from_nanos(self.took_ns)),
            done_at: self.done_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Audit, Auditor, Pick};
    use crate::plan::Route;

    fn auditor(every: u64, most: usize, canaries: usize) -> Auditor {
        let canaries = vec![Route::get("/other"); canaries];
        let audit = Audit { every, most, canaries, canary_every: 100 };
        Auditor::new(Some(&audit), 7, 0, 1)
    }

    #[test]
    fn the_share_is_the_declared_one_and_the_first_come_sooner() {
        let mut auditor = auditor(100, usize::MAX, 2);
        let picks: Vec<_> = (0..100_000).filter_map(|n| Some((n, auditor.pick(n)?))).collect();
        let of = |is: fn(&Pick) -> bool| picks.iter().filter(|(_, pick)| is(pick)).count();
        let sampled = of(|pick| *pick == Pick::Sampled);
        // Gaps are even between 1 and 200: five standard errors of their mean.
        assert!((900..=1_100).contains(&sampled), "{sampled}");
        let canaries = [0, 1].map(|n| picks.iter().filter(|(_, p)| *p == Pick::Canary(n)).count());
        assert!(canaries[0].abs_diff(canaries[1]) <= 1 && canaries[0] > 400, "{canaries:?}");
        assert!(picks[0].0 <= 16, "{picks:?}");
    }

    #[test]
    fn every_one_means_every_one_and_none_none() {
        let mut all = auditor(1, usize::MAX, 0);
        assert!((0..100).all(|index| all.pick(index) == Some(Pick::Sampled)));
        let mut none = Auditor::new(None, 7, 0, 1);
        assert!((0..100).all(|index| none.pick(index).is_none()));
        let mut full = auditor(1, 0, 1);
        assert!((0..100).all(|index| full.pick(index).is_none()));
    }
}
