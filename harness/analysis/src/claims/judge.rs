//! From the numbers of each block to the verdict.

use std::collections::{BTreeMap, BTreeSet};

use httpdyno_spec::claim::{Cell, Claim, Decision, Experiment, Outcome, Seen};
use httpdyno_spec::id::FactorId;
use httpdyno_stats::stein::{Goal, Noise};
use httpdyno_stats::{
    Effect, Estimate, Interval, LogDifferences, PairedBlock, Probability, Ratio, RatioError,
};

use super::paper::summed;
use super::words::{at_level, in_words, one_level};
use super::{AtLevel, Found, Interaction, Judged, Verdict};
use crate::pairs::{Pairs, estimate, of_pilot, ratio};

/// What was measured of one cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellBlocks {
    /// The numbers of both by block; a block in which one of them has none is left out.
    pub blocks: Pairs,
    /// Blocks, from the first on, whose noise decided how many there are (Stein 1945); 0 where the
    /// number was fixed beforehand.
    pub pilot: u32,
    /// Why blocks are missing.
    pub why_missing: Option<String>,
    /// Whether one of the two could not be measured at all: its toolchain is not here, say.
    pub not_here: bool,
}

/// Judges a claim. `measured` has what was measured of each of [`Claim::cells`], in that order;
/// nothing where the experiment was not run.
#[must_use]
pub fn judge(claim: &Claim, measured: Option<&[CellBlocks]>) -> Judged {
    let on_paper: Vec<_> = claim.on_paper.iter().map(summed).collect();
    let wrong: Vec<&str> =
        on_paper.iter().filter(|sum| !sum.holds).map(|sum| sum.sum.as_str()).collect();
    let mut judged = Judged {
        verdict: None,
        decided_by: String::new(),
        levels: Vec::new(),
        interactions: Vec::new(),
        notes: Vec::new(),
        on_paper: Vec::new(),
    };
    if !wrong.is_empty() {
        judged.verdict = Some(Verdict::Inconsistent);
        judged.decided_by = wrong.join("; ");
    } else if let Some(experiment) = &claim.experiment {
        match measured {
            None => judged.decided_by = format!("not run yet: httpdyno claims {}", claim.id),
            Some(measured) => by_experiment(claim, experiment, measured, &mut judged),
        }
    } else if claim.missing.is_empty() {
        judged.verdict = Some(Verdict::Unresolved);
        judged.decided_by = "the published figures agree with each other, and there is no \
                             experiment"
            .to_owned();
    } else {
        judged.verdict = Some(Verdict::Untestable);
        let missing: Vec<&str> = claim.missing.iter().map(|missing| missing.what.trim()).collect();
        judged.decided_by = format!("missing: {}", missing.join("; "));
    }
    judged.on_paper = on_paper;
    judged
}

/// One cell as far as it can be judged alone.
struct Known<'a> {
    cell: &'a Cell<'a>,
    measured: &'a CellBlocks,
    at: AtLevel,
}

fn by_experiment(
    claim: &Claim,
    experiment: &Experiment,
    measured: &[CellBlocks],
    judged: &mut Judged,
) {
    let cells = claim.cells();
    let decision = &experiment.decision;
    let together = experiment.comparisons.len();
    let known: Vec<Known<'_>> = cells
        .iter()
        .zip(measured)
        .map(|(cell, measured)| {
            let at = alone(cell, measured, decision, together);
            Known { cell, measured, at }
        })
        .collect();
    judged.interactions = interactions(experiment, &known);
    let (verdict, decided_by) = together_in(experiment, &known, &judged.interactions);
    judged.verdict = Some(verdict);
    judged.decided_by = decided_by;
    judged.levels = known.into_iter().map(|known| known.at).collect();
}

