//! What a person sees while it runs: one line that is renewed every second on a terminal,
//! a line now and then when piped.

use std::io::IsTerminal;
use std::time::{Duration, SystemTime};

use httpdyno_loadgen::{LoadPlan, Observer, SecondReport, Started};
use httpdyno_report::quantity;

use super::shown;
use indicatif::{ProgressBar, ProgressStyle};

/// When piped, how many seconds lie between two lines.
const SECONDS_BETWEEN_LINES: u64 = 5;

/// Progress on standard error.
pub(super) struct Live {
    bar: Option<ProgressBar>,
    measured_s: Option<u64>,
    failed: u64,
    window_began: Option<SystemTime>,
}

impl Live {
    pub(super) fn new(plan: &LoadPlan) -> Self {
        let measured_s = plan.stop.duration.map(|duration| duration.as_secs());
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(measured_s.unwrap_or(0));
            let style = match measured_s {
                Some(_) => "{spinner} {wide_bar} {pos}/{len} s  {msg}",
                None => "{spinner} {pos} s  {msg}",
            };
            // The template is a constant that is known to be right.
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar.set_message("connecting");
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, measured_s, failed: 0, window_began: None }
    }

    /// Ends the view. Gives when the measured window began; now, if it did not.
    pub(super) fn finish(self) -> SystemTime {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        self.window_began.unwrap_or_else(SystemTime::now)
    }
}

impl Observer for Live {
    fn started(&mut self, started: &Started) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} connections, warming up", started.established));
        }
    }

    fn window_opened(&mut self) {
        self.window_began = Some(SystemTime::now());
    }

    fn second(&mut self, second: &SecondReport) {
        self.failed += second.errors + second.mismatches;
        let text = format!(
            "{} requests/s  p50 {}  p99 {}  max {}  failed {}",
            quantity::count(second.ok),
            shown::whole_percentile(&second.latency, 50),
            shown::whole_percentile(&second.latency, 99),
            shown::max(&second.latency),
            quantity::count(self.failed),
        );
        let number = second.second + 1;
        // The last second of a run may be a fraction of one: its count is no rate.
        if self.measured_s.is_some_and(|all| number > all) {
            return;
        }
        match &self.bar {
            Some(bar) => {
                bar.set_position(number);
                bar.set_message(text);
            }
            None if number.is_multiple_of(SECONDS_BETWEEN_LINES) => {
                anstream::eprintln!("{number:>5} s  {text}");
            }
            None => {}
        }
    }
}
