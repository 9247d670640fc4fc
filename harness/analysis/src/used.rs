//! What else a server used at a point, beside what it is ranked by.

use httpdyno_record::{Figure, Measurement, TrialRecord};
use serde::Serialize;

use crate::figures::Spread;

/// Each is the median over the trials whose cost is a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Used {
    /// Resident memory before any load.
    pub idle_rss_bytes: Option<u64>,
    /// Resident memory under load.
    pub steady_rss_bytes: Option<u64>,
    /// The same, with each shared page divided by those who share it.
    pub steady_pss_bytes: Option<u64>,
    /// CPU time in user mode per right response.
    pub user_ns_per_request: Option<u64>,
    /// CPU time in the kernel per right response.
    pub system_ns_per_request: Option<u64>,
    /// CPU time per second while nothing is asked.
    pub idle_cpu_ns_per_s: Option<u64>,
    /// Threads under load.
    pub threads: Option<u64>,
    /// Times per second that a thread waited for something.
    pub voluntary_switches_per_s: Option<u64>,
    /// Times per second that a thread was taken off its core.
    pub involuntary_switches_per_s: Option<u64>,
    /// Thousandths of system calls per right response.
    pub syscalls_per_request_milli: Option<u64>,
    /// From the spawn to the first 200.
    pub start_to_ready_ns: Option<u64>,
}

impl Used {
    /// Of the trials of an entry at a point.
    #[must_use]
    pub fn of(trials: &[&TrialRecord]) -> Self {
        let valid: Vec<&Measurement> =
            trials.iter().filter_map(|trial| trial.valid_for(Figure::Cost)).collect();
        let median = |figure: &dyn Fn(&Measurement) -> Option<u64>| {
            let values = valid.iter().filter_map(|it| figure(it)).collect();
            Spread::of(values).map(|spread| spread.median)
        };
        let per_request = |ns: Option<u64>, it: &Measurement| Some(it.per_response_ps(ns?)? / 1000);
        let per_s = |events: Option<u64>, it: &Measurement| {
            let events = u128::from(events?) * 1_000_000_000;
            u64::try_from(events.checked_div(u128::from(it.elapsed_ns))?).ok()
        };
        Self {
            idle_rss_bytes: median(&|it| it.server.idle_rss_bytes),
            steady_rss_bytes: median(&|it| it.server.steady_rss_bytes),
            steady_pss_bytes: median(&|it| it.server.steady_pss_bytes),
            user_ns_per_request: median(&|it| per_request(it.server.user_ns, it)),
            system_ns_per_request: median(&|it| per_request(it.server.system_ns, it)),
            idle_cpu_ns_per_s: median(&|it| it.server.idle_cpu_ns_per_s),
            threads: median(&|it| it.server.threads.map(u64::from)),
            voluntary_switches_per_s: median(&|it| per_s(it.server.voluntary_switches, it)),
            involuntary_switches_per_s: median(&|it| per_s(it.server.involuntary_switches, it)),
            syscalls_per_request_milli: median(&|it| it.server.syscalls_per_response_milli()),
            start_to_ready_ns: median(&|it| Some(it.start_to_ready_ns)),
        }
    }
}
