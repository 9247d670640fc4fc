//! Establish, warm up, measure, drain, done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Driver;
use super::conn::ConnState;
use super::tenths::Tenths;
use crate::arrivals::ArrivalTimes;
use crate::audit::Kept;
use crate::clock::as_ns;
use crate::cpu::{CpuTimes, CpuUse};
use crate::engine::Wait;
use crate::observer::{Progress, SecondReport};
use crate::pacer::Pacer;
use crate::plan::Pacing;
use crate::report::AfterWindow;
use crate::tally::{Seconds, Tally};

/// The longest sleep: how late a stop from outside may be noticed.
const LONGEST_WAIT_NS: u64 = 20_000_000;

/// How often each connection is tried before all are given up.
const ATTEMPTS: u64 = 5;

const SECOND_NS: u64 = 1_000_000_000;

/// Where a worker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Connections are being made.
    Establish {
        /// Whatever is up by then has to do.
        until_ns: u64,
    },
    /// All that could be made are up; waits for the other workers.
    Ready,
    Warmup,
    Measure,
    /// The open loop's window is over; its requests still under way are awaited.
    Drain,
    /// The closed loop's window is over; its requests still under way are awaited, and count in no
    /// figure of the window.
    Settle,
    Done,
}

/// What a worker leaves behind.
pub(crate) struct WorkerResult {
    pub(crate) tally: Tally,
    pub(crate) kept: Vec<Kept>,
    pub(crate) seconds: Vec<SecondReport>,
    pub(crate) tenths: Vec<u64>,
    pub(crate) longest_silence_ns: u64,
    pub(crate) elapsed_ns: u64,
    pub(crate) warmed_ns: u64,
    pub(crate) in_flight_at_start: u64,
    pub(crate) in_flight_at_stop: u64,
    pub(crate) never_sent: u64,
    pub(crate) after_window: Option<AfterWindow>,
    /// The window ended because nothing came any more.
    pub(crate) gave_up: bool,
    pub(crate) interrupted: bool,
    pub(crate) cpu: CpuUse,
    pub(crate) realtime: bool,
    pub(crate) nice: i32,
    pub(crate) connections: usize,
    pub(crate) established: usize,
    pub(crate) establish_errors: BTreeMap<String, u64>,
    pub(crate) warmup_errors: BTreeMap<String, u64>,
}

impl Driver {
    /// Moves on with time: phases, timeouts, new connections, requests that are due.
    pub(crate) fn tick(&mut self, now_ns: u64, stop: &AtomicBool) {
        if stop.load(Ordering::Relaxed) && self.phase != Phase::Done {
            self.interrupted = true;
            self.finish(now_ns);
        }
        self.tell_warming(now_ns);
        self.count_tenths(now_ns);
        match self.phase {
            Phase::Establish { until_ns }
                if self.up == self.conns.len() || now_ns >= until_ns || self.is_hopeless() =>
            {
                self.give_up_dialing(now_ns);
                self.phase = Phase::Ready;
            }
            Phase::Warmup => self.tick_warmup(now_ns),
            Phase::Measure => self.tick_measure(now_ns),
            Phase::Drain => {
                let settled = self.measured_in_flight == 0 && !self.pacer.has_backlog(now_ns);
                if settled || now_ns >= self.times.drain_until_ns {
                    self.finish(now_ns);
                }
            }
            Phase::Settle
                if self.measured_in_flight == 0 || now_ns >= self.times.drain_until_ns =>
            {
                self.finish(now_ns);
            }
            _ => {}
        }
        if self.phase != Phase::Done {
            self.sweep(now_ns);
            self.redial(now_ns);
            self.issue_due(now_ns);
        }
    }

    /// Every connection was refused several times, over tens of milliseconds: nobody is there.
    fn is_hopeless(&self) -> bool {
        let failed: u64 = self.establish_errors.values().sum();
        self.up == 0 && failed >= ATTEMPTS * (self.conns.len() * self.addresses.len()) as u64
    }

    fn tick_warmup(&mut self, now_ns: u64) {
        if now_ns >= self.times.measure_ns {
            self.begin_measure(now_ns);
        } else if self.is_given_up(now_ns) {
            self.finish(now_ns);
        }
    }

