//! The counters and histograms of one worker. Written by one thread only, merged at the end.

use std::collections::BTreeMap;

use httpdyno_stats::{Histogram, Recorder};
use httpdyno_wire::Oddities;

use crate::check::Wrong;
use crate::observer::SecondReport;
use crate::report::{
    AfterWindow, ConnectionReport, Mismatch, MismatchCause, Mismatches, OpenLoopReport,
    RouteReport, StatusClasses,
};

/// How many examples of mismatches and errors are kept.
pub(crate) const EXAMPLES: usize = 5;

/// The longest text of one example, in bytes.
const DETAIL_BYTES: usize = 512;

/// Responses by status code. Counting is one addition in an array, since it is done for each.
#[derive(Debug, Clone)]
struct StatusCounts(Vec<u64>);

impl Default for StatusCounts {
    fn default() -> Self {
        // A status has three digits.
        Self(vec![0; 1000])
    }
}

impl StatusCounts {
    #[inline]
    fn count(&mut self, status: u16) {
        if let Some(count) = self.0.get_mut(usize::from(status)) {
            *count += 1;
        }
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(sum, count)| *sum += count);
    }

    /// Those that came since `before`.
    fn since(&self, before: &Self) -> BTreeMap<u16, u64> {
        let differences = self.0.iter().zip(&before.0).map(|(now, before)| now - before);
        (0..).zip(differences).filter(|(_, count)| *count > 0).collect()
    }
}

/// The times of one response, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) intended_ns: u64,
    /// Due, and with a connection.
    pub(crate) ready_ns: u64,
    pub(crate) sent_ns: u64,
    pub(crate) done_ns: u64,
}

/// Counts of one route.
#[derive(Debug, Default)]
pub(crate) struct RouteTally {
    pub(crate) requests: u64,
    responses: u64,
    ok: u64,
    mismatches: Mismatches,
    errors: BTreeMap<&'static str, u64>,
    status: StatusCounts,
    body_bytes: u64,
    /// Of the current second.
    latency: Recorder,
    service: Recorder,
    send_lag: Recorder,
    /// Of the seconds before.
    latency_before: Histogram,
    service_before: Histogram,
    send_lag_before: Histogram,
    examples: Vec<(u64, MismatchCause, String)>,
}

/// All counts of one worker in the measured window.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) routes: Vec<RouteTally>,
    pub(crate) connections: ConnectionReport,
    pub(crate) open_loop: OpenLoopReport,
    pub(crate) received_bytes: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) waits: u64,
    /// When the last right response came, or the window began.
    pub(crate) last_ok_ns: u64,
    pub(crate) longest_silence_ns: u64,
    /// Requests that were sent once more on another connection.
    pub(crate) resent: u64,
    /// Redirects that were followed.
    pub(crate) redirects: u64,
    /// What responses had in them that a server may not send and a user agent takes.
    pub(crate) oddities: BTreeMap<&'static str, u64>,
}

impl RouteTally {
    /// A complete, well-formed response.
    #[inline]
    pub(crate) fn response(&mut self, status: u16, body_bytes: u64, times: Times) {
        self.responses += 1;
        self.status.count(status);
        self.body_bytes += body_bytes;
        self.ok += 1;
        self.latency.record(times.done_ns.saturating_sub(times.intended_ns));
        self.service.record(times.done_ns.saturating_sub(times.sent_ns));
        self.send_lag.record(times.sent_ns.saturating_sub(times.ready_ns));
    }

    /// A complete, well-formed response that is not the right one.
    #[cold]
    pub(crate) fn mismatch(&mut self, status: u16, body_bytes: u64, request: u64, wrong: &Wrong) {
        self.responses += 1;
        self.status.count(status);
        self.body_bytes += body_bytes;
        self.mismatches.count(wrong.cause);
        self.example(request, wrong.cause, &wrong.detail);
    }

    /// A request that will have no response.
    #[cold]
    pub(crate) fn error(&mut self, cause: &'static str, request: u64, detail: &str) {
        *self.errors.entry(cause).or_default() += 1;
        self.example(request, MismatchCause::Error, detail);
    }

    /// Something wrong that is no request's own.
    #[cold]
    pub(crate) fn remark(&mut self, request: u64, detail: &str) {
        self.example(request, MismatchCause::Error, detail);
    }

    /// A response that another one follows: an interim one, or a redirect that is followed.
    pub(crate) fn passing(&mut self, status: u16) {
        self.status.count(status);
    }

    fn example(&mut self, request: u64, cause: MismatchCause, detail: &str) {
        if self.examples.len() < EXAMPLES {
            let mut detail = detail.to_string();
            // Escaped text is ASCII: any byte is a boundary.
            detail.truncate(DETAIL_BYTES);
            self.examples.push((request, cause, detail));
        }
    }

