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
    samples: Share,
    canaries: Share,
    /// How many canaries there are, which take turns.
    kinds: usize,
    draw: Draw,
    kept: Vec<Kept>,
}

/// One of so many requests, for as long as the run lasts.
#[derive(Debug, Default)]
struct Share {
    next: u64,
    /// One of so many, now.
    every: u64,
    /// One of so many, once it has got there.
    usual: u64,
    /// After so many the share is halved, and after so many more again: a long run fills no memory, and
    /// no part of it is without.
    most: usize,
    picked: usize,
}

/// From what choices are drawn.
#[derive(Debug, Clone, Copy, Default)]
struct Draw {
    seed: u64,
    workers: u64,
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

impl Draw {
    /// A request number after `index`, about `every` requests of this worker later.
    fn after(self, index: u64, every: u64, stream: Stream) -> u64 {
        if every <= 1 {
            return index;
        }
        let key = index.wrapping_add(0x5eed_0000_0000);
        index.saturating_add(self.workers * (1 + below(random(self.seed, stream, key), 2 * every)))
    }
}

impl Share {
    fn new(usual: u64, most: usize) -> Self {
        let usual = usual.max(1);
        Self { every: FIRST_EVERY.min(usual), usual, most, ..Self::default() }
    }

    fn begin(&mut self, worker: u64, draw: Draw, stream: Stream) {
        self.next = draw.after(worker, self.every, stream);
    }

    /// `index` is one; so will be another.
    fn pick(&mut self, index: u64, draw: Draw, stream: Stream) {
        self.picked += 1;
        if self.picked.is_multiple_of(self.most) {
            self.usual = self.usual.saturating_mul(2);
        }
        self.every = (self.every * 2).min(self.usual);
        self.next = draw.after(index, self.every, stream);
    }
}

impl Auditor {
    pub(crate) fn new(audit: Option<&Audit>, seed: u64, worker: u64, workers: u64) -> Self {
        let Some(audit) = audit.filter(|audit| audit.most > 0) else {
            return Self { due: u64::MAX, ..Self::default() };
        };
        let draw = Draw { seed, workers };
        let mut samples = Share::new(audit.every, audit.most);
        samples.begin(worker, draw, Stream::Sample);
        let mut canaries = Share::new(audit.canary_every, audit.most);
        match audit.canaries.len() {
            0 => canaries.next = u64::MAX,
            _ => canaries.begin(worker, draw, Stream::Canary),
        }
        let due = samples.next.min(canaries.next);
        Self { due, samples, canaries, kinds: audit.canaries.len(), draw, kept: Vec::new() }
    }

    /// What the request `index` is; nothing for nearly all.
    #[inline]
    pub(crate) fn pick(&mut self, index: u64) -> Option<Pick> {
        if index < self.due { None } else { self.chosen(index) }
    }

    #[cold]
    fn chosen(&mut self, index: u64) -> Option<Pick> {
        let pick = if index >= self.canaries.next {
            self.canaries.pick(index, self.draw, Stream::Canary);
            Pick::Canary((self.canaries.picked - 1) % self.kinds)
        } else {
            self.samples.pick(index, self.draw, Stream::Sample);
            Pick::Sampled
        };
        self.due = self.samples.next.min(self.canaries.next);
        Some(pick)
    }

    /// Keeps what `keeper` has of a response that is complete, `took_ns` after its sending.
    #[cold]
    pub(crate) fn keep(&mut self, route: usize, index: u64, took_ns: u64, keeper: &mut Keeper) {
        let (head, body) = keeper.take();
        self.kept.push(Kept {
            route,
            index,
            head,
            body,
            took_ns,
            done_at: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        });
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
    #[test]
    fn no_part_of_a_long_run_is_without_and_the_number_grows_slowly() {
        let mut auditor = auditor(100, 200, 2);
        let picks: Vec<_> =
            (0..4_000_000).filter_map(|index| Some((index, auditor.pick(index)?))).collect();
        for is_canary in [false, true] {
            let own = picks.iter().filter(|(_, pick)| matches!(pick, Pick::Canary(_)) == is_canary);
            let own: Vec<u64> = own.map(|&(index, _)| index).collect();
            // 200 of 20,000 requests, of the next 40,000, and so on: 7 to 8 times in all.
            assert!((1_400..=1_700).contains(&own.len()), "{}", own.len());
            let widest = own.windows(2).map(|pair| (pair[1] - pair[0]) * 100 / pair[1].max(20_000));
            assert!(widest.max() <= Some(10), "a gap of more than a tenth of all before it");
        }
    }
}
