//! What a script has to know: whether all requests were sent and answered, in lines of their own
//! and in the exit code.

use std::fmt::Write as _;

use httpdyno_loadgen::{LoadPlan, LoadReport};
use httpdyno_report::quantity::{count, duration};

use crate::exit::Exit;

/// A whole, in millionths.
pub(super) const WHOLE_PPM: u64 = 1_000_000;

/// Which shares may be allowed.
pub(super) fn allowed() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(..=WHOLE_PPM)
}

/// Requests that came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lost {
    /// Sent, and no response came.
    unanswered: u64,
    never_sent: u64,
    /// All that were sent or were to be.
    wanted: u64,
    responses: u64,
}

impl Lost {
    fn of(report: &LoadReport) -> Self {
        let total = &report.total;
        let answered_later = report.after_window.map_or(0, |after| after.answered);
        // What somebody did not want to wait for is not the server's fault.
        let in_flight = if report.interrupted { 0 } else { report.in_flight_at_stop };
        Self {
            unanswered: total.unanswered() + in_flight.saturating_sub(answered_later),
            never_sent: report.never_sent,
            wanted: total.requests + report.in_flight_at_start + report.never_sent,
            responses: total.responses + answered_later,
        }
    }

    /// The share of all requests, rounded up: what is not nothing is not shown as nothing.
    fn ppm(self) -> u64 {
        if self.responses == 0 {
            return WHOLE_PPM;
        }
        let lost = u128::from(self.unanswered + self.never_sent) * u128::from(WHOLE_PPM);
        u64::try_from(lost.div_ceil(u128::from(self.wanted.max(1)))).unwrap_or(WHOLE_PPM)
    }
}

/// `allowed_ppm`: which share of requests may be lost; by default none.
pub(super) fn exit(report: &LoadReport, allowed_ppm: Option<u64>) -> Exit {
    let total = &report.total;
    let is_wrong = total.mismatches.total() > 0
        || total.error_count() > total.unanswered()
        || report.connections.unsolicited > 0;
    // A connection that could not be made is bearable where what it cost is, and what went wrong
    // before the window costs nothing in it.
    let is_refused = allowed_ppm.is_none()
        && !(report.connections.connect_errors.is_empty() && report.warmup_errors.is_empty());
    let is_lossy = Lost::of(report).ppm() > allowed_ppm.unwrap_or(0);
    match (report.interrupted, is_wrong || is_refused || is_lossy) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::UnderTestFailed,
        (false, false) => Exit::Done,
    }
}

/// Name and text of each line; no line where there is nothing to tell.
pub(super) fn lines(plan: &LoadPlan, report: &LoadReport) -> Vec<(&'static str, String)> {
    let lost = Lost::of(report);
    let mut lines = Vec::new();
    if let Some(asked) = plan
        .stop
        .requests
        .filter(|asked| report.total.requests + report.never_sent < *asked && !report.interrupted)
    {
        let text = format!("{} of {} when the time was over", report.total.requests, count(asked));
        lines.push(("requests", text));
    }
    if report.in_flight_at_stop > 0 {
        lines.push(("in flight", in_flight(report)));
    }
    if let Some(silence_ns) = report.ended_by_silence_ns {
        let text = format!("early: nothing came from the server for {}", duration(silence_ns));
        lines.push(("ended", text));
    }
    let share = |part: u64| {
        format!(
            "{} of {} requests ({})",
            count(part),
            count(lost.wanted),
            percent(part, lost.wanted)
        )
    };
    if lost.responses == 0 {
        let text = format!("none at all came, to {} requests", count(report.total.requests));
        lines.push(("no response", text));
    }
    if lost.unanswered > 0 {
        lines.push(("unanswered", share(lost.unanswered)));
    }
    if lost.never_sent > 0 {
        lines.push(("never sent", share(lost.never_sent)));
    }
    if report.resent > 0 {
        let text = format!("{} requests that stood behind a close", count(report.resent));
        lines.push(("sent again", text));
    }
    if report.redirects > 0 {
        lines.push(("redirects", format!("{} followed", count(report.redirects))));
    }
    if !report.oddities.is_empty() {
        let each =
            report.oddities.iter().map(|(name, number)| format!("{name}: {}", count(*number)));
        lines.push(("oddities", each.collect::<Vec<_>>().join(", ")));
    }
    lines
}

fn in_flight(report: &LoadReport) -> String {
    let mut text = format!("{} when the window ended", count(report.in_flight_at_stop));
    if let Some(after) = report.after_window {
        let never = report.in_flight_at_stop.saturating_sub(after.answered);
        let _ = write!(text, "; {} answered after it, {never} not", count(after.answered));
    }
    text
}

/// With as many digits as tell the share.
fn percent(part: u64, whole: u64) -> String {
    let share = (u128::from(part) * 1_000_000).div_ceil(u128::from(whole.max(1)));
    format!("{}.{:04} %", share / 10_000, share % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_never_shown_as_none() {
        let lost = |unanswered, never_sent, wanted, responses| {
            Lost { unanswered, never_sent, wanted, responses }.ppm()
        };
        assert_eq!(lost(0, 0, 10, 10), 0);
        assert_eq!(lost(1, 0, 100_000_000, 99_999_999), 1);
        assert_eq!(lost(1, 19, 40, 20), 500_000);
        assert_eq!(lost(0, 0, 10, 0), WHOLE_PPM);
        assert_eq!(lost(0, 0, 0, 0), WHOLE_PPM, "nothing was asked, so nothing was shown");
        assert_eq!(percent(19, 39), "48.7180 %");
        assert_eq!(percent(1, 100_000_000), "0.0001 %");
    }
}
