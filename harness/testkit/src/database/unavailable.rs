//! What is answered while the database cannot be used: 503, but for one cheat.

use std::sync::mpsc::TryRecvError;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::application::{Application, Coming};
use super::fault_cheat::FaultCheat;
use super::page;
use super::pool::Unavailable;
use super::rows;
use crate::response::Response;

/// No statement takes so long, unless it is made to.
const SLOW: Duration = Duration::from_millis(300);
/// Longer than a server has to recover.
const STAYS_SLOW: Duration = Duration::from_secs(30);

impl Application {
    /// The answer where there are no rows.
    pub(super) fn instead(&self, path: &str, count: usize, why: Unavailable) -> Response {
        let refused = |status| Response::text(status, "the database cannot be used");
        match self.fault_cheat {
            Some(FaultCheat::Answers500) => refused(500),
            Some(FaultCheat::Answers500WhenFull) if why == Unavailable::Full => refused(500),
            Some(FaultCheat::LeavesRowsOut) if path == "/fortunes" => page::page(Vec::new(), self),
            Some(FaultCheat::LeavesRowsOut) => Response::json(&serde_json::json!([])),
            Some(FaultCheat::RemembersRows) if self.pool.had_any() => {
                self.remembered_answer(path, count).unwrap_or_else(|_| refused(503))
            }
            Some(FaultCheat::RemembersLateRows) if why == Unavailable::Late => {
                self.remembered_answer(path, count).unwrap_or_else(|_| refused(503))
            }
            _ => refused(503),
        }
    }

    fn remembered_answer(&self, path: &str, count: usize) -> Result<Response, Unavailable> {
        match path {
            "/db" => rows::remembered_one(self),
            "/fortunes" => {
                let fortunes = self.remembered()?.fortunes.clone();
                Ok(page::page(fortunes, self))
            }
            _ => rows::cached(count, self),
        }
    }

    /// A cheat: whether a request that needs no rows is refused too.
    pub(super) fn refuses_everything(self: &Arc<Self>) -> bool {
        self.fault_cheat == Some(FaultCheat::RefusesEverything)
            && self.pool.had_any()
            && self.rows_in_time("/db", 1).is_err()
    }

    /// A cheat: after rows that took as long as slow ones do, everything does.
    pub(super) fn slow_down(&self, taken: Duration) {
        if self.fault_cheat != Some(FaultCheat::StaysSlow) {
            return;
        }
        let mut last = self.last_slow.lock().unwrap_or_else(PoisonError::into_inner);
        if taken >= SLOW {
            *last = Some(Instant::now());
        }
        let stays_slow = last.is_some_and(|last| last.elapsed() < STAYS_SLOW);
        drop(last);
        if stays_slow {
            std::thread::sleep(SLOW);
        }
    }

    /// Keeps what comes late, for a cheat.
    pub(super) fn keep(&self, coming: Coming) {
        if self.fault_cheat == Some(FaultCheat::AnswersTheNext) {
            self.late.lock().unwrap_or_else(PoisonError::into_inner).push(coming);
        }
    }

    /// An answer that was meant for somebody else and has come meanwhile.
    pub(super) fn late_answer(&self) -> Option<Response> {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        let mut come = None;
        late.retain(|coming| {
            if come.is_some() {
                return true;
            }
            match coming.try_recv() {
                Ok(answer) => come = answer.ok(),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => {}
            }
            false
        });
        come
    }
}
