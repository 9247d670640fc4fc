//! All comparisons, and whether what was stated beforehand holds.

use std::io;
use std::path::Path;

use httpdyno_record::files::write_whole;
use httpdyno_stats::verdict::Verdict;
use serde::{Deserialize, Serialize};

use super::{Comparison, ProveError};

/// Beside the records.
const FILE: &str = "summary.json";

/// What was decided before the first comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Requests per second.
    pub rate_per_s: u64,
    /// Connections held.
    pub connections: u32,
    /// The null server's CPU time per response at that rate, in picoseconds.
    pub cost_ps: u64,
    /// What the costlier one spends in addition.
    pub extra_cpu_ns: u64,
    /// What share of `cost_ps` that is meant to be, in parts per million.
    pub difference_ppm: u32,
    /// What difference counts as none, in parts per million.
    pub margin_ppm: u32,
    /// Time for each comparison, in milliseconds.
    pub budget_ms: u64,
    /// Load before measuring, in each trial, in milliseconds.
    pub warmup_ms: u64,
    /// Measured load, in each trial, in milliseconds.
    pub measure_ms: u64,
    /// Decides every random choice.
    pub seed: u64,
    /// Which machine it was.
    pub host_fingerprint: String,
    /// The revision of the harness's repository.
    pub git_revision: Option<String>,
}

/// The whole proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of the format.
    pub format_version: u32,
    /// What was decided before.
    pub setup: Setup,
    /// Null server against itself.
    pub same: Vec<Comparison>,
    /// Null server against the costlier one.
    pub costlier: Vec<Comparison>,
    /// Of the same: told apart by the verdict. Stated: at most 5 % of them.
    pub false_verdicts: u32,
    /// Of the same: the interval does not have 1 in it. Stated: 5 % of them, whatever the margin.
    pub false_signs: u32,
    /// Of the costlier: found, with the right sign. Stated: at least 9 of 10.
    pub found: u32,
    /// Of the costlier: found with the wrong sign. Stated: none.
    pub wrong: u32,
    /// Of the costlier: the interval lies above 1, whatever the margin.
    pub right_signs: u32,
}

impl Summary {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            format_version: 1,
            setup,
            same: Vec::new(),
            costlier: Vec::new(),
            false_verdicts: 0,
            false_signs: 0,
            found: 0,
            wrong: 0,
            right_signs: 0,
        }
    }

    pub(super) fn add(&mut self, comparison: Comparison, is_costlier: bool) {
        let (verdict, sign) = (comparison.verdict.as_str(), comparison.sign.as_str());
        if is_costlier {
            self.found += u32::from(verdict == "slower");
            self.wrong += u32::from(verdict == "faster" || sign == "better");
            self.right_signs += u32::from(sign == "worse");
            self.costlier.push(comparison);
        } else {
            self.false_verdicts += u32::from(verdict == "slower" || verdict == "faster");
            self.false_signs += u32::from(sign != "unclear");
            self.same.push(comparison);
        }
    }

    /// Whether everything stated holds. Without a comparison of either kind nothing does. Of 10 comparisons, a rate of 5 % allows one false verdict
    /// at most: two or more would come in one of 12 such proofs only (binomial).
    #[must_use]
    pub fn holds(&self) -> bool {
        let allowed = self.same.len().div_ceil(20);
        let needed = (self.costlier.len() * 9).div_ceil(10);
        let has_both = !self.same.is_empty() && !self.costlier.is_empty();
        has_both
            && self.false_verdicts as usize <= allowed
            && self.found as usize >= needed
            && self.wrong == 0
    }

    /// What `folder` holds; nothing where that is no proof, or one of another version.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        let mut read: Self =
            serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()?;
        // Older proofs said more than a cost at a given rate shows.
        for comparison in read.same.iter_mut().chain(&mut read.costlier) {
            if comparison.verdict == Verdict::Equivalent.to_string() {
                comparison.verdict = Verdict::Equivalent.of_cost_at_rate();
            }
        }
        Some(read)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), ProveError> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self).map_err(io::Error::from);
        text.and_then(|text| write_whole(&path, text + "\n"))
            .map_err(|source| ProveError::Write { path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::{Setup, Summary};
    use crate::prove::Comparison;

    fn comparison(verdict: &str, sign: &str) -> Comparison {
        Comparison {
            record: "r".to_owned(),
            ratio_ppm: 1_030_000,
            low_ppm: 1_020_000,
            high_ppm: 1_040_000,
            verdict: verdict.to_owned(),
            sign: sign.to_owned(),
            detectable_ppm: 25_000,
            spread_ppm: 10_000,
            pilot_blocks: 6,
            blocks: 12,
            trials: 48,
            void_trials: 0,
            took_ms: 1,
        }
    }

    const ALIKE: &str = "alike at this load";

    #[test]
    fn a_proof_of_old_that_said_equivalent_is_read_without_that_word() {
        let folder = tempfile::tempdir().expect("folder");
        let old = summary(["equivalent", "unresolved"], &[("equivalent", "unclear")]);
        old.write(folder.path()).expect("written");
        let read = Summary::read(folder.path()).expect("a proof");
        assert_eq!([&*read.same[0].verdict, &*read.same[1].verdict], [ALIKE, "unresolved"]);
        assert_eq!(read.costlier[0].verdict, ALIKE);
    }

    fn summary(same: [&str; 2], costlier: &[(&str, &str)]) -> Summary {
        let mut summary = Summary::new(Setup {
            rate_per_s: 1,
            connections: 1,
            cost_ps: 1,
            extra_cpu_ns: 1,
            difference_ppm: 30_000,
            margin_ppm: 10_000,
            budget_ms: 1,
            warmup_ms: 1,
            measure_ms: 1,
            seed: 1,
            host_fingerprint: String::new(),
            git_revision: None,
        });
        for verdict in same {
            let sign = if verdict == ALIKE { "unclear" } else { "worse" };
            summary.add(comparison(verdict, sign), false);
        }
        for (verdict, sign) in costlier {
            summary.add(comparison(verdict, sign), true);
        }
        summary
    }

    #[test]
    fn nine_of_ten_must_be_found_and_none_with_the_wrong_sign() {
        let mut costlier = vec![("slower", "worse"); 9];
        costlier.push(("unresolved", "unclear"));
        assert!(summary([ALIKE; 2], &costlier).holds());
        costlier[0] = ("unresolved", "worse");
        assert!(!summary([ALIKE; 2], &costlier).holds());
        let wrong = [("slower", "worse"), ("faster", "better")];
        assert!(!summary([ALIKE; 2], &wrong).holds());
    }

    #[test]
    fn nothing_is_shown_by_no_comparison() {
        let whole = summary([ALIKE; 2], &[("slower", "worse")]);
        assert!(whole.holds());
        assert!(!Summary { costlier: Vec::new(), ..whole.clone() }.holds());
        assert!(!Summary { same: Vec::new(), ..whole }.holds());
    }

    #[test]
    fn false_verdicts_beyond_the_stated_rate_do_not_hold() {
        let found = [("slower", "worse"); 2];
        assert!(summary([ALIKE, "slower"], &found).holds());
        assert!(!summary(["faster", "slower"], &found).holds());
    }
}