    fn tick_measure(&mut self, now_ns: u64) {
        let is_all_sent = self.budget == 0 || self.is_exhausted();
        if is_all_sent && self.measured_in_flight == 0 || self.is_given_up(now_ns) {
            return self.finish(now_ns);
        }
        if now_ns >= self.times.end_ns {
            let waits = !self.plan.plan.patience.after_window.is_zero();
            return match (self.closed_loop, waits && self.measured_in_flight > 0) {
                (false, _) => self.end_window(now_ns),
                (true, true) => self.await_rest(now_ns),
                (true, false) => self.finish(now_ns),
            };
        }
        while now_ns >= self.times.next_second_ns {
            self.times.next_second_ns += SECOND_NS;
            self.cut_second();
        }
    }

    /// No request will ever be due any more, though no time was set for the end.
    fn is_exhausted(&self) -> bool {
        self.times.end_ns == u64::MAX && self.pacer.is_exhausted()
    }

    fn cut_second(&mut self) {
        let second = self.seconds.cut(&mut self.tally);
        self.tell(Progress::Second(second.clone()));
        self.second_reports.push(second);
    }

    /// All workers are ready: load begins at `start_ns`.
    pub(crate) fn begin(&mut self, start_ns: u64, now_ns: u64) {
        let plan = &self.plan.plan;
        self.times.load_ns = start_ns;
        self.times.measure_ns = start_ns + as_ns(plan.warmup);
        self.times.end_ns =
            plan.stop.duration.map_or(u64::MAX, |d| self.times.measure_ns.saturating_add(as_ns(d)));
        self.pacer = self.pacer_for(start_ns, self.times.measure_ns, true);
        self.phase = Phase::Warmup;
        self.silence.begin(now_ns);
        self.established = self.up;
        if now_ns >= self.times.measure_ns {
            self.begin_measure(now_ns);
        }
        for id in 0..self.conns.len() {
            if self.conns[id].state == ConnState::Up {
                self.grant_all(id as u32, now_ns);
            }
        }
    }

    fn pacer_for(&self, start_ns: u64, end_ns: u64, warmup: bool) -> Pacer {
        let plan = &self.plan.plan;
        let times = || match &plan.pacing {
            Pacing::Open { arrivals, schedule, .. } => {
                let initial = ArrivalTimes::initial(schedule);
                let schedule = if warmup { &initial } else { schedule };
                let share = self.share;
                ArrivalTimes::new(schedule, *arrivals, plan.seed, share.worker, share.workers)
            }
            Pacing::Closed { .. } => ArrivalTimes::none(),
        };
        Pacer::of_plan(&plan.pacing, times, start_ns, end_ns)
    }

    fn begin_measure(&mut self, now_ns: u64) {
        let pacer = self.pacer_for(self.times.measure_ns, self.times.end_ns, false);
        let warmup = std::mem::replace(&mut self.pacer, pacer);
        self.pacer.adopt(warmup);
        let warmed_up = std::mem::replace(&mut self.tally, Tally::new(self.plan.routes.len()));
        for (cause, count) in warmed_up.wrongs() {
            *self.warmup_errors.entry(cause.to_owned()).or_default() += count;
        }
        self.seconds = Seconds::default();
        self.tenths = Tenths::default();
        self.budget = self.share.requests.unwrap_or(u64::MAX);
        self.silence.begin(now_ns);
        self.in_flight_at_start = self.measured_in_flight;
        // The open loop's window is that of its schedule; the closed loop's begins when the
        // counters do.
        self.times.began_ns = self.times.measure_ns;
        self.times.warmed_ns = self.times.measure_ns - self.times.load_ns;
        if self.closed_loop {
            let late_ns = now_ns - self.times.measure_ns;
            self.times.began_ns = now_ns;
            self.times.end_ns = self.times.end_ns.saturating_add(late_ns);
        }
        self.times.next_second_ns = self.times.began_ns + SECOND_NS;
        self.tally.last_ok_ns = self.times.began_ns;
        self.cpu = CpuTimes::now();
        self.phase = Phase::Measure;
        self.tell(Progress::Opened);
    }

    /// The open loop's window is over.
    fn end_window(&mut self, now_ns: u64) {
        self.times.ended_ns = self.times.end_ns;
        self.tally.silent_until(self.times.end_ns);
        let patience_ns = match as_ns(self.plan.plan.patience.after_window) {
            0 => self.timeout_ns,
            patience_ns => patience_ns.min(self.timeout_ns),
        };
        self.times.drain_until_ns = now_ns.saturating_add(patience_ns);
        self.tally.open_loop.completed_in_window = self.tally.ok();
        self.cpu_use = self.cpu.until(CpuTimes::now());
        self.phase = Phase::Drain;
        self.tell(Progress::Closed);
    }

