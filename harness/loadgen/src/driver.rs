//! What one worker does, apart from I/O: which request goes where and when, what came back,
//! what went wrong. An engine feeds it events and carries out its actions.

mod addresses;
mod again;
mod conn;
mod events;
mod faults;
mod issue;
mod phase;
mod redirects;
mod silence;
mod sweep;
mod tenths;
mod warming;

pub(crate) use phase::{Phase, WorkerResult};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use httpdyno_wire::HeadMemo;

use crate::audit::Auditor;
use crate::check::{JsonMemo, Scratch};
use crate::clock::as_ns;
use crate::compile::CompiledPlan;
use crate::cpu::{CpuTimes, CpuUse};
use crate::observer::{Progress, SecondReport};
use crate::pacer::{Pacer, Permit};
use crate::plan::Pacing;
use crate::report::AfterWindow;
use crate::tally::{Seconds, Tally};
use conn::{Conn, ConnState};
use faults::Redials;
use silence::Silence;
use sweep::Sweep;
use tenths::Tenths;
use warming::Warming;

/// Which of how many workers this is, and its share of the work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    pub(crate) worker: usize,
    pub(crate) workers: usize,
    pub(crate) connections: usize,
    /// Of the plan's number of requests.
    pub(crate) requests: Option<u64>,
    /// Its thread is of the real-time class.
    pub(crate) realtime: bool,
    /// The niceness of its thread.
    pub(crate) nice: i32,
}

/// What the engine has to do next.
#[derive(Debug, Default)]
pub(crate) struct Actions {
    pub(crate) closes: Vec<u32>,
    pub(crate) dials: Vec<u32>,
    flushes: Vec<u32>,
}

/// When the phases begin and end, on the generator's clock.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    /// The first request.
    load_ns: u64,
    measure_ns: u64,
    end_ns: u64,
    /// When the window really began and ended.
    began_ns: u64,
    ended_ns: u64,
    drain_until_ns: u64,
    next_second_ns: u64,
    /// How long the warm-up was, as far as it went.
    warmed_ns: u64,
}

/// The state of one worker.
pub(crate) struct Driver {
    plan: Arc<CompiledPlan>,
    share: Share,
    closed_loop: bool,
    timeout_ns: u64,
    late_after_ns: u64,
    conns: Vec<Conn>,
    pacer: Pacer,
    pub(crate) actions: Actions,
    memos: Vec<HeadMemo>,
    json_memos: Vec<JsonMemo>,
    scratch: Scratch,
    phase: Phase,
    times: Times,
    next_index: u64,
    /// Requests that may still be issued in the window.
    budget: u64,
    in_flight: u64,
    /// Of these: counted in the measurement when they end.
    measured_in_flight: u64,
    up: usize,
    dialing: usize,
    redials: Redials,
    sweep: Sweep,
    auditor: Auditor,
    tally: Tally,
    seconds: Seconds,
    second_reports: Vec<SecondReport>,
    warming: Warming,
    tenths: Tenths,
    progress: Sender<Progress>,
    /// Requests of the warm-up that are under way when the window begins count in it: where that
    /// is not one of a number of requests.
    counts_warmup: bool,
    in_flight_at_start: u64,
    in_flight_at_stop: u64,
    never_sent: u64,
    /// The counts of the window while the rest is awaited.
    window_tally: Option<Tally>,
    after_window: Option<AfterWindow>,
    silence: Silence,
    addresses: Vec<std::net::SocketAddr>,
    /// The address that was connected to last.
    preferred: usize,
    establish_errors: BTreeMap<String, u64>,
    /// Requests of the warm-up that ended in an error or a wrong response, by cause.
    warmup_errors: BTreeMap<String, u64>,
    interrupted: bool,
    cpu: CpuTimes,
    cpu_use: CpuUse,
    /// Up when the load began.
    established: usize,
}

