//! Tenths of a second of the measured window: whether the rate changes in it.

use super::Driver;
use super::phase::Phase;

const TENTH_NS: u64 = 100_000_000;

/// Right responses in each part that is over.
#[derive(Debug, Default)]
pub(super) struct Tenths {
    counts: Vec<u64>,
    ok_before: u64,
}

impl Tenths {
    pub(super) fn into_counts(self) -> Vec<u64> {
        self.counts
    }
}

impl Driver {
    /// Counts the parts that are over. It is called before the responses of a moment are taken, and
    /// a generator that nothing wakes for longer has none.
    pub(super) fn count_tenths(&mut self, now_ns: u64) {
        if self.phase != Phase::Measure {
            return;
        }
        let over_ns = now_ns.min(self.times.end_ns).saturating_sub(self.times.began_ns);
        let ok = self.tally.ok();
        while (self.tenths.counts.len() as u64 + 1) * TENTH_NS <= over_ns {
            self.tenths.counts.push(ok - self.tenths.ok_before);
            self.tenths.ok_before = ok;
        }
    }
}
