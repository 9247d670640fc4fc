//! One number per entry and block, with holes where a trial was invalid.

use crate::ratio::rounding_variance;

/// An entry takes part when it has a number in at least this share of the blocks, in per cent.
///
/// Fewer means that the failures are the entry's own and not the machine's; numbers from only
/// those blocks in which it went well would flatter it.
pub const REQUIRED_PERCENT: usize = 80;

/// What was measured of one test: entries by blocks.
///
/// A hole (`None`) is a trial that gave no number: failed, or stopped by a gate. It is never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    rows: Vec<Vec<Option<u64>>>,
    blocks: usize,
}

/// Why numbers are no table, or a table has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// An entry with another number of blocks than the first.
    #[error("entry {entry} has {found} blocks, expected {expected}, as the first has; put holes")]
    Ragged {
        /// The entry, counted from 0.
        entry: usize,
        /// Its blocks.
        found: usize,
        /// Those of the first entry.
        expected: usize,
    },
    /// Zero has no logarithm.
    #[error("entry {entry} has 0 in block {block}, expected a positive number or a hole")]
    NotPositive {
        /// The entry, counted from 0.
        entry: usize,
        /// The block, counted from 0.
        block: usize,
    },
    /// Not two blocks in which everyone who takes part has a number.
    #[error(
        "{complete} of {blocks} blocks are complete for all entries, expected at least 2; \
         measure more blocks, or leave out the entries that fail"
    )]
    TooFewBlocks {
        /// Complete blocks.
        complete: usize,
        /// All blocks.
        blocks: usize,
    },
}

impl Table {
    /// The table of `rows`: for each entry, one number or hole per block.
    ///
    /// # Errors
    ///
    /// [`TableError::Ragged`] or [`TableError::NotPositive`].
    pub fn new(rows: Vec<Vec<Option<u64>>>) -> Result<Self, TableError> {
        let blocks = rows.first().map_or(0, Vec::len);
        for (entry, row) in rows.iter().enumerate() {
            if row.len() != blocks {
                return Err(TableError::Ragged { entry, found: row.len(), expected: blocks });
            }
            if let Some(block) = row.iter().position(|value| *value == Some(0)) {
                return Err(TableError::NotPositive { entry, block });
            }
        }
        Ok(Self { rows, blocks })
    }

    /// Number of entries.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.rows.len()
    }

    /// Number of blocks.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Whether `entry` has numbers in enough blocks ([`REQUIRED_PERCENT`], and 2) to take part.
    #[must_use]
    pub fn takes_part(&self, entry: usize) -> bool {
        let numbers = self.rows[entry].iter().flatten().count();
        numbers >= 2 && numbers * 100 >= self.blocks * REQUIRED_PERCENT
    }

    pub(crate) fn has(&self, entry: usize, block: usize) -> bool {
        self.rows[entry][block].is_some()
    }

    /// The part of `entries` and `blocks`, in which there is no hole.
    pub(crate) fn without_holes(&self, entries: &[usize], blocks: &[usize]) -> Complete {
        let numbers: Vec<Vec<u64>> = entries
            .iter()
            .map(|&entry| blocks.iter().filter_map(|&block| self.rows[entry][block]).collect())
            .collect();
        let ln = |row: &Vec<u64>| row.iter().map(|&number| (number as f64).ln()).collect();
        let rounding = |row: &Vec<u64>| {
            row.iter().map(|&number| rounding_variance(number)).sum::<f64>() / row.len() as f64
        };
        Complete {
            logs: numbers.iter().map(ln).collect(),
            rounding_variance: numbers.iter().map(rounding).collect(),
        }
    }
}

/// Logarithms without holes, and per entry the variance that rounding left in them.
#[derive(Clone, Debug)]
pub(crate) struct Complete {
    /// By entry, then by block.
    pub(crate) logs: Vec<Vec<f64>>,
    pub(crate) rounding_variance: Vec<f64>,
}

/// The blocks in which each of `entries` has a number in each of `tables`, if they are 2 or more.
pub(crate) fn complete_blocks(
    tables: &[&Table],
    entries: &[usize],
) -> Result<Vec<usize>, TableError> {
    let blocks = tables.iter().map(|table| table.blocks).max().unwrap_or(0);
    let is_complete = |block: &usize| {
        tables.iter().all(|table| entries.iter().all(|&entry| table.has(entry, *block)))
    };
    let complete: Vec<usize> = (0..blocks).filter(is_complete).collect();
    if complete.len() < 2 {
        return Err(TableError::TooFewBlocks { complete: complete.len(), blocks });
    }
    Ok(complete)
}

#[cfg(test)]
mod tests {
    use super::{Table, TableError, complete_blocks};

    #[test]
    fn bad_tables_are_named() {
        let ragged = Table::new(vec![vec![Some(1), None], vec![Some(1)]]);
        assert_eq!(ragged, Err(TableError::Ragged { entry: 1, found: 1, expected: 2 }));
        let zero = Table::new(vec![vec![Some(1), Some(0)]]);
        assert_eq!(zero, Err(TableError::NotPositive { entry: 0, block: 1 }));
    }

    #[test]
    fn an_entry_takes_part_from_four_fifths_of_the_blocks() {
        let row = |numbers: usize| (0..10).map(|block| (block < numbers).then_some(1)).collect();
        let table = Table::new(vec![row(10), row(8), row(7), row(0)]).unwrap();
        let taking_part: Vec<bool> = (0..4).map(|entry| table.takes_part(entry)).collect();
        assert_eq!(taking_part, [true, true, false, false]);
        let one_block = Table::new(vec![vec![Some(1)]]).unwrap();
        assert!(!one_block.takes_part(0));
    }

    #[test]
    fn only_blocks_complete_for_all_are_used() {
        let one =
            Table::new(vec![vec![Some(1), None, Some(3), Some(4)], vec![Some(5); 4]]).unwrap();
        let two =
            Table::new(vec![vec![Some(1); 4], vec![Some(1), Some(2), Some(3), None]]).unwrap();
        assert_eq!(complete_blocks(&[&one], &[0, 1]), Ok(vec![0, 2, 3]));
        assert_eq!(complete_blocks(&[&one, &two], &[0, 1]), Ok(vec![0, 2]));
        assert_eq!(one.without_holes(&[0], &[0, 2, 3]).logs, [[0.0, 3_f64.ln(), 4_f64.ln()]]);
        let none = Table::new(vec![vec![Some(1), None], vec![None, Some(1)]]).unwrap();
        let error = complete_blocks(&[&none], &[0, 1]);
        assert_eq!(error, Err(TableError::TooFewBlocks { complete: 0, blocks: 2 }));
    }
}
