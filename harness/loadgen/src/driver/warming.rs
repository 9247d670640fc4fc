//! The warm-up: told in parts, so that it may end as soon as the rate is flat.

use super::{Driver, Phase};
use crate::observer::Progress;

/// Parts of the warm-up whose rates are compared.
pub(crate) const WARMING_NS: u64 = 100_000_000;

/// How far a worker has told its warm-up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Warming {
    told: u64,
    ok_before: u64,
}

impl Driver {
    /// Whether the warm-up is told in parts: where it may end early. An open loop's rate is that
    /// of its schedule, which says nothing.
    fn tells_warming(&self) -> bool {
        self.phase == Phase::Warmup && self.closed_loop && self.plan.plan.flat.is_some()
    }

    /// When the next part ends.
    pub(super) fn next_warming_ns(&self) -> Option<u64> {
        let next = self.times.load_ns + (self.warming.told + 1) * WARMING_NS;
        self.tells_warming().then_some(next)
    }

    /// Tells the parts that are over.
    pub(super) fn tell_warming(&mut self, now_ns: u64) {
        while self.next_warming_ns().is_some_and(|end_ns| end_ns <= now_ns) {
            let ok = self.tally.ok();
            self.tell(Progress::Warming {
                window: self.warming.told,
                ok: ok - self.warming.ok_before,
            });
            self.warming.told += 1;
            self.warming.ok_before = ok;
        }
    }

    /// The measurement begins at `measure_ns` if that is before its planned time; 0 is no time.
    pub(crate) fn advance_to(&mut self, measure_ns: u64) {
        if measure_ns == 0 || measure_ns >= self.times.measure_ns || self.phase != Phase::Warmup {
            return;
        }
        let earlier_ns = self.times.measure_ns - measure_ns;
        self.times.measure_ns = measure_ns;
        if self.times.end_ns != u64::MAX {
            self.times.end_ns -= earlier_ns;
        }
    }
}
