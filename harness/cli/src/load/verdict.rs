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

/// Open loop: so few requests that waited at the end are chance.
const FEW: u64 = 10;

/// Requests that came to nothing, or too late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lost {
    /// Sent, and no response came.
    unanswered: u64,
    never_sent: u64,
    /// Open loop: answered after the window, and more than a server that keeps up has under way.
    behind: u64,
    /// All that were sent or were to be.
    wanted: u64,
    /// Complete, and in the window.
    responses: u64,
}

impl Lost {
    fn of(plan: &LoadPlan, report: &LoadReport) -> Self {
        let total = &report.total;
        let answered_later = report.after_window.map_or(0, |after| after.answered);
        let never_sent = report.never_sent + cut_off(plan, report);
        // What somebody did not want to wait for is not the server's fault.
        let in_flight = if report.interrupted { 0 } else { report.in_flight_at_stop };
        Self {
            unanswered: total.unanswered() + in_flight.saturating_sub(answered_later),
            never_sent,
            behind: behind(plan, report),
            wanted: total.requests + report.in_flight_at_start + never_sent,
            responses: total.responses.saturating_sub(late(report)),
        }
    }

    /// The share of all requests, rounded up: what is not nothing is not shown as nothing.
    fn ppm(self) -> u64 {
        if self.responses == 0 {
            return WHOLE_PPM;
        }
        let lost =
            u128::from(self.unanswered + self.never_sent + self.behind) * u128::from(WHOLE_PPM);
        u64::try_from(lost.div_ceil(u128::from(self.wanted.max(1)))).unwrap_or(WHOLE_PPM)
    }
}

/// Of a number of requests those for which there was no time.
fn cut_off(plan: &LoadPlan, report: &LoadReport) -> u64 {
    let asked = plan.stop.requests.filter(|_| !report.interrupted).unwrap_or(0);
    asked.saturating_sub(report.total.requests + report.never_sent)
}

/// Open loop: right responses that came after the window.
fn late(report: &LoadReport) -> u64 {
    let in_time = report.open_loop.as_ref().map(|open| open.completed_in_window);
    in_time.map_or(0, |in_time| report.total.ok.saturating_sub(in_time))
}

/// Whether the server kept up with a rate shows at the end: what is late then is what was under
/// way, at most as much as the connections hold, and a queue of chance.
fn behind(plan: &LoadPlan, report: &LoadReport) -> u64 {
    let Some(open) = report.open_loop.as_ref().filter(|_| !report.interrupted) else { return 0 };
    let places = (plan.connections * plan.pipeline) as u64;
    let waited = late(report).saturating_sub(places);
    let bearable = (open.offered / 200).max(FEW.min(open.offered / 4));
    if waited > bearable { waited } else { 0 }
}

/// `allowed_ppm`: which share of requests may be lost; by default none. Where this machine could not
/// open connections, what is missing for that is no failure of the server.
pub(super) fn exit(plan: &LoadPlan, report: &LoadReport, allowed_ppm: Option<u64>) -> Exit {
    let total = &report.total;
    let is_wrong = total.mismatches.total() > 0
        || total.error_count() > total.unanswered()
        || report.connections.unsolicited > 0;
    // A connection that could not be made is bearable where what it cost is, and what went wrong
    // before the window costs nothing in it.
    let connections = &report.connections;
    let is_refused = allowed_ppm.is_none()
        && (connections.established < connections.wanted
            || !connections.connect_errors.is_empty()
            || !report.warmup_errors.is_empty());
    let is_lossy = Lost::of(plan, report).ppm() > allowed_ppm.unwrap_or(0);
    match (report.interrupted, is_wrong || is_refused || is_lossy) {
        (true, _) => Exit::Interrupted,
        (false, true) if !is_wrong && report.lacked_here().is_some() => Exit::UsageOrEnvironment,
        (false, true) => Exit::UnderTestFailed,
        (false, false) => Exit::Done,
    }
}

/// Name and text of each line; no line where there is nothing to tell.
pub(super) fn lines(plan: &LoadPlan, report: &LoadReport) -> Vec<(&'static str, String)> {
    let lost = Lost::of(plan, report);
    let mut lines = Vec::new();
    lines.extend(report.lacked_here().map(|text| ("environment", text)));
    if let Some(asked) = plan.stop.requests.filter(|_| cut_off(plan, report) > 0) {
        let sent = count(report.total.requests);
        lines.push(("requests", format!("{sent} of {} when the time was over", count(asked))));
    }
    if report.in_flight_at_stop > 0 {
        lines.push(("in flight", in_flight(report)));
    }
    if let Some(silence_ns) = report.ended_by_silence_ns {
        let when = if report.elapsed_ns == 0 { "in the warm-up" } else { "early" };
        let text = format!("{when}: nothing came from the server for {}", duration(silence_ns));
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
    lines.extend(nothing(report, lost));
    if late(report) > 0 {
        let mut text = format!("{} were answered after the window", share(late(report)));
        text += if lost.behind > 0 { ": the offered rate was not reached" } else { "" };
        lines.push(("late", text));
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

/// That no response came, unless somebody did not want to wait for it.
fn nothing(report: &LoadReport, lost: Lost) -> Option<(&'static str, String)> {
    if lost.responses > 0 || report.interrupted {
        return None;
    }
    let later = late(report) + report.after_window.map_or(0, |after| after.answered);
    let text = match (lost.wanted, later, report.total.requests) {
        (0, ..) => return Some(("no request", "none was due in the window".to_owned())),
        (_, 0, 0) => "none at all came".to_owned(),
        (_, 0, sent) => format!("none at all came, to {} requests", count(sent)),
        (_, later, _) => format!("none within the window, {} after it", count(later)),
    };
    Some(("no response", text))
}

fn in_flight(report: &LoadReport) -> String {
    let mut text = format!("{} when the window ended", count(report.in_flight_at_stop));
    if let Some(after) = report.after_window {
        let never = report.in_flight_at_stop.saturating_sub(after.answered);
        let _ = write!(text, "; {} answered after it, {} not", count(after.answered), count(never));
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
            Lost { unanswered, never_sent, wanted, responses, ..Lost::default() }.ppm()
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
