//! What the machine allows of the lag: that of a generator that does nothing but read the clock.
//!
//! A thread with the generator's core and class watches the clock and notes when it was not
//! running. Then arrivals of the same rate are served by it, one after the other, each in the time
//! that a request takes at capacity, and none while it was away.

use std::thread;
use std::time::{Duration, Instant};

use crate::child::{GENERATOR_CORE, pin};
use crate::realtime;

/// Steps of the clock beyond this are no instructions of the loop.
const STEP_NS: u64 = 2_000;

/// The lag at a quantile, in nanoseconds, and how long the thread was away in all.
pub(crate) struct Floor {
    pub(crate) p99_9_ns: u64,
    pub(crate) away: Duration,
}

/// Of `rate` arrivals a second on a thread that could do `capacity`.
pub(crate) fn measure(time: Duration, rate: f64, capacity: f64, real_time: bool) -> Floor {
    let gaps = thread::spawn(move || {
        pin(GENERATOR_CORE);
        if real_time {
            realtime::promote_thread();
        }
        gaps(time)
    });
    let gaps = gaps.join().unwrap();
    let away_ns = gaps.iter().map(|(from_ns, to_ns)| to_ns - from_ns).sum();
    let mut lags = lags(&gaps, time.as_nanos() as u64, 1e9 / rate, 1e9 / capacity);
    let at = lags.len() * 999 / 1000;
    Floor { p99_9_ns: *lags.select_nth_unstable(at).1, away: Duration::from_nanos(away_ns) }
}

/// When the clock made a step, from and to.
fn gaps(time: Duration) -> Vec<(u64, u64)> {
    let mut gaps = Vec::with_capacity(1 << 20);
    let start = Instant::now();
    let (mut before_ns, end_ns) = (0, time.as_nanos() as u64);
    while before_ns < end_ns {
        let now_ns = start.elapsed().as_nanos() as u64;
        if now_ns - before_ns > STEP_NS {
            gaps.push((before_ns, now_ns));
        }
        before_ns = now_ns;
    }
    gaps
}

/// The time from each arrival until its turn.
fn lags(gaps: &[(u64, u64)], end_ns: u64, apart_ns: f64, service_ns: f64) -> Vec<u64> {
    let mut gaps = gaps.iter().peekable();
    let mut free_ns = 0.0;
    let arrivals = (end_ns as f64 / apart_ns) as u64;
    (0..arrivals.max(1))
        .map(|number| {
            let due_ns = number as f64 * apart_ns;
            let mut turn_ns = due_ns.max(free_ns);
            // What it is away for before and while this one is served.
            let mut done_ns = turn_ns + service_ns;
            while let Some(&&(from_ns, to_ns)) = gaps.peek().filter(|gap| (gap.0 as f64) < done_ns)
            {
                gaps.next();
                let (from_ns, to_ns) = (from_ns as f64, to_ns as f64);
                if from_ns <= turn_ns {
                    turn_ns = turn_ns.max(to_ns);
                    done_ns = turn_ns + service_ns;
                } else {
                    done_ns += to_ns - from_ns;
                }
            }
            free_ns = done_ns;
            (turn_ns - due_ns) as u64
        })
        .collect()
}
