//! One figure over several tests: the geometric mean of ratios to a named baseline.
//!
//! Only over tests that every entry has (the complete intersection): a mean over different tests
//! compares nothing. How many tests an entry has is told apart from it, as coverage. Geometric,
//! since that alone makes the order of entries independent of the baseline (P. J. Fleming, J. J.
//! Wallace, How Not to Lie with Statistics, CACM 29 (1986), 218-221).
//!
//! The unit of replication stays the block: each block gives one mean of log ratios over the
//! tests, and the t interval is that of those means. It speaks of these tests on this machine, not
//! of tests in general: tests are chosen, not drawn.

use crate::ratio::LogDifferences;
use crate::table::{Table, TableError, complete_blocks};
use crate::units::{Better, Interval, Probability, Ratio};

/// A test: what was measured of it, and which way it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Entries by blocks; all tests of a composite have the same entries and blocks.
    pub table: Table,
    /// Which way the quantity is good.
    pub better: Better,
}

/// An entry's composite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The entry.
    pub entry: usize,
    /// How many times as good as the baseline it is: above 1 is better, whatever the tests' units.
    pub ratio: Ratio,
    /// Its t interval.
    pub interval: Interval,
}

/// How many of the tests an entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Tests in which it has enough numbers.
    pub tests: usize,
    /// All tests.
    pub of: usize,
}

/// Composites of entries over one and the same set of tests.
#[derive(Clone, Debug, PartialEq)]
pub struct Composite {
    /// The tests of the intersection.
    pub tests: Vec<usize>,
    /// The blocks that were used: those complete for all entries in all these tests.
    pub blocks: Vec<usize>,
    /// One score per entry asked for, in the order asked for.
    pub scores: Vec<Score>,
}

/// Why there is no composite.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompositeError {
    /// The baseline or an entry that no table has.
    #[error("entry {entry} is not in the tables, which have {entries} entries")]
    UnknownEntry {
        /// The entry.
        entry: usize,
        /// Entries in the tables.
        entries: usize,
    },
    /// A test with other entries or blocks than the first.
    #[error(
        "test {test} has {found_entries} entries and {found_blocks} blocks, expected {entries} \
         and {blocks}, as the first has; put holes"
    )]
    Ragged {
        /// The test.
        test: usize,
        /// Its entries.
        found_entries: usize,
        /// Its blocks.
        found_blocks: usize,
        /// Entries of the first.
        entries: usize,
        /// Blocks of the first.
        blocks: usize,
    },
    /// No test that all entries have.
    #[error(
        "none of {tests} tests has numbers for all entries and the baseline; \
         leave out the entries with the least coverage"
    )]
    NoCommonTest {
        /// All tests.
        tests: usize,
    },
    /// Too few complete blocks.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// How many of `tests` the entry has.
#[must_use]
pub fn coverage(tests: &[Test], entry: usize) -> Coverage {
    Coverage {
        tests: tests.iter().filter(|test| test.table.takes_part(entry)).count(),
        of: tests.len(),
    }
}

/// The composites of `entries` against `baseline`, which need not be among them.
///
/// # Errors
///
/// [`CompositeError`] when there is no test or no pair of blocks that all of them have, or the
/// tables do not fit together.
///
/// ```
/// use httpdyno_stats::composite::{Test, composite};
/// use httpdyno_stats::{Better, Probability, Table};
///
/// let test = |better, rows: [[u64; 3]; 2]| {
///     let table = Table::new(rows.map(|row| row.map(Some).to_vec()).to_vec())?;
///     Ok::<_, httpdyno_stats::TableError>(Test { table, better })
/// };
/// let tests = [
///     // Twice as many responses, but twice the CPU time for each: as good.
///     test(Better::Higher, [[20_000, 20_020, 19_980], [10_000, 10_020, 9_980]])?,
///     test(Better::Lower, [[2_000, 2_002, 1_998], [1_000, 1_001, 999]])?,
/// ];
/// let composite = composite(&tests, &[0], 1, Probability::P95)?;
/// assert_eq!(format!("{:.3}", composite.scores[0].ratio), "1.000");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn composite(
    tests: &[Test],
    entries: &[usize],
    baseline: usize,
    confidence: Probability,
) -> Result<Composite, CompositeError> {
    composite_after_pilot(tests, entries, baseline, confidence, 0)
}

