//! The highest rate at which an entry meets an objective: closed loop, search, soak, curve.

mod objective;
mod recovery;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_record::capacity::{MET, MISSED, Shown, VOID};
use httpdyno_record::{
    CapacityRecord, CapacitySearch, CapacityStep, Objective, Purpose, TrialRecord,
};
use httpdyno_spec::SpecTree;
use httpdyno_spec::workload::{Arrivals, Workload};
use httpdyno_stats::Seeded;
use httpdyno_stats::capacity::{Answer, Ending, Options, Search, Step};

use crate::entry::Entry;
use crate::error::RunError;
use crate::event::Observer;
use crate::plan::RunPlan;
use crate::run::{Asked, Run, RunSummary};

/// What is to be found.
#[derive(Clone, Debug)]
pub struct CapacityPlan {
    /// Entries, profile, the one workload, seed and where the record is put.
    pub bench: RunPlan,
    /// Connections held.
    pub connections: u32,
    /// The objective.
    pub objective: Objective,
    /// Length of the soak.
    pub soak: Duration,
    /// Whether latency is measured over 10 to 110 % of the capacity, at common rates, and after an
    /// overload.
    pub curve: bool,
    /// Rates at which all entries are measured; none named: a quarter, half, three quarters and
    /// the whole of the smallest capacity.
    pub common_per_s: Vec<u64>,
}

/// Searches for each entry's capacity and records everything; `stop` ends it early.
///
/// # Errors
/// When the run cannot be made at all, or its record cannot be written.
pub fn capacity(
    tree: &SpecTree,
    plan: &CapacityPlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<RunSummary, RunError> {
    let mut run = Run::open(tree, &plan.bench, observer, stop)?;
    let mut found = CapacityRecord { objective: plan.objective, searches: Vec::new() };
    let entries = run.entries.clone();
    for workload in &plan.bench.workloads {
        for entry in &entries {
            let searched = Searching { plan, entry, workload }.search(&mut run)?;
            found.searches.push(searched);
            run.write_capacity(&found)?;
        }
    }
    if plan.curve {
        curves(&mut run, plan, &entries, &mut found)?;
        run.write_capacity(&found)?;
    }
    run.close()
}

/// One entry's search.
struct Searching<'a> {
    plan: &'a CapacityPlan,
    entry: &'a Entry,
    workload: &'a Workload,
}

impl Searching<'_> {
    fn search(&self, run: &mut Run<'_>) -> Result<CapacitySearch, RunError> {
        let mut found = CapacitySearch {
            entry: self.entry.id.to_string(),
            workload: self.workload.id.to_string(),
            connections: self.plan.connections,
            closed_loop_per_s: 0,
            ending: "interrupted".to_owned(),
            rate_per_s: 0,
            low_per_s: 0,
            high_per_s: 0,
            steps: Vec::new(),
            recovery: None,
        };
        let Some(closed) = run.trial(self.asked(Purpose::Pilot, None, None, 0))? else {
            return Ok(found);
        };
        // Even where a gate failed it says where to begin.
        found.closed_loop_per_s = closed.measurement().map_or(0, |it| it.responses_per_s());
        if found.closed_loop_per_s == 0 {
            found.ending = "failed".to_owned();
            return Ok(found);
        }
        let mut search = Search::new(found.closed_loop_per_s, Options::new(self.plan.bench.seed));
        loop {
            let (offered, is_soak) = match search.next() {
                Step::Done(ending) => {
                    found.ending = name(ending).to_owned();
                    break;
                }
                Step::Probe(rate) => (rate, false),
                Step::Soak(rate) => (rate, true),
            };
            let block = u32::try_from(found.steps.len()).unwrap_or(u32::MAX) + 1;
            let (purpose, length) = match is_soak {
                true => (Purpose::Soak, Some(self.plan.soak)),
                false => (Purpose::Probe, None),
            };
            let asked = self.asked(purpose, Some(offered), length, block);
            let Some(trial) = run.trial(asked)? else { break };
            let (answer, why) = objective::judge(&trial, &self.plan.objective);
            search.observe(answer);
            found.steps.push(step(&trial, offered, is_soak, answer, why));
        }
        estimated(&mut found, &search);
        Ok(found)
    }

    fn asked(
        &self,
        purpose: Purpose,
        offered_per_s: Option<u64>,
        measure: Option<Duration>,
        block: u32,
    ) -> Asked<'_> {
        let rate = offered_per_s.map(|rate| (rate, Arrivals::Poisson));
        let start = Asked::of(self.entry, self.workload, self.plan.connections);
        Asked { purpose, rate, measure, block, ..start }
    }
}

/// What the probes tell of the rate. An estimate needs trials on both sides of it.
fn estimated(found: &mut CapacitySearch, search: &Search) {
    let estimate = search.estimate();
    found.rate_per_s = estimate.rate_per_s;
    (found.low_per_s, found.high_per_s) = (estimate.low_per_s, estimate.high_per_s);
    let rate_per_s = match found.shown() {
        Shown::Within { .. } => return,
        Shown::AtLeast(met) => met,
        Shown::Below(_) | Shown::Nothing => 0,
    };
    (found.rate_per_s, found.low_per_s, found.high_per_s) = (rate_per_s, 0, 0);
}

