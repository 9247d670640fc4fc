//! What became of published claims: sums over their own figures, and what a record found of the
//! matched experiment. The verdict is a function of the claim's file and of numbers, and of
//! nothing else.

mod gather;
mod judge;
mod paper;
mod words;

use httpdyno_record::{Ending, Record};
use httpdyno_spec::claim::{Claim, Outcome};
use httpdyno_stats::{Effect, Interval, Ratio};

pub use gather::gather;
pub use judge::{CellBlocks, judge};
pub use paper::{Summed, summed};
pub use words::{DEFINITIONS, TERMS, artefacts};

/// What became of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The verdict; absent where the experiment has not been run.
    pub verdict: Option<Verdict>,
    /// What decided it, in a sentence or more.
    pub decided_by: String,
    /// The sums over the published figures.
    pub on_paper: Vec<Summed>,
    /// Every comparison, as the author had it and at each other level of each factor.
    pub levels: Vec<AtLevel>,
    /// What changing a factor did to a ratio.
    pub interactions: Vec<Interaction>,
    /// What a reader of the verdict must know beside it.
    pub notes: Vec<String>,
}

/// The verdicts; there are no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The interval lies inside the tolerance.
    Reproduced,
    /// The ratio is another one, on the published side of 1.
    DirectionOnly,
    /// The interval excludes the tolerance.
    NotReproduced,
    /// It comes out differently at levels of these factors, by more than chance.
    DependsOn(Vec<String>),
    /// The published figures contradict each other, or Little's law.
    Inconsistent,
    /// What the test would need is not here.
    Untestable,
    /// The blocks were too few for the noise, or no trial was a number.
    Unresolved,
}

/// One comparison at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct AtLevel {
    /// The comparison.
    pub comparison: String,
    /// What was changed, as `factor = level`; absent as the author had it.
    pub changed: Option<String>,
    /// What was compared, in words.
    pub what: String,
    /// The published ratio and what counts as it, in words.
    pub published: String,
    /// What was found; absent where fewer than two blocks have a number for both.
    pub found: Option<Found>,
    /// What the claim's rules say; nothing is unresolved.
    pub outcome: Option<Outcome>,
    /// Why nothing was found.
    pub why_not: Option<String>,
    /// Whether that is since one of the entries could not be measured at all.
    pub not_here: bool,
}

/// A ratio as it was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Subject to baseline.
    pub ratio: Ratio,
    /// Its interval, at the claim's confidence for all of its comparisons together.
    pub interval: Interval,
    /// Its interval for equivalence.
    pub equivalence: Interval,
    /// Blocks in which both have a number.
    pub blocks: u32,
    /// The smallest difference that these blocks find 8 times of 10.
    pub detectable: Effect,
}

/// The ratio at one level over the ratio at another one.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    /// The comparison.
    pub comparison: String,
    /// The factor.
    pub factor: String,
    /// The two levels: that of the ratio that is divided, and the other one.
    pub levels: (String, String),
    /// How many times as large the ratio is at the first.
    pub ratio: Ratio,
    /// Its interval, for all pairs of levels of the claim together.
    pub interval: Interval,
    /// Whether the rules say one thing at the first level and another one at the second.
    pub differs: bool,
}

impl Interaction {
    /// Whether the factor changes the ratio by more than chance.
    #[must_use]
    pub fn excludes_one(&self) -> bool {
        !self.interval.contains(Ratio::from_ppm(1_000_000))
    }
}

/// Judges a claim by a record; without one, by what its file says alone. `sha256` is the digest of
/// the file as it is now.
#[must_use]
pub fn judge_by(claim: &Claim, sha256: &str, record: Option<&Record>) -> Judged {
    let measured = record.map(|record| gather(claim, record));
    let mut judged = judge(claim, measured.as_deref());
    if let Some(record) = record.filter(|_| !judged.levels.is_empty()) {
        judged.notes.extend(of_record(claim, sha256, record));
    }
    judged
}

/// What of a record bears on a verdict that is made by it.
fn of_record(claim: &Claim, sha256: &str, record: &Record) -> Vec<String> {
    let mut notes = Vec::new();
    match record.run.claims.iter().find(|known| known.id == claim.id.as_str()) {
        None => notes.push(
            "this record was not made for this claim: its prediction and tolerance are not known to \
             be older than the record"
                .to_owned(),
        ),
        Some(known) if known.sha256 != sha256 => {
            let revision = known.git_revision.as_deref().unwrap_or("unknown");
            notes.push(format!(
                "{} was changed after this record: it was {} (revision {revision}), and is {sha256}",
                known.file, known.sha256
            ));
        }
        Some(_) => {}
    }
    if record.run.ending != Ending::Complete {
        notes.push("the run did not come to its end; some trials are missing".to_owned());
    }
    if !record.run.profile.publishable {
        notes.push(format!(
            "the profile `{}` is not for publishing: a first look, and no verdict to quote",
            record.run.profile.id
        ));
    }
    notes
}