/// The same where the spread of the first `pilot_blocks` blocks decided how many blocks there are
/// (Stein): the intervals take their spread from them, where at least 2 of them are complete.
///
/// # Errors
///
/// As [`composite`].
pub fn composite_after_pilot(
    tests: &[Test],
    entries: &[usize],
    baseline: usize,
    confidence: Probability,
    pilot_blocks: usize,
) -> Result<Composite, CompositeError> {
    let mut all = entries.to_vec();
    all.push(baseline);
    check(tests, &all)?;
    let common: Vec<usize> = (0..tests.len())
        .filter(|&test| all.iter().all(|&entry| tests[test].table.takes_part(entry)))
        .collect();
    if common.is_empty() {
        return Err(CompositeError::NoCommonTest { tests: tests.len() });
    }
    let tables: Vec<&Table> = common.iter().map(|&test| &tests[test].table).collect();
    let blocks = complete_blocks(&tables, &all)?;
    let common_tests: Vec<&Test> = common.iter().map(|&test| &tests[test]).collect();
    let of_pilot = blocks.iter().filter(|&&block| block < pilot_blocks).count();
    let scores = entries
        .iter()
        .map(|&entry| score(&common_tests, [entry, baseline], &blocks, of_pilot, confidence))
        .collect::<Result<_, _>>()?;
    Ok(Composite { tests: common, blocks, scores })
}

fn check(tests: &[Test], all: &[usize]) -> Result<(), CompositeError> {
    let Some(first) = tests.first() else { return Err(CompositeError::NoCommonTest { tests: 0 }) };
    let (entries, blocks) = (first.table.entries(), first.table.blocks());
    if let Some(&entry) = all.iter().find(|&&entry| entry >= entries) {
        return Err(CompositeError::UnknownEntry { entry, entries });
    }
    for (test, Test { table, .. }) in tests.iter().enumerate() {
        let (found_entries, found_blocks) = (table.entries(), table.blocks());
        if (found_entries, found_blocks) != (entries, blocks) {
            return Err(CompositeError::Ragged {
                test,
                found_entries,
                found_blocks,
                entries,
                blocks,
            });
        }
    }
    Ok(())
}

fn score(
    tests: &[&Test],
    [entry, baseline]: [usize; 2],
    blocks: &[usize],
    of_pilot: usize,
    confidence: Probability,
) -> Result<Score, TableError> {
    if entry == baseline {
        let one = Ratio::from_ln(0.0);
        return Ok(Score { entry, ratio: one, interval: Interval { low: one, high: one } });
    }
    let number_of_tests = tests.len() as f64;
    let mut means = vec![0.0; blocks.len()];
    let mut rounding = 0.0;
    for Test { table, better } in tests {
        let pair = table.without_holes(&[entry, baseline], blocks);
        for (mean, (one, other)) in means.iter_mut().zip(pair.logs[0].iter().zip(&pair.logs[1])) {
            *mean += better.oriented(one - other) / number_of_tests;
        }
        rounding += pair.rounding_variance.iter().sum::<f64>() / number_of_tests.powi(2);
    }
    let complete = blocks.len();
    let differences = LogDifferences::new(means, rounding)
        .map_err(|_| TableError::TooFewBlocks { complete, blocks: complete })?;
    let after_pilot = differences.estimate_after_pilot(of_pilot);
    let estimate = after_pilot.unwrap_or_else(|_| differences.estimate());
    Ok(Score { entry, ratio: estimate.ratio(), interval: estimate.interval(confidence) })
}

#[cfg(test)]
mod tests {
    use super::{CompositeError, Coverage, Test, composite, coverage};
    use crate::table::Table;
    use crate::units::{Better, Probability};

    fn test(better: Better, rows: &[&[u64]]) -> Test {
        let holes = |row: &&[u64]| row.iter().map(|&n| (n > 0).then_some(n)).collect();
        Test { table: Table::new(rows.iter().map(holes).collect()).unwrap(), better }
    }

