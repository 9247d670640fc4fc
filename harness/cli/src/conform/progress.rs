//! How far the cases are, on standard error: a line that is renewed on a terminal, one now and then
//! when piped.

use std::io::{IsTerminal, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use httpdyno_record::CaseRecord;
use httpdyno_report::legible::one_line;

use crate::output;

/// When piped, how much time lies between two lines.
const BETWEEN_LINES: Duration = Duration::from_secs(5);
/// On a terminal, how much lies between two looks of the line.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// So much of what goes on fits beside the numbers on a narrow terminal.
const SHORT: usize = 40;

/// Cases that have ended, of so many.
pub(super) struct Progress {
    on_terminal: bool,
    all: usize,
    seen: Mutex<Seen>,
}

struct Seen {
    cases: usize,
    failed: usize,
    now: String,
    last: Instant,
}

impl Progress {
    pub(super) fn new(all: usize) -> Self {
        let seen = Seen { cases: 0, failed: 0, now: String::new(), last: Instant::now() };
        let on_terminal = std::io::stderr().is_terminal();
        Self { on_terminal, all, seen: Mutex::new(seen) }
    }

    /// What goes on.
    pub(super) fn now(&self, text: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.now = one_line(text).chars().take(SHORT).collect();
        if self.on_terminal {
            self.show(&mut seen);
        }
    }

    /// A case has ended.
    pub(super) fn case(&self, case: &CaseRecord) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.cases += 1;
        if case.status.fails_entry() {
            seen.failed += 1;
        }
        let due = if self.on_terminal { BETWEEN_LOOKS } else { BETWEEN_LINES };
        if seen.last.elapsed() >= due {
            self.show(&mut seen);
        }
    }

    fn show(&self, seen: &mut Seen) {
        seen.last = Instant::now();
        let line =
            format!("{} of {} cases, {} failed; {}", seen.cases, self.all, seen.failed, seen.now);
        match self.on_terminal {
            true => redraw(&line),
            false => output::tell(&line),
        }
    }
}

/// Writes the line over the one before. A terminal that is gone is told nothing.
fn redraw(line: &str) {
    let mut terminal = std::io::stderr().lock();
    let _ = write!(terminal, "\r\u{1b}[2K{line}").and_then(|()| terminal.flush());
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.on_terminal {
            redraw("");
        }
    }
}