/// The cell by itself. Several comparisons of a claim share its risk of error (Bonferroni).
fn alone(cell: &Cell<'_>, measured: &CellBlocks, decision: &Decision, together: usize) -> AtLevel {
    let comparison = cell.comparison;
    let mut at = AtLevel {
        comparison: comparison.id.to_string(),
        changed: cell.changed.map(|(factor, level)| format!("{} = {}", factor.id, level.id)),
        what: in_words(cell),
        published: format!("{} ({})", comparison.published, comparison.tolerance),
        found: None,
        outcome: None,
        why_not: None,
        not_here: measured.not_here,
    };
    match ratio(&measured.blocks, measured.pilot) {
        Err(error) => {
            let why = measured.why_missing.clone().unwrap_or_else(|| error.to_string());
            at.why_not = Some(why);
        }
        Ok((_, estimate)) => {
            let found = found(&estimate, decision, together);
            let ends = |interval: &Interval| (interval.low.ppm(), interval.high.ppm());
            let seen =
                Seen { interval: ends(&found.interval), equivalence: ends(&found.equivalence) };
            at.outcome = decision.outcome(comparison.published, &comparison.tolerance, &seen);
            at.found = Some(found);
        }
    }
    at
}

fn found(estimate: &Estimate, decision: &Decision, together: usize) -> Found {
    let confidence = shared(decision.confidence_ppm, together);
    let goal = Goal { confidence, ..Goal::detect(Effect::NONE, Effect::NONE) };
    Found {
        ratio: estimate.ratio(),
        interval: estimate.interval(confidence),
        equivalence: estimate.interval(probability(decision.equivalence_ppm)),
        blocks: estimate.blocks(),
        detectable: Noise::measured(estimate).minimum_detectable_effect(estimate.blocks(), &goal),
    }
}

/// The confidence of each of so many intervals, of which all together are to have `confidence_ppm`.
fn shared(confidence_ppm: u32, together: usize) -> Probability {
    let together = u32::try_from(together).unwrap_or(u32::MAX).max(1);
    let risk = 1_000_000_u32.saturating_sub(confidence_ppm);
    probability(1_000_000 - (risk / together).max(1))
}

fn probability(ppm: u32) -> Probability {
    Probability::from_ppm(ppm).unwrap_or(Probability::P95)
}

