//! What of a planted cost is found again, and by which figure.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use httpdyno_analysis::number::Number;
use httpdyno_analysis::pairs::{pairs, ratio};
use httpdyno_analysis::series::numbers;
use httpdyno_record::files::write_whole;
use httpdyno_record::{Purpose, TrialRecord};
use httpdyno_spec::id::EntryId;
use httpdyno_stats::binomial::at_least;
use httpdyno_stats::descriptive::median;
use httpdyno_stats::verdict::{Rule, Verdict, judge};
use httpdyno_stats::{Better, Effect, Probability};
use serde::{Deserialize, Serialize};

use super::ProveError;
use super::planted::{AS_IT_IS, Arm, Arms, PlantedPlan};

/// Beside the records.
const FILE: &str = "planted.json";

/// One figure of an entry with a planted cost, against the same entry without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The true ratio, in parts per million; absent where the planted cost does not say what it is.
    pub truth_ppm: Option<u64>,
    /// The ratio, in parts per million.
    pub ratio_ppm: u64,
    /// The lower end of the 95 % interval.
    pub low_ppm: u64,
    /// The upper end.
    pub high_ppm: u64,
    /// `faster`, `slower`, `equivalent` (of costs at a given rate `alike at this load`) or
    /// `unresolved`, by the margin.
    pub verdict: String,
    /// Blocks in which both have a valid trial.
    pub blocks: u32,
}

/// A planted cost at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlantedCost {
    /// The folder of its record, beside the summary.
    pub record: String,
    /// The entry.
    pub entry: String,
    /// Connections held.
    pub connections: u32,
    /// Requests offered per second; absent in the closed loop.
    pub offered_per_s: Option<u64>,
    /// The share that was asked for, in parts per million of a response's cost in the closed loop.
    pub cost_ppm: u32,
    /// What was planted for each request.
    pub extra_cpu_ns: u64,
    /// CPU time per response without it at this point, in picoseconds.
    pub base_cpu_ps: u64,
    /// CPU time per response. This and what follows is absent where fewer than two blocks have it: a
    /// gate took it, as that of a single connection, which keeps neither side busy, takes the rate.
    pub cpu: Option<Found>,
    /// The part of it in user mode.
    pub user: Option<Found>,
    /// Responses per second; absent at a fixed rate, too.
    pub rate: Option<Found>,
}

/// All that was planted and found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlantedSummary {
    /// Version of the format.
    pub format_version: u32,
    /// Blocks of each run.
    pub blocks: u32,
    /// Load before measuring, in each trial, in milliseconds.
    pub warmup_ms: u64,
    /// Measured load, in each trial, in milliseconds.
    pub measure_ms: u64,
    /// What difference counts as none, in parts per million.
    pub margin_ppm: u32,
    /// Decides every random choice.
    pub seed: u64,
    /// Which machine it was.
    pub host_fingerprint: String,
    /// The revision of the harness's repository.
    pub git_revision: Option<String>,
    /// One for each entry, number of connections, rate and cost.
    pub planted_costs: Vec<PlantedCost>,
}

/// How often a figure's interval has the truth in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Intervals with the truth in them.
    pub held: u32,
    /// All whose truth is known.
    pub all: u32,
}

impl Found {
    /// Whether its interval has the truth in it; nothing where that is not known.
    #[must_use]
    pub fn holds(&self) -> Option<bool> {
        self.truth_ppm.map(|truth| (self.low_ppm..=self.high_ppm).contains(&truth))
    }
}

impl Coverage {
    fn of<'a>(found: impl Iterator<Item = &'a Found>) -> Self {
        let mut coverage = Self::default();
        for holds in found.filter_map(Found::holds) {
            coverage.all += 1;
            coverage.held += u32::from(holds);
        }
        coverage
    }

    /// Whether so many misses can be those that intervals of 95 % have: else they come in fewer than one
    /// of a hundred such proofs.
    #[must_use]
    pub fn is_as_stated(self) -> bool {
        let miss = Probability::from_ppm(50_000).expect("5 % is a probability");
        at_least(self.all - self.held, self.all, miss) >= 0.01
    }
}

impl PlantedSummary {
    pub(super) fn new(plan: &PlantedPlan) -> Self {
        Self {
            format_version: 1,
            blocks: plan.blocks,
            warmup_ms: super::millis(plan.warmup),
            measure_ms: super::millis(plan.measure),
            margin_ppm: plan.margin_ppm,
            seed: plan.seed,
            host_fingerprint: String::new(),
            git_revision: None,
            planted_costs: Vec::new(),
        }
    }

    /// CPU time per response in the closed loop.
    #[must_use]
    pub fn cpu_in_closed_loop(&self) -> Coverage {
        let closed = self.planted_costs.iter().filter(|one| one.offered_per_s.is_none());
        Coverage::of(closed.filter_map(|one| one.cpu.as_ref()))
    }

    /// CPU time per response at fixed rates, of which nothing is stated: a busier server sleeps less.
    #[must_use]
    pub fn cpu_at_rates(&self) -> Coverage {
        let at_rates = self.planted_costs.iter().filter(|one| one.offered_per_s.is_some());
        Coverage::of(at_rates.filter_map(|one| one.cpu.as_ref()))
    }

    /// CPU time per response in user mode, at every load.
    #[must_use]
    pub fn user(&self) -> Coverage {
        Coverage::of(self.planted_costs.iter().filter_map(|one| one.user.as_ref()))
    }

