//! An entry against the baseline at one point: paired by block, judged by `stats`.

use httpdyno_record::{RunRecord, TrialRecord};
use httpdyno_stats::bootstrap::{NoBootstrap, RESAMPLES};
use httpdyno_stats::verdict::{Judgement, Rule, Verdict, judge};
use httpdyno_stats::{Effect, Estimate, Interval, LogDifferences, Probability};
use serde::Serialize;

use crate::pairs;
use crate::series::{Quantity, are_enough, blocks, numbers};

/// A quantity of an entry as a ratio to the baseline's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Versus {
    /// The ratio, in parts per million.
    pub ratio_ppm: u64,
    /// Lower end of its 95 % interval (Student's t).
    pub low_ppm: u64,
    /// Upper end of its 95 % interval.
    pub high_ppm: u64,
    /// The bootstrap-t interval beside it, in parts per million; absent where the blocks cannot bound
    /// it, as fewer than 4 never do.
    pub bootstrap_ppm: Option<[u64; 2]>,
    /// Why they cannot; absent where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_bootstrap: Option<String>,
    /// `faster`, `slower`, `equivalent` or `unresolved`, by the margin: 2 % unless another was asked.
    pub verdict: String,
    /// `better`, `worse` or `unclear`: the side of 1 on which the interval lies, whatever its
    /// size.
    pub sign: String,
    /// The smallest true difference that so many blocks of such noise would have shown.
    pub detectable_ppm: u32,
    /// Blocks in which both have a valid trial.
    pub blocks: u32,
}

/// The difference that matters, where nobody asks for another one.
pub const MARGIN: Effect = Effect::from_percent(2);

/// How the numbers of a run are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Decides the draws of bootstraps.
    pub seed: u64,
    /// Blocks whose spread decided the number of all blocks; the interval then takes its spread
    /// from them (Stein). With fewer than 2 it takes that of all blocks.
    pub pilot_blocks: u32,
    /// Draws of each bootstrap; 0: none is made.
    pub resamples: u32,
    /// What difference matters.
    pub margin: Effect,
}

/// Trials of a record up to which every bootstrap has all of its draws.
const TRIALS_WITH_ALL_DRAWS: usize = 10_000;

/// The fewest draws of a bootstrap over many trials: of so many, its quantile is exact too.
const FEWEST_DRAWS: u32 = 999;

impl Method {
    /// The method of a run of so many trials: its seed, its design where a pilot decided that, and
    /// the fewer draws the more trials there are beyond 10 000, as each draw goes through all.
    #[must_use]
    pub fn of(run: &RunRecord, trials: usize) -> Self {
        let pilot_blocks = run.design.map_or(0, |design| design.pilot_blocks);
        let resamples = match trials <= TRIALS_WITH_ALL_DRAWS {
            true => RESAMPLES,
            false => FEWEST_DRAWS,
        };
        Self { seed: run.seed, pilot_blocks, resamples, margin: MARGIN }
    }

    /// How a verdict on `quantity` is reached.
    pub(crate) fn rule(&self, quantity: Quantity) -> Rule {
        Rule { margin: self.margin, ..Rule::new(quantity.better()) }
    }
}

impl Versus {
    /// Compares the trials of one point. Nothing where fewer than two blocks hold both, since a
    /// single pair says nothing about how far another one would lie; and nothing where fewer than
    /// four fifths of the blocks do.
    #[must_use]
    pub fn of(
        trials: &[&TrialRecord],
        entry: &str,
        baseline: &str,
        quantity: Quantity,
        method: Method,
    ) -> Option<Self> {
        let (differences, estimate) = paired(trials, entry, baseline, quantity, method)?;
        let rule = method.rule(quantity);
        let bootstrap = bootstrap(&differences, rule.confidence, method);
        Some(Self::judged(&estimate, &rule).beside(bootstrap))
    }

    /// The same where the whole table is judged at once: `estimate` is the table's, and the entry
    /// differs from the baseline where the table tells the two apart.
    pub(crate) fn of_table(
        trials: &[&TrialRecord],
        (entry, baseline): (&str, &str),
        quantity: Quantity,
        method: Method,
        (estimate, is_distinct): (Estimate, bool),
    ) -> Option<Self> {
        let (differences, _) = paired(trials, entry, baseline, quantity, method)?;
        let rule = method.rule(quantity);
        let bootstrap = bootstrap(&differences, rule.confidence, method);
        let mut versus = Self::judged(&estimate, &rule).beside(bootstrap);
        let says_so = versus.verdict == "faster" || versus.verdict == "slower";
        if says_so && !is_distinct {
            // Certain of this pair alone, and not of all pairs of the table together.
            versus.verdict = Verdict::Unresolved.to_string();
        }
        Some(versus)
    }

    /// The same of a cost at a given rate: alike there is no proof of being equivalent, since a
    /// busier server is woken less often, which hides a part of what its requests take.
    #[must_use]
    pub(crate) fn of_cost_at_rate(mut self) -> Self {
        if self.verdict == Verdict::Equivalent.to_string() {
            self.verdict = Verdict::Equivalent.of_cost_at_rate();
        }
        self
    }

    /// With what a bootstrap came to, where one was made.
    fn beside(self, bootstrap: Option<Result<Interval, NoBootstrap>>) -> Self {
        let (interval, error) = match bootstrap {
            Some(Ok(interval)) => (Some(interval), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        Self {
            bootstrap_ppm: interval.map(|it| [it.low.ppm(), it.high.ppm()]),
            no_bootstrap: error.map(|error| error.to_string()),
            ..self
        }
    }

    /// What `rule` says of an estimate, without a bootstrap.
    #[must_use]
    pub fn judged(estimate: &Estimate, rule: &Rule) -> Self {
        let Judgement { verdict, sign, ratio, interval, detectable, .. } = judge(estimate, rule);
        Self {
            ratio_ppm: ratio.ppm(),
            low_ppm: interval.low.ppm(),
            high_ppm: interval.high.ppm(),
            bootstrap_ppm: None,
            no_bootstrap: None,
            verdict: verdict.to_string(),
            sign: sign.to_string(),
            detectable_ppm: detectable.ppm(),
            blocks: estimate.blocks(),
        }
    }
}

fn bootstrap(
    differences: &LogDifferences,
    confidence: Probability,
    method: Method,
) -> Option<Result<Interval, NoBootstrap>> {
    let draws = (method.resamples > 0).then_some(method.resamples)?;
    Some(differences.bootstrap_t(confidence, draws, method.seed))
}

/// The differences of one point, block by block, and the ratio they come to. Nothing where fewer
/// than two blocks hold both, or four fifths of all.
pub(crate) fn paired(
    trials: &[&TrialRecord],
    entry: &str,
    baseline: &str,
    quantity: Quantity,
    method: Method,
) -> Option<(LogDifferences, Estimate)> {
    let (one, other) = (numbers(trials, entry, quantity), numbers(trials, baseline, quantity));
    let pairs = pairs::pairs(one, other);
    if !are_enough(pairs.len(), blocks(trials).len()) {
        return None;
    }
    pairs::ratio(&pairs, method.pilot_blocks).ok()
}
