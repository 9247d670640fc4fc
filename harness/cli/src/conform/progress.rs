//! How far the cases are, on standard error: a line that is renewed on a terminal, one now and then
//! when piped.

use std::io::{IsTerminal, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
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
pub(crate) struct Progress {
    on_terminal: bool,
    told: Arc<Told>,
    /// Says where a check is that comes to no end of a case for long; when piped.
    ticker: Option<JoinHandle<()>>,
}

/// What there is to tell.
struct Told {
    all: usize,
    seen: Mutex<Seen>,
    over: Condvar,
}

struct Seen {
    cases: usize,
    failed: usize,
    now: String,
    last: Instant,
    is_over: bool,
}

impl Told {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, seen: &mut Seen) -> String {
        seen.last = Instant::now();
        format!("{} of {} cases, {} failed; {}", seen.cases, self.all, seen.failed, seen.now)
    }

    /// A line now and then until all is over, whatever the cases do.
    fn tick(&self) {
        let mut seen = self.lock();
        while !seen.is_over {
            let wait = BETWEEN_LINES.saturating_sub(seen.last.elapsed());
            if wait.is_zero() {
                output::tell(&self.line(&mut seen));
                continue;
            }
            seen = self.over.wait_timeout(seen, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Progress {
    pub(crate) fn new(all: usize) -> Self {
        let (now, last) = (String::new(), Instant::now());
        let seen = Mutex::new(Seen { cases: 0, failed: 0, now, last, is_over: false });
        let told = Arc::new(Told { all, seen, over: Condvar::new() });
        let on_terminal = std::io::stderr().is_terminal();
        let ticking = Arc::clone(&told);
        let ticker = (!on_terminal).then(|| std::thread::spawn(move || ticking.tick()));
        Self { on_terminal, told, ticker }
    }

    /// What goes on.
    pub(crate) fn now(&self, text: &str) {
        let mut seen = self.told.lock();
        seen.now = one_line(text).chars().take(SHORT).collect();
        if self.on_terminal {
            redraw(&self.told.line(&mut seen));
        }
    }

    /// A case has ended.
    pub(crate) fn case(&self, case: &CaseRecord) {
        let mut seen = self.told.lock();
        seen.cases += 1;
        if case.status.fails_entry() {
            seen.failed += 1;
        }
        if self.on_terminal && seen.last.elapsed() >= BETWEEN_LOOKS {
            redraw(&self.told.line(&mut seen));
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
        self.told.lock().is_over = true;
        self.told.over.notify_all();
        if let Some(ticker) = self.ticker.take() {
            let _ = ticker.join();
        }
        if self.on_terminal {
            redraw("");
        }
    }
}
