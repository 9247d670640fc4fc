//! What a check asks beyond the shape of each response: whether rows really come from, and go to,
//! the database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What holds over all exchanges of a check together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DatabaseRule {
    /// The rows answered are rows of the table.
    Stored,
    /// The rows answered are rows that the table has, or had since the server started.
    StoredOnce,
    /// Every row is given another number behind the server first: the answers have the new ones.
    Fresh,
    /// The ids answered are drawn uniformly from 1 to 10000.
    UniformIds,
    /// The numbers answered are drawn uniformly from 1 to 10000.
    UniformNumbers,
    /// For each row answered, the table was read by a statement of its own.
    ReadOneByOne,
    /// After so many exchanges, rows come from memory: the table is read for a tenth of them at
    /// most.
    FromMemoryAfter(#[schemars(range(min = 1, max = 1_000))] u32),
    /// The rows answered are in the table afterwards, and no other row has changed.
    Written,
    /// The rows answered have other numbers than before.
    Renumbered,
    /// The page has the rows of the table and the one that is added, and no other.
    Page,
    /// The same, after rows were renamed and added behind the server: markup, every character that
    /// HTML gives a meaning, several scripts, the first and the last of the page.
    ChangedPage,
    /// For each page, the table is read by one statement.
    PageReadAtOnce,
    /// No statement sorts the table.
    UnsortedRead,
    /// The server has as many connections as `DATABASE_POOL`.
    WithinPool,
}

impl DatabaseRule {
    /// Whether the harness must see, or change, what is behind the server; else the answers alone
    /// tell.
    #[must_use]
    pub fn looks_behind(self) -> bool {
        !matches!(self, Self::UniformIds | Self::UniformNumbers)
    }
}
