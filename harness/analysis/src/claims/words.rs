//! Claims in words: their verdicts, and what the words mean.

use std::fmt;

use httpdyno_spec::claim::{Artefacts, Cell};

use super::{AtLevel, Interaction, Verdict};
use crate::legible::one_line;

/// Each verdict with its definition.
pub const DEFINITIONS: [(&str, &str); 7] = [
    (
        "reproduced",
        "the 90 % interval of the ratio lies inside the tolerance that the claim's file \
      had before the run",
    ),
    (
        "direction only",
        "the 95 % interval excludes the tolerance, and lies on the published side \
      of 1",
    ),
    ("not reproduced", "the 95 % interval excludes the tolerance"),
    (
        "depends on X",
        "the rules say one thing at one level of X and another one at another, and the \
      95 % interval of the ratio of the two ratios excludes 1",
    ),
    (
        "inconsistent as published",
        "the published figures contradict Little's law or each other; the \
      sum is shown",
    ),
    ("untestable here", "what the test needs is not here; it is named"),
    (
        "unresolved",
        "none of these: too few blocks for this noise; the smallest difference that would \
      have been found is shown",
    ),
];

/// The words of ACM's badges (version 1.1); version 1.0 had the last two the other way round.
pub const TERMS: &str = "Repeatability: same team, same set-up. Reproducibility: other team, the \
    author's artefacts. Replicability: other team, its own artefacts. (ACM, version 1.1)";

/// What a test with such artefacts is one of.
#[must_use]
pub fn artefacts(artefacts: Artefacts) -> &'static str {
    match artefacts {
        Artefacts::Authors => "the author's code (reproducibility)",
        Artefacts::StandIn => "a stand-in (replicability)",
        Artefacts::PartsOnly => "the author's code for parts of it (reproducibility of these)",
        Artefacts::FiguresOnly => "no run",
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reproduced => f.pad("reproduced"),
            Self::DirectionOnly => f.pad("direction only"),
            Self::NotReproduced => f.pad("not reproduced"),
            Self::DependsOn(factors) => f.pad(&format!("depends on {}", factors.join(", "))),
            Self::Inconsistent => f.pad("inconsistent as published"),
            Self::Untestable => f.pad("untestable here"),
            Self::Unresolved => f.pad("unresolved"),
        }
    }
}

/// What a cell compares.
pub(super) fn in_words(cell: &Cell<'_>) -> String {
    let (subject, baseline) = (&cell.subject, &cell.baseline);
    format!(
        "{} of {} to {}, {}, {} connections",
        cell.figure, subject.entry, baseline.entry, subject.workload, subject.connections
    )
}

/// What was found at a level and what that is.
pub(super) fn one_level(at: &AtLevel) -> String {
    let level = at.changed.as_deref().unwrap_or("as the author had it");
    match (&at.found, at.outcome) {
        (None, _) => {
            let why = at.why_not.as_deref().unwrap_or("nothing was measured");
            format!("{} ({level}): {}", at.comparison, one_line(why))
        }
        (Some(found), Some(outcome)) => {
            format!("{} ({level}): {}, {outcome}", at.comparison, found.in_words())
        }
        (Some(found), None) => format!(
            "{} ({level}): {}, unresolved; {} blocks find differences from {} on",
            at.comparison,
            found.in_words(),
            found.blocks,
            found.detectable
        ),
    }
}

/// An interaction with the ratios at both levels.
pub(super) fn at_level(levels: &[&AtLevel], told: &Interaction) -> String {
    let at = |level: &str| {
        let changed = format!("{} = {level}", told.factor);
        let there = levels.iter().find(|at| at.changed.as_deref() == Some(&changed));
        let there = there.or_else(|| levels.iter().find(|at| at.changed.is_none()));
        there.and_then(|at| Some((at.found?, at.outcome?))).map_or_else(
            || format!("{level}: nothing"),
            |(found, outcome)| format!("{level}: {}, {outcome}", found.in_words()),
        )
    };
    format!(
        "{}: {}; {}; the first ratio is {:.2} times the second {:.2}",
        told.comparison,
        at(&told.levels.0),
        at(&told.levels.1),
        told.ratio,
        told.interval
    )
}