fn step(
    trial: &TrialRecord,
    offered_per_s: u64,
    soak: bool,
    answer: Answer,
    why: String,
) -> CapacityStep {
    let answer = match answer {
        Answer::Met => MET,
        Answer::Missed => MISSED,
        Answer::Void => VOID,
    };
    CapacityStep { trial: trial.trial, offered_per_s, soak, answer: answer.to_owned(), why }
}

fn name(ending: Ending) -> &'static str {
    match ending {
        Ending::Confirmed => "confirmed",
        Ending::NotConfirmed => "not-confirmed",
        Ending::NeverMet => "never-met",
        Ending::AlwaysMet => "always-met",
        Ending::TooManyProbes => "too-many-probes",
        Ending::TooManyVoids => "too-many-voids",
    }
}

/// Shares of an entry's own capacity at which latency is measured, in per cent.
const SHARES: [u64; 11] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110];
/// Of the smallest capacity, where no common rates are named.
const COMMON_SHARES: [u64; 4] = [25, 50, 75, 100];

/// Latency against offered load, each rate once with a fresh start, in random order; then what an
/// overload leaves behind.
fn curves(
    run: &mut Run<'_>,
    plan: &CapacityPlan,
    entries: &[&Entry],
    found: &mut CapacityRecord,
) -> Result<(), RunError> {
    for workload in &plan.bench.workloads {
        let is_here = |one: &CapacitySearch| one.workload == workload.id.as_str() && has_rate(one);
        let smallest =
            found.searches.iter().filter(|one| is_here(one)).map(|one| one.rate_per_s).min();
        let Some(smallest) = smallest else { continue };
        let common: Vec<u64> = match plan.common_per_s.as_slice() {
            [] => COMMON_SHARES.iter().map(|share| smallest * share / 100).collect(),
            named => named.to_vec(),
        };
        let mut points: Vec<(usize, u64)> = Vec::new();
        for (index, one) in found.searches.iter().enumerate().filter(|(_, one)| is_here(one)) {
            points.extend(SHARES.iter().map(|share| (index, one.rate_per_s * share / 100)));
            points.extend(common.iter().map(|&rate| (index, rate)));
        }
        points.retain(|(_, rate)| *rate > 0);
        points.sort_unstable();
        points.dedup();
        Seeded::new(plan.bench.seed).shuffle(&mut points);
        let entry_of = |one: &CapacitySearch| {
            entries.iter().find(|entry| entry.id.to_string() == one.entry).copied()
        };
        for (index, rate) in points {
            let Some(entry) = entry_of(&found.searches[index]) else { continue };
            let searching = Searching { plan, entry, workload };
            let asked = searching.asked(Purpose::Curve, Some(rate), None, 0);
            if run.trial(asked)?.is_none() {
                return Ok(());
            }
        }
        for index in 0..found.searches.len() {
            if run.is_stopped() {
                return Ok(());
            }
            let one = &found.searches[index];
            if let (true, Some(entry)) = (is_here(one), entry_of(one)) {
                let searching = Searching { plan, entry, workload };
                found.searches[index].recovery =
                    recovery::after_overload(run, &searching, one.rate_per_s);
            }
        }
    }
    Ok(())
}

fn has_rate(one: &CapacitySearch) -> bool {
    one.rate_per_s > 0 && !matches!(one.ending.as_str(), "failed" | "never-met" | "interrupted")
}

#[cfg(test)]
mod tests {
    use super::{Answer, CapacitySearch, CapacityStep, MET, MISSED, Options, Search, Step, VOID};
    use super::{estimated, has_rate};

    /// What a search comes to whose trials have these answers.
    fn after(answers: &[Answer]) -> CapacitySearch {
        let mut search = Search::new(10_000, Options::new(1));
        let mut found = CapacitySearch::default();
        for &answer in answers {
            let (Step::Probe(offered_per_s) | Step::Soak(offered_per_s)) = search.next() else {
                break;
            };
            search.observe(answer);
            let answer = match answer {
                Answer::Met => MET,
                Answer::Missed => MISSED,
                Answer::Void => VOID,
            };
            let answer = answer.to_owned();
            found.steps.push(CapacityStep { answer, offered_per_s, ..CapacityStep::default() });
        }
        estimated(&mut found, &search);
        found
    }

    #[test]
    fn a_rate_has_a_trial_that_met_it_and_an_interval_trials_on_both_sides() {
        use Answer::{Met, Missed, Void};
        for none_met in [&[Void; 9][..], &[Void, Missed, Void], &[Missed; 9], &[]] {
            let found = after(none_met);
            assert_eq!((found.rate_per_s, found.low_per_s, found.high_per_s), (0, 0, 0));
            assert!(!has_rate(&found), "no curve is drawn over it");
        }
        for none_missed in [&[Void, Met][..], &[Met, Met, Void], &[Met; 9]] {
            let found = after(none_missed);
            let highest = found.steps.iter().filter(|step| step.answer == MET);
            let highest = highest.map(|step| step.offered_per_s).max();
            assert_eq!(Some(found.rate_per_s), highest);
            assert_eq!((found.low_per_s, found.high_per_s), (0, 0));
        }
        let both = after(&[Met, Missed, Void, Met, Missed]);
        assert!(0 < both.low_per_s && both.low_per_s < both.rate_per_s, "{both:?}");
        assert!(both.rate_per_s < both.high_per_s, "{both:?}");
    }
}
