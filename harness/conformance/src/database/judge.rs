//! What the rows, tables and statements of one check say. Pure.

use super::probe::Executions;
use super::statements::{Statements, reads, sorts};
use crate::rules::{ADDED_FORTUNE, WorldRow};

/// What does not hold: a label that is the same in every run, and a text with the values.
pub(super) type Judgement = Result<(), (&'static str, String)>;

/// The numbers of `world`, by id from 1.
pub(super) type Table = Vec<i32>;

fn number_in(table: &Table, id: u16) -> Option<i32> {
    table.get(usize::from(id).checked_sub(1)?).copied()
}

/// Every row is one of some table.
pub(super) fn stored(rows: &[WorldRow], tables: &[Table], label: &'static str) -> Judgement {
    for row in rows {
        let held = |table: &Table| number_in(table, row.id) == Some(row.number.into());
        if !tables.iter().any(held) {
            let held: Vec<String> = tables
                .iter()
                .filter_map(|table| number_in(table, row.id).map(|number| number.to_string()))
                .collect();
            return Err((
                label,
                format!(
                    "the answer has {} for id {}; the table has {}",
                    row.number,
                    row.id,
                    held.join(", earlier or later ")
                ),
            ));
        }
    }
    Ok(())
}

/// The table has the numbers answered (of an id that was drawn twice one of them), and no other row
/// has changed.
pub(super) fn written(rows: &[WorldRow], before: &Table, after: &Table) -> Judgement {
    for row in rows {
        let stored = number_in(after, row.id);
        let answered =
            |other: &WorldRow| other.id == row.id && stored == Some(i32::from(other.number));
        if !rows.iter().any(answered) {
            let stored = stored.unwrap_or_default();
            return Err((
                "not written",
                format!(
                    "the answer has {} for id {}; the table has {stored} afterwards",
                    row.number, row.id
                ),
            ));
        }
    }
    let changed = (1_u16..).zip(before.iter().zip(after)).filter(|(_, (old, new))| old != new);
    for (id, (old, new)) in changed {
        if !rows.iter().any(|row| row.id == id) {
            return Err((
                "other rows changed",
                format!("id {id}, which is in no answer, went from {old} to {new}"),
            ));
        }
    }
    Ok(())
}

/// The numbers are new. By chance a new number is the old one once in 10,000 times; of 1,000 rows
/// more than six are so less than once in 10^9 runs.
pub(super) fn renumbered(rows: &[WorldRow], before: &Table) -> Judgement {
    let same = rows.iter().filter(|row| number_in(before, row.id) == Some(row.number.into()));
    let (same, allowed) = (same.count(), 5 + rows.len() / 1000);
    if same <= allowed {
        return Ok(());
    }
    let text = format!(
        "{same} of {} rows have the number they had before, expected {allowed} at most",
        rows.len()
    );
    Err(("old numbers", text))
}

/// As many statements as rows, of one row each.
pub(super) fn read_one_by_one(statements: &Statements, rows: usize) -> Judgement {
    let (texts, Executions { calls, rows: read }) = reads(statements, "world");
    let wanted = rows as u64;
    if calls == wanted && read == wanted {
        return Ok(());
    }
    let label = match () {
        () if calls == 0 => "no statement",
        () if calls < wanted && read >= wanted => "rows read together",
        () if calls < wanted => "too few statements",
        () => "too many statements or rows",
    };
    let text = format!(
        "{rows} rows were answered, {calls} statements read {read} rows of `world`; expected a \
         statement for each row: {}",
        texts.join(" | ")
    );
    Err((label, text))
}

/// At most a tenth as many statements as rows.
pub(super) fn from_memory(statements: &Statements, rows: usize) -> Judgement {
    let (texts, Executions { calls, .. }) = reads(statements, "world");
    if calls * 10 <= rows as u64 {
        return Ok(());
    }
    let text = format!(
        "{rows} rows were answered from a warm cache, and {calls} statements read `world` \
         meanwhile; expected {} at most: {}",
        rows / 10,
        texts.join(" | ")
    );
    Err(("not from memory", text))
}

/// The rows of the page are those of the table and the one that is added.
pub(super) fn page(rows: &[(u32, String)], table: &[(i32, String)]) -> Judgement {
    let stored = table.iter().map(|(id, message)| (i64::from(*id), message.as_str()));
    let added = (0, ADDED_FORTUNE);
    let mut wanted: Vec<(i64, &str)> = stored.chain([added]).collect();
    let mut found: Vec<(i64, &str)> =
        rows.iter().map(|(id, message)| (i64::from(*id), message.as_str())).collect();
    wanted.sort_unstable();
    found.sort_unstable();
    if let Some((id, message)) = wanted.iter().find(|row| !found.contains(row)) {
        let text = format!("the row {id} `{message}` of the table is not on the page");
        return Err(("rows are missing", text));
    }
    match found == wanted {
        true => Ok(()),
        false => Err((
            "more rows than the table",
            format!("the page has {} rows, expected {}", found.len(), wanted.len()),
        )),
    }
}

/// One statement for each page.
pub(super) fn page_read_at_once(statements: &Statements, pages: usize, table: usize) -> Judgement {
    let (texts, Executions { calls, rows }) = reads(statements, "fortune");
    if calls == pages as u64 && rows == (pages * table) as u64 {
        return Ok(());
    }
    let text = format!(
        "{pages} pages were answered, {calls} statements read {rows} rows of `fortune`; expected \
         one statement of {table} rows for each page: {}",
        texts.join(" | ")
    );
    Err((if calls == 0 { "no statement" } else { "not one statement" }, text))
}

/// None of the statements sorts.
pub(super) fn unsorted(statements: &Statements) -> Judgement {
    let (texts, _) = reads(statements, "fortune");
    match texts.iter().find(|text| sorts(text)) {
        Some(text) => {
            Err(("sorted by the database", format!("the database is asked to sort: {text}")))
        }
        None if texts.is_empty() => {
            Err(("no statement", "no statement has read `fortune`".to_owned()))
        }
        None => Ok(()),
    }
}

/// As many connections as the server was told to have.
pub(super) fn within_pool(most: u64, pool: u32) -> Judgement {
    match most {
        0 => Err(("no connection", "the server has no connection to the database".to_owned())),
        _ if most > pool.into() => Err((
            "more connections than DATABASE_POOL",
            format!("the server had {most} connections at the same time, DATABASE_POOL is {pool}"),
        )),
        _ if most < pool.into() => Err((
            "fewer connections than DATABASE_POOL",
            format!(
                "the server had {most} connections under load, DATABASE_POOL is {pool}; open them all \
                 at the start and keep them"
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u16, number: u16) -> WorldRow {
        WorldRow { id, number }
    }

    fn label(judgement: Judgement) -> &'static str {
        judgement.expect_err("it does not hold").0
    }

    #[test]
    fn rows_are_compared_with_every_table_allowed() {
        let (old, new) = (vec![5, 6], vec![7, 8]);
        assert!(stored(&[row(1, 5), row(2, 8)], &[old.clone(), new], "x").is_ok());
        assert_eq!(label(stored(&[row(1, 7)], std::slice::from_ref(&old), "x")), "x");
        assert!(stored(&[row(3, 7)], &[old], "x").is_err(), "there is no row 3");
    }

    #[test]
    fn what_is_answered_is_written_and_nothing_else() {
        let before = vec![1, 2, 3];
        assert!(written(&[row(1, 9), row(1, 8)], &before, &vec![8, 2, 3]).is_ok());
        assert_eq!(label(written(&[row(1, 9)], &before, &before)), "not written");
        assert_eq!(label(written(&[row(1, 9)], &before, &vec![9, 9, 3])), "other rows changed");
    }

    #[test]
    fn a_few_numbers_may_be_the_old_ones() {
        let before = vec![7; 20];
        let rows = |same: u16| (1..=20).map(move |id| row(id, if id <= same { 7 } else { 8 }));
        assert!(renumbered(&rows(5).collect::<Vec<_>>(), &before).is_ok());
        assert_eq!(label(renumbered(&rows(6).collect::<Vec<_>>(), &before)), "old numbers");
    }

    #[test]
    fn statements_are_counted_against_rows() {
        let of = |calls, rows| {
            let text = "SELECT id, randomnumber FROM world WHERE id = $1".to_owned();
            Statements::from([(text, Executions { calls, rows })])
        };
        assert!(read_one_by_one(&of(20, 20), 20).is_ok());
        assert_eq!(label(read_one_by_one(&of(1, 20), 20)), "rows read together");
        assert_eq!(label(read_one_by_one(&of(19, 19), 20)), "too few statements");
        assert_eq!(label(read_one_by_one(&of(21, 21), 20)), "too many statements or rows");
        assert_eq!(label(read_one_by_one(&Statements::new(), 20)), "no statement");
        assert!(from_memory(&of(2, 2), 20).is_ok() && from_memory(&of(3, 3), 20).is_err());
    }

    #[test]
    fn the_page_is_the_table_and_one_row_more() {
        let table = vec![(1, "b".to_owned())];
        let added = (0, ADDED_FORTUNE.to_owned());
        assert!(page(&[added.clone(), (1, "b".into())], &table).is_ok());
        assert_eq!(label(page(&[added.clone(), (1, "c".into())], &table)), "rows are missing");
        let more = [added, (1, "b".into()), (2, "b".into())];
        assert_eq!(label(page(&more, &table)), "more rows than the table");
    }

    #[test]
    fn pages_read_once_and_unsorted() {
        let of = |text: &str, calls, rows| {
            Statements::from([(text.to_owned(), Executions { calls, rows })])
        };
        let plain = of("SELECT id, message FROM fortune", 3, 36);
        assert!(page_read_at_once(&plain, 3, 12).is_ok() && unsorted(&plain).is_ok());
        assert!(page_read_at_once(&plain, 4, 12).is_err());
        let sorted = of("SELECT id, message FROM fortune ORDER BY message", 3, 36);
        assert_eq!(label(unsorted(&sorted)), "sorted by the database");
        assert_eq!(label(unsorted(&Statements::new())), "no statement");
    }

    #[test]
    fn connections_are_as_many_as_the_pool() {
        assert!(within_pool(1, 1).is_ok() && within_pool(16, 16).is_ok());
        assert_eq!(label(within_pool(0, 16)), "no connection");
        assert_eq!(label(within_pool(15, 16)), "fewer connections than DATABASE_POOL");
        assert_eq!(label(within_pool(17, 16)), "more connections than DATABASE_POOL");
    }
}