impl Driver {
    pub(crate) fn new(
        plan: Arc<CompiledPlan>,
        share: Share,
        progress: Sender<Progress>,
        now_ns: u64,
    ) -> Self {
        let routes = plan.routes.len();
        let timeout_ns = as_ns(plan.plan.timeout);
        let closed_loop = matches!(plan.plan.pacing, Pacing::Closed { .. });
        let mut driver = Self {
            share,
            closed_loop,
            timeout_ns,
            late_after_ns: as_ns(plan.plan.late_after),
            conns: (0..share.connections).map(|_| Conn::new()).collect(),
            pacer: Pacer::closed(std::time::Duration::ZERO),
            actions: Actions::default(),
            memos: vec![HeadMemo::new(); routes],
            json_memos: (0..routes).map(|_| JsonMemo::default()).collect(),
            scratch: Scratch::default(),
            phase: Phase::Establish { until_ns: now_ns.saturating_add(timeout_ns) },
            times: Times::default(),
            next_index: share.worker as u64,
            budget: u64::MAX,
            in_flight: 0,
            measured_in_flight: 0,
            up: 0,
            dialing: 0,
            redials: Redials::default(),
            sweep: Sweep::new(timeout_ns, now_ns),
            auditor: Auditor::new(
                plan.plan.audit.as_ref(),
                plan.plan.seed,
                share.worker as u64,
                share.workers as u64,
            ),
            tally: Tally::new(routes),
            seconds: Seconds::default(),
            second_reports: Vec::new(),
            warming: Warming::default(),
            tenths: Tenths::default(),
            progress,
            counts_warmup: closed_loop && share.requests.is_none(),
            in_flight_at_start: 0,
            in_flight_at_stop: 0,
            never_sent: 0,
            window_tally: None,
            after_window: None,
            silence: Silence::new(plan.plan.patience.silence.map(as_ns)),
            addresses: addresses::all(&plan.plan),
            preferred: 0,
            establish_errors: BTreeMap::new(),
            warmup_errors: BTreeMap::new(),
            interrupted: false,
            cpu: CpuTimes::default(),
            cpu_use: CpuUse::default(),
            established: 0,
            plan,
        };
        for conn in 0..driver.conns.len() {
            driver.redials.push(now_ns, conn as u32);
        }
        driver
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// Connections that are up.
    pub(crate) fn up(&self) -> usize {
        self.up
    }

    /// The engine is asked for events.
    pub(crate) fn count_wait(&mut self) {
        self.tally.waits += 1;
    }

    pub(crate) fn plan(&self) -> &crate::plan::LoadPlan {
        &self.plan.plan
    }

    pub(crate) fn establish_errors(&self) -> &BTreeMap<String, u64> {
        &self.establish_errors
    }

    /// Nobody listening is no reason to stop.
    fn tell(&self, progress: Progress) {
        let _ = self.progress.send(progress);
    }

    fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Warmup | Phase::Measure | Phase::Drain | Phase::Settle)
    }

    /// Gives a connection's whole room to the pacer.
    fn grant_all(&mut self, conn: u32, now_ns: u64) {
        for _ in 0..self.plan.plan.pipeline {
            self.grant(conn, now_ns);
        }
    }

    /// Gives room for one request to the pacer, and sends it if it is due at once.
    #[inline]
    fn grant(&mut self, conn: u32, now_ns: u64) {
        let slot = &self.conns[conn as usize];
        if slot.state != ConnState::Up || slot.is_spent(self.plan.plan.churn) {
            return;
        }
        let permit = Permit { conn, epoch: slot.epoch };
        let done_ns = slot.last.done_ns;
        if let Some(due) = self.pacer.ready(permit, now_ns, done_ns) {
            self.issue(due, now_ns);
        }
    }

    /// Sends what the pacer says is due.
    fn issue_due(&mut self, now_ns: u64) {
        loop {
            let conns = &self.conns;
            let churn = self.plan.plan.churn;
            let alive = |permit: Permit| {
                let conn = &conns[permit.conn as usize];
                conn.state == ConnState::Up && conn.epoch == permit.epoch && !conn.is_spent(churn)
            };
            let Some(due) = self.pacer.due(now_ns, alive) else { return };
            self.issue(due, now_ns);
        }
    }
}
