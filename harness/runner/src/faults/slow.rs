//! A database that is merely slow can be used: nothing is refused, and no row is another's.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use httpdyno_spec::SpecTree;
use httpdyno_target::Database;
use httpdyno_target::database::World;

use super::ask::{Asked, Questions};
use super::{ANSWER_LIMIT, RECOVERY_LIMIT};
use crate::entry::Entry;
use crate::error::ConformError;

/// How much longer each statement takes.
const LONGER: Duration = Duration::from_millis(300);

/// A read and a write of one row take three times as long: below the second for which the contract
/// demands rows.
const ROWS: u32 = 1;

/// Each statement takes longer for a while; the error says what was not answered rightly, or was
/// still slow afterwards.
pub(super) fn suffer(
    (tree, entry): (&SpecTree, &Entry),
    address: SocketAddr,
    database: &mut Database,
) -> Result<Result<(), String>, ConformError> {
    let questions = Questions::with(tree, entry, ROWS);
    // What a server remembers is wrong from now on.
    database.renumber_worlds()?;
    database.slow_statements(Some(LONGER))?;
    let before = database.worlds()?;
    // In turn, so that none waits for the connection or the statements of another.
    let asked = questions.ask_in_turn(address);
    let after = database.worlds()?;
    database.slow_statements(None)?;
    let rightly = asked.all_well().and_then(|()| asked.either(ANSWER_LIMIT));
    let rightly = rightly
        .and_then(|()| asked_the_database(&asked))
        .and_then(|()| are_in_the_table(&asked, &before, &after))
        .map_err(|why| format!("while each statement takes {} ms: {why}", LONGER.as_millis()));
    Ok(rightly.and_then(|()| quick_again(&questions, address)))
}

/// Nothing was answered sooner than a statement takes.
fn asked_the_database(asked: &Asked) -> Result<(), String> {
    match asked.all.iter().find(|one| !one.cached && one.after < LONGER) {
        Some(one) => Err(format!(
            "GET {} is answered after {} ms, sooner than any statement is",
            one.path,
            one.after.as_millis()
        )),
        None => Ok(()),
    }
}

/// What was read is in the table, or an update of the same moment wrote it; what was written is there
/// afterwards.
fn are_in_the_table(asked: &Asked, before: &[World], after: &[World]) -> Result<(), String> {
    let numbers = |table: &[World]| -> BTreeMap<i32, i32> {
        table.iter().map(|world| (world.id, world.random_number)).collect()
    };
    let (before, after) = (numbers(before), numbers(after));
    let rows = |updates: bool| {
        let of_kind =
            asked.all.iter().filter(move |one| !one.cached && is_update(&one.path) == updates);
        of_kind.flat_map(|one| {
            one.worlds
                .iter()
                .map(|row| (one.path.as_str(), i32::from(row.id), i32::from(row.number)))
        })
    };
    let written: BTreeSet<(i32, i32)> = rows(true).map(|(_, id, number)| (id, number)).collect();
    let in_table = |table: &BTreeMap<i32, i32>, id| table.get(&id).copied().unwrap_or_default();
    for (path, id, number) in rows(false) {
        let held = in_table(&before, id);
        if held != number && !written.contains(&(id, number)) {
            return Err(format!("GET {path} has {number} for id {id}; the table has {held}"));
        }
    }
    for (path, id, number) in rows(true) {
        let held = in_table(&after, id);
        if !written.contains(&(id, held)) {
            return Err(format!(
                "GET {path} has {number} for id {id}; the table has {held} afterwards"
            ));
        }
    }
    Ok(())
}

fn is_update(path: &str) -> bool {
    path.starts_with("/updates")
}

/// All is answered sooner than one slow statement was, as soon as what waited is through.
fn quick_again(questions: &Questions, address: SocketAddr) -> Result<(), String> {
    let deadline = Instant::now() + RECOVERY_LIMIT;
    loop {
        let asked = questions.ask_in_turn(address);
        asked.well_or_refused().map_err(|why| format!("after the database was slow: {why}"))?;
        match asked.all_well().and_then(|()| asked.either(LONGER)) {
            Ok(()) => return Ok(()),
            Err(why) if Instant::now() >= deadline => {
                let waited_s = RECOVERY_LIMIT.as_secs();
                return Err(format!("{waited_s} s after the database was slow: {why}"));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Asked, Duration, LONGER, World, are_in_the_table, asked_the_database};

    fn table(rows: &[(i32, i32)]) -> Vec<World> {
        rows.iter().map(|&(id, random_number)| World { id, random_number }).collect()
    }

    #[test]
    fn whoever_is_quicker_than_a_statement_has_asked_nobody() {
        let soon = LONGER - Duration::from_millis(1);
        let cached = Asked::made_up(&[("/cached-queries", &[], soon), ("/db", &[], LONGER)]);
        assert_eq!(asked_the_database(&cached), Ok(()));
        let told = asked_the_database(&Asked::made_up(&[("/db", &[], soon)])).expect_err("soon");
        assert!(told.contains("after 299 ms"), "{told}");
    }

    #[test]
    fn rows_are_those_of_the_table_or_of_an_update_of_the_same_moment() {
        let (before, after) = (table(&[(1, 10), (2, 20)]), table(&[(1, 10), (2, 22)]));
        let judge = |all: &[(&str, &[(u16, u16)])]| {
            let all: Vec<_> = all.iter().map(|&(path, rows)| (path, rows, LONGER)).collect();
            are_in_the_table(&Asked::made_up(&all), &before, &after)
        };
        let update: (&str, &[(u16, u16)]) = ("/updates", &[(2, 22)]);
        assert_eq!(
            judge(&[update, ("/db", &[(1, 10)]), ("/queries", &[(2, 20), (2, 22)])]),
            Ok(())
        );
        // Two updates of one row: the table has one of them.
        assert_eq!(judge(&[update, ("/updates", &[(2, 21)])]), Ok(()));
        assert_eq!(judge(&[("/cached-queries", &[(1, 11)])]), Ok(()));
        for (wrong, why) in [
            (("/db", &[(1, 11)]), "GET /db has 11 for id 1; the table has 10"),
            (("/updates", &[(1, 11)]), "the table has 10 afterwards"),
        ] {
            let told = judge(&[update, (wrong.0, wrong.1)]).expect_err(why);
            assert!(told.ends_with(why), "{told}");
        }
    }
}
