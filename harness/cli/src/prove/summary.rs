//! All comparisons, and whether what was stated beforehand holds.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::comparison::Comparison;
use crate::exit::Failure;

/// Beside the records.
const FILE: &str = "summary.json";

/// What was decided before the first comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) rate_per_s: u64,
    pub(crate) connections: u32,
    /// The null server's CPU time per response at that rate, in picoseconds.
    pub(crate) cost_ps: u64,
    /// What the costlier one spends in addition.
    pub(crate) extra_cpu_ns: u64,
    pub(crate) difference_ppm: u32,
    pub(crate) margin_ppm: u32,
    pub(crate) budget_ms: u64,
    pub(crate) warmup_ms: u64,
    pub(crate) measure_ms: u64,
    pub(crate) seed: u64,
    pub(crate) host_fingerprint: String,
    pub(crate) git_revision: Option<String>,
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests per second on {} connections cost {}.{:03} ns each; the costlier server \
             spends {} ns more ({} ppm)\ndecides: the verdict on CPU time per response, with a \
             margin of {} ppm and an interval of 95 %",
            self.rate_per_s,
            self.connections,
            self.cost_ps / 1000,
            self.cost_ps % 1000,
            self.extra_cpu_ns,
            self.difference_ppm,
            self.margin_ppm
        )
    }
}

/// The whole proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    format_version: u32,
    setup: Setup,
    /// Null server against itself.
    same: Vec<Comparison>,
    /// Null server against the costlier one.
    costlier: Vec<Comparison>,
    /// Of the same: told apart by the verdict. Stated: at most 5 % of them.
    false_verdicts: u32,
    /// Of the same: the interval does not have 1 in it. Stated: 5 % of them, whatever the margin.
    false_signs: u32,
    /// Of the costlier: found, with the right sign. Stated: at least 9 of 10.
    found: u32,
    /// Of the costlier: found with the wrong sign. Stated: none.
    wrong: u32,
    /// Of the costlier: the interval lies above 1, whatever the margin.
    right_signs: u32,
}

impl Summary {
    pub(crate) fn new(setup: Setup) -> Self {
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

    pub(crate) fn add(&mut self, comparison: Comparison, is_costlier: bool) {
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

    /// Whether everything stated holds. Of 10 comparisons, a rate of 5 % allows one false verdict
    /// at most: two or more would come in one of 12 such proofs only (binomial).
    pub(crate) fn holds(&self) -> bool {
        let allowed = self.same.len().div_ceil(20);
        let needed = (self.costlier.len() * 9).div_ceil(10);
        self.false_verdicts as usize <= allowed && self.found as usize >= needed && self.wrong == 0
    }

    /// What `folder` holds; nothing where that is no proof, or one of another version.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(FILE)).ok()?).ok()
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join(FILE);
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        std::fs::write(&path, text)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "the same server: {} of {} comparisons told it apart from itself ({} intervals do \
             not have 1 in them)",
            self.false_verdicts,
            self.same.len(),
            self.false_signs
        )?;
        writeln!(
            f,
            "a server that costs {} ppm more: found in {} of {} ({} intervals lie above 1, {} \
             with the wrong sign)",
            self.setup.difference_ppm,
            self.found,
            self.costlier.len(),
            self.right_signs,
            self.wrong
        )?;
        write!(f, "what was stated {}", if self.holds() { "holds" } else { "does not hold" })
    }
}

#[cfg(test)]
mod tests {
    use super::{Setup, Summary};
    use crate::prove::comparison::Comparison;

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
            let sign = if verdict == "equivalent" { "unclear" } else { "worse" };
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
        assert!(summary(["equivalent"; 2], &costlier).holds());
        costlier[0] = ("unresolved", "worse");
        assert!(!summary(["equivalent"; 2], &costlier).holds());
        let wrong = [("slower", "worse"), ("faster", "better")];
        assert!(!summary(["equivalent"; 2], &wrong).holds());
    }

    #[test]
    fn false_verdicts_beyond_the_stated_rate_do_not_hold() {
        let found = [("slower", "worse"); 2];
        assert!(summary(["equivalent", "slower"], &found).holds());
        assert!(!summary(["faster", "slower"], &found).holds());
    }
}
