//! System calls per request: counted after the measured window, under the same load once more.
//!
//! The tracepoint that counts them slows every system call down, so it may not be there while
//! something is measured. The load begins anew for it, on new connections: what it is counted over
//! is a window of the generator's like any other, with its responses checked and counted.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use httpdyno_loadgen::{LoadPlan, LoadReport, Observer, Started, Stop};
use httpdyno_target::accounting::SyscallCounters;

use super::nanoseconds;
use crate::served::Served;

/// The server has been warm for long; this is for the new connections.
const SETTLING: Duration = Duration::from_millis(100);
const WINDOW: Duration = Duration::from_millis(300);
/// What this adds to a trial.
pub(crate) const COUNTING_TIME: Duration = SETTLING.saturating_add(WINDOW);
/// How long a server may keep the trial from going on, where a workload's own limit is longer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much longer or shorter than the window the counters may be enabled: the thread that does it
/// may be late for a core. The figure is wrong by as much.
const LARGEST_SKEW_PPM: u128 = 50_000;

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SyscallCount {
    pub(super) calls: u64,
    /// Right responses in the same window.
    pub(super) responses: u64,
    pub(super) window_ns: u64,
}

/// Counts the system calls of `server` under `load`, which it has borne as `measured` says.
pub(super) fn count(
    server: &Served,
    load: LoadPlan,
    measured: &LoadReport,
    stop: &AtomicBool,
) -> Result<SyscallCount, String> {
    if !measured.total.settlement().is_clean() {
        return Err("there were errors in the measured window".to_owned());
    }
    let mut window = CountedWindow::of(server, server.syscall_counters()?);
    let report = httpdyno_loadgen::run(shortly(load), stop, &mut window)
        .map_err(|error| format!("the load could not be put once more to count them: {error}"))?;
    LoadOutcome::of(&report).judge(window.counted()?)
}

/// The same load for a short while.
fn shortly(load: LoadPlan) -> LoadPlan {
    LoadPlan {
        warmup: SETTLING,
        flat: None,
        audit: None,
        stop: Stop { duration: Some(WINDOW), requests: None },
        timeout: load.timeout.min(PATIENCE),
        ..load
    }
}

/// What was counted while the counters were enabled.
#[derive(Clone, Copy, Debug)]
struct Counted {
    calls: u64,
    enabled_ns: u64,
}

/// How the load went while they were counted.
#[derive(Clone, Copy, Debug)]
struct LoadOutcome {
    interrupted: bool,
    established: u64,
    wanted: u64,
    /// Requests that ended in an error or a wrong response.
    failed: u64,
    responses: u64,
    window_ns: u64,
}

impl LoadOutcome {
    fn of(report: &LoadReport) -> Self {
        let settlement = report.total.settlement();
        // A response that is complete after the window made its system calls after it.
        let in_window = report.open_loop.as_ref().map(|open| open.completed_in_window);
        Self {
            interrupted: report.interrupted,
            established: report.connections.established,
            wanted: report.connections.wanted,
            failed: settlement.errors + settlement.mismatches,
            responses: in_window.unwrap_or(report.total.ok),
            window_ns: report.elapsed_ns,
        }
    }

    /// A count is one only of a load that went as it should.
    fn judge(self, counted: Counted) -> Result<SyscallCount, String> {
        let Self { interrupted, established, wanted, failed, responses, window_ns } = self;
        let skew = u128::from(counted.enabled_ns.abs_diff(window_ns)) * 1_000_000;
        let what = if interrupted {
            "the run was stopped".to_owned()
        } else if established < wanted {
            format!("only {established} of {wanted} connections could be made")
        } else if failed > 0 {
            format!("{failed} requests ended in errors or wrong responses")
        } else if responses == 0 {
            format!("no response came in {} ms", window_ns / 1_000_000)
        } else if skew > u128::from(window_ns) * LARGEST_SKEW_PPM {
            format!(
                "the counters were enabled for {} us of a window of {} us, which is more than \
                 {} % off: leave the harness a core that is not busy",
                counted.enabled_ns / 1_000,
                window_ns / 1_000,
                LARGEST_SKEW_PPM / 10_000
            )
        } else {
            return Ok(SyscallCount { calls: counted.calls, responses, window_ns });
        };
        Err(format!("while system calls were counted, {what}"))
    }
}

/// Counts from one end of the window to the other.
struct CountedWindow<'a> {
    server: &'a Served,
    counters: SyscallCounters,
    opened: Option<(Instant, Result<(), String>)>,
    counted: Option<Result<Counted, String>>,
}

impl<'a> CountedWindow<'a> {
    fn of(server: &'a Served, counters: SyscallCounters) -> Self {
        Self { server, counters, opened: None, counted: None }
    }

    fn counted(self) -> Result<Counted, String> {
        let never = || Err("the load was over before they could be counted".to_owned());
        self.counted.unwrap_or_else(never)
    }
}

impl Observer for CountedWindow<'_> {
    fn started(&mut self, _started: &Started) {
        self.server.look();
    }

    fn window_opened(&mut self) {
        self.opened = Some((Instant::now(), self.counters.enable()));
    }

    fn window_closed(&mut self) {
        let Some((since, enabled)) = self.opened.take() else { return };
        let enabled_ns = nanoseconds(since.elapsed());
        let counted = enabled.and_then(|()| self.counters.disable());
        self.counted = Some(counted.map(|calls| Counted { calls, enabled_ns }));
    }
}

#[cfg(test)]
mod tests {
    use super::{Counted, LoadOutcome, SyscallCount};

    const RIGHT: LoadOutcome = LoadOutcome {
        interrupted: false,
        established: 16,
        wanted: 16,
        failed: 0,
        responses: 30_000,
        window_ns: 300_000_000,
    };
    const COUNTED: Counted = Counted { calls: 60_000, enabled_ns: 300_100_000 };

    #[test]
    fn a_load_that_went_well_is_a_count() {
        let count = SyscallCount { calls: 60_000, responses: 30_000, window_ns: 300_000_000 };
        assert_eq!(RIGHT.judge(COUNTED), Ok(count));
    }

    #[test]
    fn what_went_wrong_is_the_reason() {
        for (borne, reason) in [
            (LoadOutcome { interrupted: true, ..RIGHT }, "the run was stopped"),
            (LoadOutcome { established: 15, ..RIGHT }, "only 15 of 16 connections"),
            (LoadOutcome { failed: 3, ..RIGHT }, "3 requests ended in errors"),
            (LoadOutcome { responses: 0, ..RIGHT }, "no response came in 300 ms"),
            (LoadOutcome { window_ns: 200_000_000, ..RIGHT }, "300100 us of a window of 200000 us"),
        ] {
            let why = borne.judge(COUNTED).expect_err(reason);
            assert!(why.contains(reason), "{why}");
        }
    }
}
