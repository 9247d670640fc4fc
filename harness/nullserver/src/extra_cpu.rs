//! A declared cost: so much CPU time per request, spent in a loop whose length is known.
//!
//! The loop is one chain of operations that each need the one before, so it takes the same
//! number of processor cycles each time, whatever stands around it. How many rounds make the
//! declared time is found by the CPU clock of the thread that will spend them, on its own core.

use rustix::time::{ClockId, clock_gettime};

/// Rounds of the first sample: some 0.5 ms, long beside the reading of the clock.
const SAMPLE_ROUNDS: u64 = 300_000;
/// CPU time of one check, in nanoseconds.
const CHECK_NS: u64 = 500_000;
/// Samples of which the fastest counts.
const SAMPLES: usize = 25;
/// Corrections after which there is no hope.
const ATTEMPTS: usize = 20;
/// How far the check may be from what was declared, in parts per million.
const TOLERANCE_PPM: u64 = 2_000;

/// Rounds are counted in parts of this, so that single nanoseconds can be asked for.
const PARTS: u64 = 1 << 16;

/// Spends a declared CPU time. Belongs to one thread.
#[derive(Debug, Clone)]
pub struct ExtraCpu {
    /// Rounds of each call, in 1/`PARTS`.
    parts: u64,
    /// What earlier calls have not spent.
    rest: u64,
    state: u64,
}

/// What a calibration found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calibration {
    /// The declared cost of one call, in nanoseconds.
    pub declared_ns: u64,
    /// What a call took in the check that followed, in picoseconds.
    pub found_ps: u64,
}

/// The machine is too restless to find out how long a loop takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the extra CPU cost of {} ns took {} ps in the check, expected within {TOLERANCE_PPM} ppm, \
     {ATTEMPTS} times in a row: try again on a quieter core",
    .0.declared_ns, .0.found_ps
)]
pub struct CalibrationError(pub Calibration);

impl ExtraCpu {
    /// Nothing extra.
    #[must_use]
    pub fn none() -> Self {
        Self { parts: 0, rest: 0, state: 1 }
    }

    /// `declared_ns` per call, calibrated and checked on the calling thread; takes some 50 ms.
    ///
    /// # Errors
    /// When the check does not confirm what was declared to within 0.2 %, 20 times in a row.
    pub fn calibrate(declared_ns: u64) -> Result<(Self, Calibration), CalibrationError> {
        let mut found = Calibration { declared_ns, found_ps: 0 };
        let mut extra = Self::none();
        if declared_ns == 0 {
            return Ok((extra, found));
        }
        let sample_ns = fastest(|| spin(SAMPLE_ROUNDS, 1)).max(1);
        let parts_of_ps = |ps: u64| {
            let parts = u128::from(ps) * u128::from(SAMPLE_ROUNDS * PARTS);
            u64::try_from(parts / (u128::from(sample_ns) * 1000)).unwrap_or(u64::MAX / 2)
        };
        let declared_ps = declared_ns.saturating_mul(1000);
        extra.parts = parts_of_ps(declared_ps);
        for _ in 0..ATTEMPTS {
            found.found_ps = extra.check_ps(declared_ns);
            let off_ps = found.found_ps.abs_diff(declared_ps);
            if u128::from(off_ps) * 1_000_000 <= u128::from(declared_ps) * u128::from(TOLERANCE_PPM)
            {
                return Ok((extra, found));
            }
            // The call itself takes a little too: what is too much goes off the rounds.
            let off = parts_of_ps(off_ps);
            extra.parts = if found.found_ps > declared_ps {
                extra.parts.saturating_sub(off)
            } else {
                extra.parts.saturating_add(off)
            };
        }
        Err(CalibrationError(found))
    }

    /// What a call takes, in picoseconds.
    fn check_ps(&mut self, declared_ns: u64) -> u64 {
        let calls = (CHECK_NS / declared_ns).max(1);
        let check_ns = fastest(|| {
            (0..calls).for_each(|_| self.spend());
            self.state
        });
        check_ns.saturating_mul(1000) / calls
    }

    /// Spends the declared time.
    #[inline]
    pub fn spend(&mut self) {
        if self.parts == 0 {
            return;
        }
        let parts = self.parts + self.rest;
        self.rest = parts % PARTS;
        self.state = spin(parts / PARTS, self.state);
    }
}

/// The shortest of several runs in CPU time of this thread: nothing makes a loop faster than it
/// is, and interrupts, which that clock charges to whom they interrupt, make it slower.
fn fastest(mut work: impl FnMut() -> u64) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..SAMPLES {
        let before = thread_cpu_ns();
        std::hint::black_box(work());
        least = least.min(thread_cpu_ns() - before);
    }
    least
}

/// Shift, exclusive or, multiply: no two rounds can be folded into one.
#[inline(never)]
fn spin(rounds: u64, mut state: u64) -> u64 {
    for _ in 0..rounds {
        state = (state ^ (state >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    state
}

fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn nothing_costs_nothing() {
        let (extra, _) = ExtraCpu::calibrate(0).unwrap();
        assert_eq!(extra.parts, 0);
    }

    #[test]
    fn a_declared_cost_is_what_its_rounds_take() {
        // Calibration checks itself by the clock; what is left is that it is deterministic
        // and in proportion: ten times the cost is ten times the rounds.
        let deadline = Instant::now() + Duration::from_secs(240);
        let parts = |ns| loop {
            assert!(Instant::now() < deadline, "the core was never as fast twice in a row");
            // A machine full of other tests may be too restless for many tries.
            if let Ok((extra, found)) = ExtraCpu::calibrate(ns) {
                assert!(found.found_ps.abs_diff(ns * 1000) * 500 <= ns * 1000, "{found:?}");
                break extra.parts;
            }
        };
        loop {
            let (before, large, after) = (parts(2_000), parts(20_000), parts(2_000));
            // A core that has become faster or slower meanwhile takes other rounds in the same time.
            if before.abs_diff(after) * 50 <= before {
                let ratio = large as f64 / before as f64;
                assert!((9.0..11.0).contains(&ratio), "{before}, {large} and {after}");
                break;
            }
        }
    }

    #[test]
    fn parts_of_rounds_are_not_lost() {
        let mut extra = ExtraCpu { parts: PARTS / 4, rest: 0, state: 1 };
        let spent: Vec<u64> = (0..8)
            .map(|_| {
                let before = extra.state;
                extra.spend();
                u64::from(extra.state != before)
            })
            .collect();
        assert_eq!(spent, [0, 0, 0, 1, 0, 0, 0, 1]);
    }
}