    /// The closed loop's window is over, and what is under way is awaited, but not counted in it.
    fn await_rest(&mut self, now_ns: u64) {
        self.close_window(now_ns);
        let after_ns = as_ns(self.plan.plan.patience.after_window);
        self.times.drain_until_ns = now_ns.saturating_add(after_ns);
        self.budget = 0;
        let rest = Tally::new(self.plan.routes.len());
        self.window_tally = Some(std::mem::replace(&mut self.tally, rest));
        self.phase = Phase::Settle;
    }

    /// Nothing counts any more from here on.
    fn close_window(&mut self, now_ns: u64) {
        if self.phase == Phase::Measure {
            self.cpu_use = self.cpu.until(CpuTimes::now());
            self.times.ended_ns = now_ns;
            self.tally.silent_until(now_ns);
            self.tally.open_loop.completed_in_window = self.tally.ok();
            self.tell(Progress::Closed);
        }
        let unsent = self.pacer.unsent(now_ns.min(self.times.end_ns));
        // What lies beyond the number of requests was never to be sent.
        let unsent = unsent.min(self.budget);
        self.tally.open_loop.unsent = unsent;
        let is_short = self.silence.gave_up || self.is_exhausted();
        self.never_sent = if is_short { self.budget } else { unsent };
        self.in_flight_at_stop = self.measured_in_flight;
        self.cut_second();
    }

    fn finish(&mut self, now_ns: u64) {
        match self.phase {
            Phase::Measure | Phase::Drain => self.close_window(now_ns),
            Phase::Settle => {
                if let Some(window) = self.window_tally.take() {
                    let rest = std::mem::replace(&mut self.tally, window);
                    self.after_window = Some(rest.after_window());
                }
            }
            Phase::Warmup => {
                self.tally = Tally::new(self.plan.routes.len());
                self.times.warmed_ns = now_ns.saturating_sub(self.times.load_ns);
                if self.silence.gave_up {
                    self.never_sent = self.share.requests.unwrap_or(0);
                }
            }
            _ => self.tally = Tally::new(self.plan.routes.len()),
        }
        self.phase = Phase::Done;
    }

    /// When the engine has to give control back.
    pub(crate) fn wait(&self, now_ns: u64) -> Wait {
        let mut until = now_ns + LONGEST_WAIT_NS;
        match self.phase {
            Phase::Establish { until_ns } => until = until.min(until_ns),
            // The others may be ready any moment.
            Phase::Ready => until = now_ns + 1_000_000,
            Phase::Warmup => {
                let told_ns = self.next_warming_ns().unwrap_or(u64::MAX);
                until = until.min(self.times.measure_ns).min(told_ns);
            }
            Phase::Measure => until = until.min(self.times.end_ns).min(self.times.next_second_ns),
            Phase::Drain | Phase::Settle => until = until.min(self.times.drain_until_ns),
            Phase::Done => return Wait::Poll,
        }
        until = until.min(self.sweep.next_ns());
        if let Some(redial_ns) = self.next_redial_ns() {
            until = until.min(redial_ns);
        }
        // From a real-time thread that is awake for a second the kernel takes 50 ms.
        let may_wait_awake = !self.share.realtime;
        if let Some(due_ns) = self.pacer.next_due_ns(may_wait_awake).filter(|_| self.is_running()) {
            until = until.min(due_ns.saturating_sub(self.pacer.spin_ns()));
        }
        if until <= now_ns { Wait::Poll } else { Wait::Until(until) }
    }

    pub(crate) fn into_result(mut self) -> WorkerResult {
        let interrupted_early = self.times.began_ns == 0;
        self.tally.open_loop.offered =
            self.tally.routes.iter().map(|r| r.requests).sum::<u64>() + self.tally.open_loop.unsent;
        WorkerResult {
            elapsed_ns: if interrupted_early {
                0
            } else {
                self.times.ended_ns.saturating_sub(self.times.began_ns)
            },
            warmed_ns: self.times.warmed_ns,
            longest_silence_ns: self.tally.longest_silence_ns,
            tally: self.tally,
            kept: self.auditor.into_kept(),
            seconds: self.second_reports,
            tenths: self.tenths.into_counts(),
            in_flight_at_start: self.in_flight_at_start,
            in_flight_at_stop: self.in_flight_at_stop,
            never_sent: self.never_sent,
            after_window: self.after_window,
            gave_up: self.silence.gave_up,
            interrupted: self.interrupted,
            cpu: self.cpu_use,
            realtime: self.share.realtime,
            nice: self.share.nice,
            connections: self.share.connections,
            established: self.established,
            establish_errors: self.establish_errors,
            warmup_errors: self.warmup_errors,
        }
    }
}