    const P95: Probability = Probability::P95;

    #[test]
    fn it_is_the_geometric_mean_of_the_ratios() {
        let tests = [
            test(Better::Higher, &[&[400_000, 400_400], &[100_000, 100_100]]),
            test(Better::Higher, &[&[100_000, 100_100], &[100_000, 100_100]]),
            test(Better::Lower, &[&[100_000, 100_100], &[200_000, 200_200]]),
        ];
        let composite = composite(&tests, &[1, 0], 1, P95).unwrap();
        // (4 * 1 * 2)^(1/3)
        assert_eq!(composite.scores[1].ratio.to_string(), "2.0000");
        assert_eq!(composite.scores[0].interval.to_string(), "[1.0000, 1.0000]");
        assert_eq!((composite.tests, composite.blocks), (vec![0, 1, 2], vec![0, 1]));
    }

    #[test]
    fn the_interval_is_that_of_the_block_means() {
        // Block means of the logs: 0.01, 0.02, 0.03; t(0.975, 2) s/sqrt(3) = 4.302653 * 0.0057735.
        let ln = |value: f64| (1e9 * value.exp()).round() as u64;
        let base: &[u64] = &[1_000_000_000; 3];
        let tests = [
            test(Better::Higher, &[&[ln(0.0), ln(0.05), ln(0.02)], base]),
            test(Better::Higher, &[&[ln(0.02), ln(-0.01), ln(0.04)], base]),
        ];
        let score = composite(&tests, &[0], 1, P95).unwrap().scores[0];
        assert!((score.ratio.ln() - 0.02).abs() < 1e-8);
        assert!((score.interval.high.ln() - 0.044_841_4).abs() < 1e-6, "{}", score.interval);
    }

    #[test]
    fn only_tests_that_all_have_are_in_it() {
        let whole: &[u64] = &[1_000; 5];
        let holes: &[u64] = &[1_000, 0, 0, 1_000, 1_000];
        let tests = [
            test(Better::Higher, &[whole, whole, whole]),
            test(Better::Higher, &[&[9_000; 5], whole, holes]),
        ];
        let of = |entries: &[usize]| composite(&tests, entries, 1, P95).unwrap();
        assert_eq!(of(&[0]).scores[0].ratio.to_string(), "3.0000");
        assert_eq!(of(&[0, 2]).scores[0].ratio.to_string(), "1.0000");
        assert_eq!(of(&[0, 2]).tests, [0]);
        assert_eq!(coverage(&tests, 0), Coverage { tests: 2, of: 2 });
        assert_eq!(coverage(&tests, 2), Coverage { tests: 1, of: 2 });
    }

    #[test]
    fn what_gives_no_composite_is_named() {
        let one = test(Better::Higher, &[&[1, 1], &[0, 0]]);
        let other = test(Better::Higher, &[&[1, 1], &[1, 1], &[1, 1]]);
        let error = |tests: &[Test], entries: &[usize]| {
            composite(tests, entries, 0, P95).unwrap_err().to_string()
        };
        let tests = [one, other];
        assert_eq!(
            error(&tests[..1], &[1]),
            "none of 1 tests has numbers for all entries and the baseline; \
             leave out the entries with the least coverage"
        );
        assert_eq!(error(&tests[..1], &[2]), "entry 2 is not in the tables, which have 2 entries");
        assert!(error(&tests, &[1]).starts_with("test 1 has 3 entries and 2 blocks"));
        assert_eq!(composite(&[], &[0], 0, P95), Err(CompositeError::NoCommonTest { tests: 0 }));
    }

    #[test]
    fn disjoint_blocks_are_too_few() {
        let tests = [
            test(Better::Higher, &[&[1, 1, 1, 1, 0], &[1, 1, 1, 1, 1]]),
            test(Better::Higher, &[&[1, 1, 1, 1, 1], &[1, 1, 1, 1, 1]]),
        ];
        assert_eq!(composite(&tests, &[0], 1, P95).unwrap().blocks, [0, 1, 2, 3]);
    }
}
