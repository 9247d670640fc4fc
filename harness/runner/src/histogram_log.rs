//! The latencies of a trial as an HdrHistogram log, which the usual plotters read.

use std::time::{Duration, SystemTime};

use httpdyno_loadgen::LoadReport;
use httpdyno_stats::histogram::{LogInterval, write_log};

/// One line for each second of the window, then one for each route over the whole window, tagged
/// with the route's name.
pub(crate) fn of(report: &LoadReport) -> String {
    let window = Duration::from_nanos(report.elapsed_ns);
    let seconds = report.seconds.iter().map(|second| {
        let start = Duration::from_secs(second.second);
        let length = window.saturating_sub(start).min(Duration::from_secs(1));
        LogInterval { start, length, tag: None, histogram: &second.latency }
    });
    let routes = report.routes.iter().map(|route| LogInterval {
        start: Duration::ZERO,
        length: window,
        tag: Some(&route.name),
        histogram: &route.latency,
    });
    let mut log = Vec::new();
    let started = SystemTime::now().checked_sub(window).unwrap_or(SystemTime::UNIX_EPOCH);
    write_log(&mut log, started, seconds.chain(routes)).expect("memory can be written to");
    String::from_utf8(log).expect("the log is ASCII")
}
