//! How far the cases are, on standard error: a line that is renewed on a terminal, one now and then
//! when piped.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use httpdyno_record::CaseRecord;
use httpdyno_report::legible::one_line;
use indicatif::{ProgressBar, ProgressStyle};

/// When piped, how much time lies between two lines.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Cases that have ended, of so many.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    all: usize,
    seen: Mutex<Seen>,
}

struct Seen {
    cases: usize,
    failed: usize,
    last_line: Instant,
}

impl Progress {
    pub(super) fn new(all: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(u64::try_from(all).unwrap_or(u64::MAX));
            // The template is a constant that is known to be right.
            if let Ok(style) = ProgressStyle::with_template(
                "{spinner} {pos} of {len} cases  {bar:30}  {prefix}{wide_msg}",
            ) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let seen = Seen { cases: 0, failed: 0, last_line: Instant::now() };
        Self { bar, all, seen: Mutex::new(seen) }
    }

    /// What goes on.
    pub(super) fn now(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(one_line(text));
        }
    }

    /// A case has ended.
    pub(super) fn case(&self, case: &CaseRecord) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.cases += 1;
        if case.status.fails_entry() {
            seen.failed += 1;
        }
        match &self.bar {
            Some(bar) => {
                bar.inc(1);
                if seen.failed > 0 {
                    bar.set_prefix(format!("{} failed  ", seen.failed));
                }
            }
            None if seen.last_line.elapsed() >= BETWEEN_LINES => {
                let (cases, failed, all) = (seen.cases, seen.failed, self.all);
                anstream::eprintln!("{cases} of {all} cases, {failed} failed; {}", case.entry);
                seen.last_line = Instant::now();
            }
            None => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
