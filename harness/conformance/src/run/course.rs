//! The course of a run: many cases at the same time; after a death, those that may have caused it
//! in ever smaller groups, until one does it alone.

use std::collections::{BTreeSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::weigh::{finished, unasked, unfinished, weigh, weigh_death};
use crate::application::{Setting, run_check};
use crate::database::{Inspector, run_over_answers};
use crate::finding::Finding;
use crate::jobs::Job;
use crate::life::{Death, Life};
use crate::plan::{Plan, Target};
use crate::protocol::run_case;
use crate::verdict::Verdict;
use crate::words::may_explain;

/// After so many cases the server is asked whether it lives, even where all held.
const MOST_UNSURE: usize = 24;

/// Into so many groups those are divided that a server may have died of.
const GROUPS: usize = 4;
/// How long cases may take to show their effect, after the answer: else the next ones would be
/// blamed.
const AFTERMATH: Duration = Duration::from_millis(100);

/// Whose doing may be what the server writes.
const IN_COMPANY: &str = "while this and other cases were asked";
const ALONE: &str = "while this case alone was asked";

/// A run under way.
pub(crate) struct Course<'a, 'k, O> {
    plan: &'a Plan,
    jobs: &'a [Job],
    observer: O,
    pub(crate) setting: Arc<Setting>,
    life: Life<'k>,
    pub(crate) deadline: Instant,
    verdicts: Vec<Option<Verdict>>,
    begun: BTreeSet<usize>,
    /// Deaths that no case caused when it was asked alone.
    unexplained: Vec<String>,
}

/// What a case showed.
struct Done {
    at: usize,
    finding: Finding,
    duration: Duration,
    ended_at: Instant,
    /// How much the server had written when it was asked.
    written: u64,
}

impl Done {
    /// Whether the server may have died of it: it did not answer as it should, or not at all.
    fn is_suspicious(&self) -> bool {
        !self.finding.held || self.finding.received.text.is_empty()
    }
}

/// Cases that are asked at the same time.
#[derive(Default)]
struct Together {
    running: JoinSet<Done>,
    flying: BTreeSet<usize>,
    /// What has ended while it is not known whether the server outlived it.
    unsure: Vec<Done>,
}

impl<'a, 'k, O: Fn(&Verdict)> Course<'a, 'k, O> {
    pub(crate) fn new(
        plan: &'a Plan,
        jobs: &'a [Job],
        setting: Arc<Setting>,
        life: Life<'k>,
        observer: O,
    ) -> Self {
        Self {
            plan,
            jobs,
            observer,
            setting,
            life,
            deadline: Instant::now() + plan.deadline,
            verdicts: jobs.iter().map(|_| None).collect(),
            begun: BTreeSet::new(),
            unexplained: Vec::new(),
        }
    }

    pub(crate) fn conclude(&mut self, at: usize, verdict: Verdict) {
        (self.observer)(&verdict);
        self.verdicts[at] = Some(verdict);
    }

    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.verdicts[at].is_none()
    }

    /// All verdicts, and the deaths that none of them tells.
    pub(crate) fn finish(self) -> (Vec<Verdict>, Vec<String>) {
        (finished(self.verdicts, self.plan, self.jobs, &self.begun), self.unexplained)
    }

    /// Asks all of `part`; those that the server does not outlive are found out.
    pub(crate) async fn ask(&mut self, part: Vec<usize>) {
        let mut waiting: VecDeque<usize> = part.into();
        while !waiting.is_empty() && !self.is_over(&mut waiting) {
            let Some((death, mut suspects)) = self.ask_together(&mut waiting).await else {
                continue;
            };
            // So that the quick ones are in groups of their own.
            suspects.sort_by_key(|&at| self.jobs[at].estimate());
            let named: Vec<&str> =
                suspects.iter().map(|&at| self.jobs[at].facts().id.as_str()).collect();
            let named = named.join(", ");
            self.revive();
            let explained = self.isolate(suspects).await;
            if !explained {
                self.life.count();
                let what = format!("none of these cases did it alone: {named}");
                self.unexplained.push(format!("{}\n{what}", death.how));
            }
        }
    }

    /// Finds out which of `suspects` the server dies of: asks them in ever smaller groups. Most take
    /// their time by waiting, so that one after the other would take far longer. Whether one did it
    /// alone.
    fn isolate(&mut self, suspects: Vec<usize>) -> Pin<Box<dyn Future<Output = bool> + '_>> {
        Box::pin(async move {
            let mut explained = false;
            for group in suspects.chunks(suspects.len().div_ceil(GROUPS).max(1)) {
                if let [only] = group {
                    explained |= self.ask_alone(*only).await;
                    continue;
                }
                let mut waiting: VecDeque<usize> = group.iter().copied().collect();
                while !waiting.is_empty() && !self.is_over(&mut waiting) {
                    if let Some((_, found)) = self.ask_together(&mut waiting).await {
                        self.revive();
                        explained |= self.isolate(found).await;
                    }
                }
            }
            explained
        })
    }

    /// Whether no more is asked. Where that is for want of a server, it is the verdict on what waits.
    fn is_over(&mut self, waiting: &mut VecDeque<usize>) -> bool {
        if self.life.over().is_some() {
            waiting.drain(..).for_each(|at| self.leave_out(at));
            return true;
        }
        Instant::now() >= self.deadline || self.plan.target.trouble.first().is_some()
    }

    /// The verdict on a case for which there is no server any more.
    fn leave_out(&mut self, at: usize) {
        let why = self.life.over().unwrap_or_default().to_owned();
        self.conclude(at, unasked(self.plan, &self.jobs[at], &why));
    }

    /// Asks as many of `waiting` at a time as the plan says, until none is left, the time is up, or
    /// the server dies: then those that may have caused it.
    async fn ask_together(&mut self, waiting: &mut VecDeque<usize>) -> Option<(Death, Vec<usize>)> {
        let mut now = Together::default();
        let mut no_more = false;
        loop {
            while !no_more && now.running.len() < self.plan.concurrency.max(1) {
                let Some(at) = waiting.pop_front() else { break };
                self.start(at, &mut now);
            }
            if now.running.is_empty() {
                if self.life.is_kept() && !now.unsure.is_empty() {
                    sleep(AFTERMATH).await;
                    let target = Arc::clone(&self.setting.target);
                    if let Some(death) = self.life.death(&target).await {
                        return Some((death, suspects(now)));
                    }
                }
                self.settle(&mut now.unsure);
                no_more = false;
                if waiting.is_empty() {
                    return None;
                }
                continue;
            }
            let next = timeout_at(self.deadline, now.running.join_next()).await;
            let Ok(Some(done)) = next else { break };
            if self.plan.target.trouble.first().is_some() {
                break;
            }
            let Ok(mut done) = done else { continue };
            now.flying.remove(&done.at);
            let look = done.is_suspicious() || now.unsure.len() >= MOST_UNSURE;
            if !self.life.is_kept() {
                now.unsure.push(done);
                self.settle(&mut now.unsure);
                continue;
            }
            if look {
                // The victim of another case's death may be told of it before the server has ended.
                sleep_until(done.ended_at + AFTERMATH).await;
            }
            self.explain(&mut done.finding, done.written, IN_COMPANY);
            now.unsure.push(done);
            if let Some(death) = self.life.ended() {
                return Some((death, suspects(now)));
            }
            if look && !no_more {
                let target = Arc::clone(&self.setting.target);
                // Where it does not answer, the others may have all of it: they are waited for.
                no_more = !self.life.answers_beside_cases(&target).await;
                if !no_more {
                    self.settle(&mut now.unsure);
                }
            }
        }
        self.settle(&mut now.unsure);
        None
    }

    fn start(&mut self, at: usize, now: &mut Together) {
        self.begun.insert(at);
        now.flying.insert(at);
        let (job, setting) = (self.jobs[at].clone(), Arc::clone(&self.setting));
        let written = self.life.written();
        now.running.spawn(async move {
            let begin = Instant::now();
            let finding = asked(&job, at, &setting).await;
            Done { at, finding, duration: begin.elapsed(), ended_at: Instant::now(), written }
        });
    }

    fn settle(&mut self, unsure: &mut Vec<Done>) {
        for Done { at, finding, duration, .. } in unsure.drain(..) {
            self.conclude(at, weigh(self.plan, &self.jobs[at], finding, duration));
        }
    }

    /// Asks one case while no other is asked. Whether the server died of it.
    async fn ask_alone(&mut self, at: usize) -> bool {
        if self.life.over().is_some() {
            self.leave_out(at);
            return false;
        }
        let (job, setting) = (&self.jobs[at], Arc::clone(&self.setting));
        let (begin, written) = (Instant::now(), self.life.written());
        match timeout_at(self.deadline, asked(job, at, &setting)).await {
            Ok(mut finding) => {
                let took = begin.elapsed();
                sleep(AFTERMATH).await;
                self.explain(&mut finding, written, ALONE);
                self.outlived(at, finding, took).await
            }
            Err(_) => false,
        }
    }

    /// Runs a check that looks behind the server, while nothing else is asked.
    pub(crate) async fn inspect(&mut self, inspector: &mut Inspector<'_>, at: usize) {
        let Some((check, rule)) = self.jobs[at].database_rule() else { return };
        if self.life.over().is_some() {
            return self.leave_out(at);
        }
        let setting = Arc::clone(&self.setting);
        let (begin, written) = (Instant::now(), self.life.written());
        let finding = timeout_at(self.deadline, inspector.run(check, rule, at, &setting)).await;
        let mut finding = finding.unwrap_or_else(|_| unfinished(self.plan.deadline));
        let took = begin.elapsed();
        if !finding.held && self.life.is_kept() {
            sleep(AFTERMATH).await;
        }
        self.explain(&mut finding, written, ALONE);
        self.outlived(at, finding, took).await;
    }

    /// Puts beside an error of the server, or the end of a connection, what the server wrote meanwhile.
    fn explain(&self, finding: &mut Finding, written: u64, meanwhile: &str) {
        if finding.held || !may_explain(&finding.observed, &finding.received.text) {
            return;
        }
        if let Some(words) = self.life.words_since(written) {
            finding.why.push(format!("{meanwhile}, the server wrote:\n{words}"));
        }
    }

    /// Concludes the only case that was asked; whether the server died of it.
    async fn outlived(&mut self, at: usize, finding: Finding, duration: Duration) -> bool {
        let job = &self.jobs[at];
        let target = Arc::clone(&self.setting.target);
        let Some(death) = self.life.death(&target).await else {
            self.conclude(at, weigh(self.plan, job, finding, duration));
            return false;
        };
        self.conclude(at, weigh_death(self.plan, job, finding, &death, duration));
        self.life.count();
        self.revive();
        true
    }

    /// Starts the server again. What that takes is not taken from the cases.
    fn revive(&mut self) {
        let begin = Instant::now();
        if let Some(address) = self.life.start_again() {
            let setting = &*self.setting;
            let authority = address.to_string();
            let target = Target { address, authority, ..(*setting.target).clone() };
            self.setting = Arc::new(Setting { target: Arc::new(target), ..setting.clone() });
        }
        self.deadline += begin.elapsed();
    }
}

/// The cases that a server may have died of: that were asked when it did, or ended when it was not
/// seen alive afterwards.
fn suspects(now: Together) -> Vec<usize> {
    let mut all: BTreeSet<usize> = now.unsure.iter().map(|done| done.at).collect();
    all.extend(&now.flying);
    all.into_iter().collect()
}

/// What the case shows.
async fn asked(job: &Job, at: usize, setting: &Setting) -> Finding {
    match job {
        Job::Check(check, _) if check.database.is_some() => {
            run_over_answers(check, at, setting).await
        }
        Job::Check(check, _) => run_check(check, at, setting).await,
        Job::Case(case) => {
            run_case(case, &setting.target, &setting.payloads, &setting.doorway).await
        }
        // They are weighed over what all checks have received.
        Job::Invariant(_) => unfinished(Duration::ZERO),
    }
}
