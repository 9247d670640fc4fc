//! Counting the statements that servers under test send.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use postgres::Client;
use serde::{Deserialize, Serialize};

use super::error::{DatabaseError, failed};

/// How long statements may still run when they are to be counted.
const SETTLE_LIMIT: Duration = Duration::from_secs(10);

/// How often a statement was executed, and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementCount {
    /// Executions.
    pub calls: u64,
    /// Rows returned or changed, over all executions.
    pub rows: u64,
}

/// Executions of each statement, by its normalised text: constants are `$1`, `$2`, ..., so that
/// one text stands for all executions that differ in values only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementCounts {
    /// By normalised text, as its client wrote it otherwise.
    pub statements: BTreeMap<String, StatementCount>,
}

impl StatementCounts {
    /// What came on top of `earlier`; statements that were not executed in between are left out.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let newer = self.statements.iter().filter_map(|(text, now)| {
            let before = earlier.statements.get(text).copied().unwrap_or_default();
            let count = StatementCount {
                calls: now.calls.saturating_sub(before.calls),
                rows: now.rows.saturating_sub(before.rows),
            };
            (count.calls > 0).then(|| (text.clone(), count))
        });
        Self { statements: newer.collect() }
    }

    /// The sum over the statements whose text `is_counted`.
    #[must_use]
    pub fn sum(&self, is_counted: impl Fn(&str) -> bool) -> StatementCount {
        let mut sum = StatementCount::default();
        for (_, count) in self.statements.iter().filter(|(text, _)| is_counted(text)) {
            sum.calls += count.calls;
            sum.rows += count.rows;
        }
        sum
    }
}

/// The executions of `role` (the harness's own where it is none) in this database until now.
///
/// A client may have its rows before the server has counted the statement. So this first waits
/// until no other session of the database executes anything: a session becomes idle only after
/// its statements have been counted.
pub(super) fn read(
    client: &mut Client,
    role: Option<&str>,
) -> Result<StatementCounts, DatabaseError> {
    settle(client)?;
    let rows = client
        .query(
            "SELECT query, sum(calls)::bigint, sum(rows)::bigint FROM pg_stat_statements
             WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND userid = (SELECT oid FROM pg_roles
                             WHERE rolname = coalesce($1, current_user::text))
               AND query NOT LIKE '%pg_stat_%'
             GROUP BY query",
            &[&role],
        )
        .map_err(failed("read the statement counts"))?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let statements = rows
        .iter()
        .map(|row| {
            (row.get(0), StatementCount { calls: count(row.get(1)), rows: count(row.get(2)) })
        })
        .collect();
    Ok(StatementCounts { statements })
}

/// The sum of all executions of `role` until now, while statements go on: those under way do not
/// count yet. The statements that begin and end transactions count like any other.
pub(super) fn read_running(
    client: &mut Client,
    role: Option<&str>,
) -> Result<StatementCount, DatabaseError> {
    let row = client
        .query_one(
            "SELECT coalesce(sum(calls), 0)::bigint, coalesce(sum(rows), 0)::bigint
             FROM pg_stat_statements
             WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND userid = (SELECT oid FROM pg_roles
                             WHERE rolname = coalesce($1, current_user::text))
               AND query NOT LIKE '%pg_stat_%'",
            &[&role],
        )
        .map_err(failed("read the statement counts"))?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(StatementCount { calls: count(row.get(0)), rows: count(row.get(1)) })
}

fn settle(client: &mut Client) -> Result<(), DatabaseError> {
    let deadline = Instant::now() + SETTLE_LIMIT;
    loop {
        let active: i64 = client
            .query_one(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                   AND backend_type = 'client backend' AND state = 'active'",
                &[],
            )
            .map_err(failed("read the sessions"))?
            .get(0);
        if active == 0 {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(DatabaseError::NotSettled { active, waited_s: SETTLE_LIMIT.as_secs() });
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::{StatementCount, StatementCounts};

    fn counts(statements: &[(&str, u64, u64)]) -> StatementCounts {
        let count = |&(text, calls, rows): &(&str, u64, u64)| {
            (text.to_owned(), StatementCount { calls, rows })
        };
        StatementCounts { statements: statements.iter().map(count).collect() }
    }

    #[test]
    fn only_what_came_on_top_counts() {
        let before = counts(&[("SELECT 1", 5, 5), ("BEGIN", 2, 0)]);
        let after = counts(&[("SELECT 1", 8, 8), ("BEGIN", 2, 0), ("UPDATE x", 1, 20)]);
        let between = after.since(&before);
        assert_eq!(between, counts(&[("SELECT 1", 3, 3), ("UPDATE x", 1, 20)]));
        assert_eq!(between.sum(|_| true), StatementCount { calls: 4, rows: 23 });
        assert_eq!(between.sum(|text| text.starts_with('U')).rows, 20);
    }
}