    /// Figures by which an entry is told apart from itself, or found to be better with a cost than without:
    /// those that are ranked. No verdict is drawn from time in user mode, which ticks divide.
    #[must_use]
    pub fn false_verdicts(&self) -> u32 {
        let is_false = |one: &PlantedCost, verdict: &str| {
            verdict == "faster" || (one.extra_cpu_ns == 0 && verdict == "slower")
        };
        let figures = |one: &PlantedCost| {
            let all = [&one.cpu, &one.rate];
            all.into_iter().flatten().filter(|it| is_false(one, &it.verdict)).count()
        };
        u32::try_from(self.planted_costs.iter().map(figures).sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// Whether what is stated holds: the intervals of CPU time in the closed loop have the truth in
    /// them as often as they say, and no verdict is false. Intervals of one point share the trials
    /// of the entry as it is, so they miss together.
    #[must_use]
    pub fn holds(&self) -> bool {
        let closed = self.cpu_in_closed_loop();
        closed.all > 0 && closed.is_as_stated() && self.false_verdicts() == 0
    }

    /// What `folder` holds; nothing where that is no such proof, or one of another version.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), ProveError> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self).map_err(io::Error::from);
        text.and_then(|text| write_whole(&path, text + "\n"))
            .map_err(|source| ProveError::Write { path, source })
    }
}

/// All costs of `arms` at all points of `trials`, which are those of a record of `entry` in `folder`.
pub(super) fn planted_costs(
    (folder, trials): (&Path, &[TrialRecord]),
    entry: &EntryId,
    arms: &Arms,
    margin_ppm: u32,
) -> Vec<PlantedCost> {
    let compared = || trials.iter().filter(|trial| trial.purpose != Purpose::Pilot);
    let points: BTreeSet<(u32, Option<u64>)> =
        compared().map(|trial| (trial.connections, trial.offered_per_s)).collect();
    let mut all = Vec::new();
    for point in points {
        let here: Vec<&TrialRecord> =
            compared().filter(|trial| (trial.connections, trial.offered_per_s) == point).collect();
        for &arm in &arms.0 {
            let at = Place { folder, entry, trials: &here, point, margin_ppm };
            all.push(at.planted_cost(arm));
        }
    }
    all
}

/// One point of a record.
struct Place<'a> {
    folder: &'a Path,
    entry: &'a EntryId,
    trials: &'a [&'a TrialRecord],
    point: (u32, Option<u64>),
    margin_ppm: u32,
}

impl Place<'_> {
    fn planted_cost(&self, arm: Arm) -> PlantedCost {
        let Arm { cost_ppm, extra_cpu_ns } = arm;
        let folder = self.folder.file_name().unwrap_or_default();
        let (connections, offered_per_s) = self.point;
        PlantedCost {
            record: folder.to_string_lossy().into_owned(),
            entry: self.entry.to_string(),
            connections,
            offered_per_s,
            cost_ppm,
            extra_cpu_ns,
            base_cpu_ps: self.base(Number::CpuPerResponse).unwrap_or(0),
            cpu: self.found(arm, Number::CpuPerResponse),
            user: self.found(arm, Number::UserCpuPerResponse),
            rate: match offered_per_s {
                Some(_) => None,
                None => self.found(arm, Number::Rate),
            },
        }
    }

    /// The median of the entry as it is.
    fn base(&self, number: Number) -> Option<u64> {
        let name = self.name(AS_IT_IS);
        let own = self.trials.iter().filter(|trial| trial.entry == name);
        median(&own.filter_map(|trial| number.of(trial)).collect::<Vec<u64>>())
    }

    fn name(&self, suffix: &str) -> String {
        let mut id = self.entry.clone();
        let name = format!("{}-{suffix}", id.implementation);
        id.implementation = name.parse().expect("as the run was given it");
        id.to_string()
    }

    fn found(&self, arm: Arm, number: Number) -> Option<Found> {
        let planted = self.name(&arm.suffix());
        let of = |name: &str| numbers(self.trials, name, number);
        let (_, estimate) = ratio(&pairs(of(&planted), of(&self.name(AS_IT_IS))), 0).ok()?;
        let rule = Rule { margin: Effect::from_ppm(self.margin_ppm), ..Rule::new(number.better()) };
        let judgement = judge(&estimate, &rule);
        let is_cost = number.better() == Better::Lower;
        Some(Found {
            truth_ppm: self.base(number).filter(|_| is_cost).map(|base_ps| {
                let more =
                    u128::from(arm.extra_cpu_ns) * 1_000_000_000 / u128::from(base_ps.max(1));
                1_000_000 + u64::try_from(more).unwrap_or(u64::MAX / 2)
            }),
            ratio_ppm: judgement.ratio.ppm(),
            low_ppm: judgement.interval.low.ppm(),
            high_ppm: judgement.interval.high.ppm(),
            verdict: self.in_a_word(judgement.verdict, is_cost),
            blocks: estimate.blocks(),
        })
    }

    fn in_a_word(&self, verdict: Verdict, is_cost: bool) -> String {
        let at_rate = is_cost && self.point.1.is_some();
        if at_rate { verdict.of_cost_at_rate() } else { verdict.to_string() }
    }
}

#[cfg(test)]
mod tests;
