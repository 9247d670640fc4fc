//! What a person sees while it runs: a screen on a terminal, a line now and then when piped.

mod scene;

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, SystemTime};

use httpdyno_loadgen::{LoadPlan, Observer, SecondReport, Started};
use httpdyno_report::quantity;

use super::shown;
use crate::screen::Screen;
use scene::LoadScene;

/// When piped, how many seconds lie between two lines.
const SECONDS_BETWEEN_LINES: u64 = 5;

/// A wait for what is under way at the end is told when it has lasted so long.
const UNTOLD: Duration = Duration::from_secs(1);

/// Progress on standard error.
pub(super) struct Live {
    screen: Option<Screen<LoadScene>>,
    measured_s: Option<u64>,
    /// How long what is under way at the end is waited for.
    patience: Duration,
    /// Dropped when that is over.
    waiting: Option<Sender<()>>,
    failed: u64,
    window_began: Option<SystemTime>,
}

impl Live {
    pub(super) fn new(plan: &LoadPlan) -> Self {
        let measured_s = plan.stop.duration.map(|duration| duration.as_secs());
        let screen = Screen::open(LoadScene::new(plan));
        let patience = plan.patience.after_window;
        Self { screen, measured_s, patience, waiting: None, failed: 0, window_began: None }
    }

    /// Ends the view. Gives when the measured window began; now, if it did not.
    pub(super) fn finish(self) -> SystemTime {
        drop((self.screen, self.waiting));
        self.window_began.unwrap_or_else(SystemTime::now)
    }

    fn change(&self, change: impl FnOnce(&mut LoadScene)) {
        if let Some(screen) = &self.screen {
            screen.change(change);
        }
    }
}

/// Says that it waits, unless that ends before long.
fn tell_of_wait(patience: Duration) -> Sender<()> {
    let (waiting, over) = channel();
    // It ends with the wait, or with the line.
    std::thread::spawn(move || {
        if over.recv_timeout(UNTOLD) == Err(RecvTimeoutError::Timeout) {
            crate::output::remark!(
                "waiting for the responses that are under way, up to {}",
                quantity::duration(u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX)),
            );
        }
    });
    waiting
}

impl Observer for Live {
    fn started(&mut self, started: &Started) {
        self.change(|scene| scene.started(started));
    }

    fn window_opened(&mut self) {
        self.window_began = Some(SystemTime::now());
        self.change(LoadScene::window_opened);
    }

    fn window_closed(&mut self) {
        self.change(LoadScene::window_closed);
        if self.screen.is_none() {
            self.waiting = Some(tell_of_wait(self.patience));
        }
    }

    fn second(&mut self, second: &SecondReport) {
        self.failed += second.errors + second.mismatches;
        let number = second.second + 1;
        // The last second of a run may be a fraction of one: its count is no rate.
        if self.measured_s.is_some_and(|all| number > all) {
            return;
        }
        self.change(|scene| scene.second(second));
        if self.screen.is_none() && number.is_multiple_of(SECONDS_BETWEEN_LINES) {
            crate::output::remark!(
                "{number:>5} s  {} requests/s  p50 {}  p99 {}  max {}  failed {}",
                quantity::count(second.ok),
                shown::whole_percentile(&second.latency, 50),
                shown::whole_percentile(&second.latency, 99),
                shown::max(&second.latency),
                quantity::count(self.failed),
            );
        }
    }
}