/// Every pair of levels of every factor of every comparison.
fn interactions(experiment: &Experiment, known: &[Known<'_>]) -> Vec<Interaction> {
    let mut pairs = Vec::new();
    for comparison in &experiment.comparisons {
        for factor in &experiment.factors {
            let at = |level: &FactorId| {
                known.iter().find(|one| {
                    one.cell.comparison.id == comparison.id
                        && match one.cell.changed {
                            None => level == &factor.author,
                            Some((of, to)) => of.id == factor.id && to.id == *level,
                        }
                })
            };
            for (index, first) in factor.levels.iter().enumerate() {
                for second in &factor.levels[index + 1..] {
                    if let (Some(one), Some(other)) = (at(&first.id), at(&second.id)) {
                        pairs.push((factor, [first, second], [one, other]));
                    }
                }
            }
        }
    }
    let confidence = shared(experiment.decision.confidence_ppm, pairs.len());
    let mut all = Vec::new();
    for (factor, levels, [one, other]) in pairs {
        let Ok(estimate) = ratio_of_ratios(one.measured, other.measured) else { continue };
        let outcomes = [one.at.outcome, other.at.outcome];
        all.push(Interaction {
            comparison: one.at.comparison.clone(),
            factor: factor.id.to_string(),
            levels: (levels[0].id.to_string(), levels[1].id.to_string()),
            ratio: estimate.ratio(),
            interval: estimate.interval(confidence),
            differs: matches!(outcomes, [Some(one), Some(other)] if one != other),
        });
    }
    all
}

/// Over the blocks that both have.
fn ratio_of_ratios(one: &CellBlocks, other: &CellBlocks) -> Result<Estimate, RatioError> {
    let common: BTreeMap<u32, (&PairedBlock, &PairedBlock)> = one
        .blocks
        .iter()
        .filter_map(|(number, block)| Some((*number, (block, other.blocks.get(number)?))))
        .collect();
    let (first, second): (Vec<_>, Vec<_>) =
        common.values().map(|(one, other)| ((*one).clone(), (*other).clone())).unzip();
    let first = LogDifferences::from_blocks(&first)?;
    let differences = first.over(&LogDifferences::from_blocks(&second)?)?;
    Ok(estimate(&differences, of_pilot(&common, one.pilot)))
}

/// A claim is as good as the worst of its comparisons: one that is not reproduced at any level,
/// one that depends on something, one that can not be tested or is not resolved, one of which the
/// direction alone is right.
fn together_in(
    experiment: &Experiment,
    cells: &[Known<'_>],
    interactions: &[Interaction],
) -> (Verdict, String) {
    let mut parts: Vec<(u8, Verdict, String)> = experiment
        .comparisons
        .iter()
        .map(|comparison| {
            let id = comparison.id.as_str();
            let of_it: Vec<&AtLevel> =
                cells.iter().map(|known| &known.at).filter(|at| at.comparison == id).collect();
            let told: Vec<&Interaction> = interactions
                .iter()
                .filter(|one| one.comparison == id && one.differs && one.excludes_one())
                .collect();
            part(&of_it, &told)
        })
        .collect();
    parts.sort_by_key(|(rank, ..)| *rank);
    let worst = parts.first().map_or(0, |(rank, ..)| *rank);
    let of_worst = || parts.iter().filter(|(rank, ..)| *rank == worst);
    let words: Vec<&str> = of_worst().map(|(.., words)| words.as_str()).collect();
    let mut names: Vec<String> = Vec::new();
    for (_, verdict, _) in of_worst() {
        if let Verdict::DependsOn(factors) = verdict {
            names.extend(factors.iter().cloned());
        }
    }
    let mut known = BTreeSet::new();
    names.retain(|name| known.insert(name.clone()));
    let verdict = match of_worst().next() {
        Some((_, Verdict::DependsOn(_), _)) => Verdict::DependsOn(names),
        Some((_, verdict, _)) => verdict.clone(),
        None => Verdict::Unresolved,
    };
    (verdict, words.join("; "))
}

/// One comparison: its verdict, its rank from the worst on, and what decided it.
fn part(levels: &[&AtLevel], told: &[&Interaction]) -> (u8, Verdict, String) {
    let author = levels.iter().find(|at| at.changed.is_none());
    let Some(author) = author else {
        return (3, Verdict::Unresolved, "nothing was measured".to_owned());
    };
    if !told.is_empty() {
        let mut factors: Vec<String> = told.iter().map(|one| one.factor.clone()).collect();
        factors.dedup();
        let words: Vec<String> = told.iter().map(|one| at_level(levels, one)).collect();
        return (1, Verdict::DependsOn(factors), words.join("; "));
    }
    if author.not_here {
        let why = author.why_not.as_deref().unwrap_or("an entry");
        return (2, Verdict::Untestable, format!("missing: {why}"));
    }
    let (rank, verdict) = match author.outcome {
        Some(Outcome::NotReproduced) => (0, Verdict::NotReproduced),
        None => (3, Verdict::Unresolved),
        Some(Outcome::DirectionOnly) => (4, Verdict::DirectionOnly),
        Some(Outcome::Reproduced) => (5, Verdict::Reproduced),
    };
    (rank, verdict, one_level(author))
}

impl Found {
    /// The ratio with its interval, as tables have it.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Interval { low, high } = self.interval;
        let digits = |ratio: Ratio| match ratio.value() {
            value if value >= 100.0 => 0,
            value if value >= 10.0 => 1,
            value if value >= 0.1 => 2,
            _ => 4,
        };
        let with = digits(self.ratio);
        format!("{:.with$} [{low:.with$}, {high:.with$}]", self.ratio)
    }
}