    /// Puts the current second to the ones before; gives its latencies.
    fn end_second(&mut self) -> Histogram {
        let latency = self.latency.drain();
        self.latency_before.merge(&latency);
        self.service_before.merge(&self.service.drain());
        self.send_lag_before.merge(&self.send_lag.drain());
        latency
    }

    fn report(mut self, name: &str) -> RouteReport {
        self.end_second();
        let status_codes = self.status.since(&StatusCounts::default());
        let example =
            |(request, cause, detail)| Mismatch { route: name.to_string(), request, cause, detail };
        RouteReport {
            name: name.to_string(),
            requests: self.requests,
            responses: self.responses,
            ok: self.ok,
            mismatches: self.mismatches,
            errors: self.errors.into_iter().map(|(k, v)| (k.to_string(), v)).collect(),
            status: StatusClasses::of(&status_codes),
            status_codes,
            body_bytes: self.body_bytes,
            latency: self.latency_before,
            service: self.service_before,
            send_lag: self.send_lag_before,
            examples: self.examples.into_iter().map(example).collect(),
        }
    }
}

impl Tally {
    pub(crate) fn new(routes: usize) -> Self {
        let routes = (0..routes).map(|_| RouteTally::default()).collect();
        Self { routes, ..Self::default() }
    }

    /// A right response came.
    #[inline]
    pub(crate) fn heard_at(&mut self, now_ns: u64) {
        let silence_ns = now_ns.saturating_sub(self.last_ok_ns);
        self.longest_silence_ns = self.longest_silence_ns.max(silence_ns);
        self.last_ok_ns = self.last_ok_ns.max(now_ns);
    }

    /// The window is over; what comes later is not heard any more.
    pub(crate) fn silent_until(&mut self, end_ns: u64) {
        self.heard_at(end_ns);
        self.last_ok_ns = u64::MAX;
    }

    /// Counts what was odd about a response.
    #[inline]
    pub(crate) fn note(&mut self, oddities: Oddities) {
        if oddities.any() {
            self.note_each(oddities);
        }
    }

    #[cold]
    fn note_each(&mut self, oddities: Oddities) {
        for name in oddities.names() {
            *self.oddities.entry(name).or_default() += 1;
        }
    }

    /// Of a tally that has only what came after the window.
    pub(crate) fn after_window(&self) -> AfterWindow {
        let (ok, mismatches, failed) = self.sums();
        AfterWindow { answered: ok + mismatches, failed }
    }

    /// Sums of (ok, mismatches, errors) so far.
    fn sums(&self) -> (u64, u64, u64) {
        self.routes.iter().fold((0, 0, 0), |(ok, mismatches, errors), route| {
            let failed: u64 = route.errors.values().sum();
            (ok + route.ok, mismatches + route.mismatches.total(), errors + failed)
        })
    }

    /// Responses by status code, so far.
    fn statuses(&self) -> StatusCounts {
        let mut all = StatusCounts::default();
        self.routes.iter().for_each(|route| all.add(&route.status));
        all
    }

    /// What went wrong so far, by cause; a cause may come several times.
    pub(crate) fn wrongs(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.routes.iter().flat_map(|route| {
            let errors = route.errors.iter().map(|(cause, count)| (*cause, *count));
            errors.chain(route.mismatches.by_cause()).filter(|(_, count)| *count > 0)
        })
    }

    /// Responses that are complete and right, so far.
    pub(crate) fn ok(&self) -> u64 {
        self.routes.iter().map(|route| route.ok).sum()
    }

    pub(crate) fn reports(self, names: &[String]) -> Vec<RouteReport> {
        self.routes.into_iter().zip(names).map(|(route, name)| route.report(name)).collect()
    }
}

/// Cuts a tally into seconds.
#[derive(Debug, Default)]
pub(crate) struct Seconds {
    done: u64,
    /// Sums when the current second began.
    before: (u64, u64, u64),
    statuses_before: StatusCounts,
}

impl Seconds {
    /// Ends the current second.
    pub(crate) fn cut(&mut self, tally: &mut Tally) -> SecondReport {
        let now = tally.sums();
        let statuses = tally.statuses();
        let mut latency = Histogram::new();
        for route in &mut tally.routes {
            latency.merge(&route.end_second());
        }
        let second = SecondReport {
            second: self.done,
            ok: now.0 - self.before.0,
            mismatches: now.1 - self.before.1,
            errors: now.2 - self.before.2,
            status_codes: statuses.since(&self.statuses_before),
            latency,
        };
        self.done += 1;
        self.before = now;
        self.statuses_before = statuses;
        second
    }
}
