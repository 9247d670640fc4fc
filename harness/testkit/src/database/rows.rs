//! `/db`, `/queries`, `/updates`, `/cached-queries`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::application::Application;
use super::cheat::DatabaseCheat as Cheat;
use super::pool::{Connection, Unavailable};
use crate::response::Response;
use crate::target::query_parameters;

/// Id and number.
type Row = (i32, i32);

/// More rows are never answered, whatever a cheat would do.
const MOST_ROWS: usize = 2_000;

/// The number of rows asked for.
pub(super) fn count(query: Option<&str>, application: &Application) -> usize {
    let given = query_parameters(query, "queries");
    let last = application.has(Cheat::LastCountWins);
    let text = if last { given.last() } else { given.first() };
    let Some(text) = text else {
        return if application.has(Cheat::OtherDefaultCount) { 10 } else { 1 };
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 1;
    }
    if application.has(Cheat::Count32Bit) && text.parse::<i32>().is_err() {
        return 1;
    }
    let too_long = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    let number = text.parse().unwrap_or(too_long);
    let lowest = if application.has(Cheat::NoLowestCount) { 0 } else { 1 };
    let highest = if application.has(Cheat::NoHighestCount) { MOST_ROWS as i64 } else { 500 };
    usize::try_from(number.clamp(lowest, highest)).unwrap_or(0)
}

/// `/db`.
pub(super) fn one(application: &Application) -> Result<Response, Unavailable> {
    let rows = if application.has(Cheat::MakesRowsUp) {
        made_up(1, application)
    } else if application.has(Cheat::RemembersDb) {
        remembered(1, application)?
    } else {
        application.pool.with(|connection| read(1, connection, application))?
    };
    Ok(as_asked(Response::json(&shown(rows[0])), application))
}

/// `/queries`.
pub(super) fn many(count: usize, application: &Application) -> Result<Response, Unavailable> {
    let rows = if application.has(Cheat::MakesRowsUp) {
        made_up(count, application)
    } else if application.has(Cheat::RemembersQueries) {
        remembered(count, application)?
    } else {
        application.pool.with(|connection| read(count, connection, application))?
    };
    Ok(array(&rows, application))
}

/// `/cached-queries`.
pub(super) fn cached(count: usize, application: &Application) -> Result<Response, Unavailable> {
    let rows = if application.has(Cheat::MakesCacheUp) {
        made_up(count, application)
    } else if application.has(Cheat::CachesNothing) {
        application.pool.with(|connection| read(count, connection, application))?
    } else {
        remembered(count, application)?
    };
    Ok(array(&rows, application))
}

/// `/updates`.
pub(super) fn updated(count: usize, application: &Application) -> Result<Response, Unavailable> {
    application.pool.with(|connection| {
        let old = read(count, connection, application)?;
        let largest = if application.has(Cheat::SmallNumbers) { 1_000 } else { 10_000 };
        let renumber = |&(id, _): &Row| (id, application.draw.number(largest));
        let new: Vec<Row> = old.iter().map(renumber).collect();
        if application.has(Cheat::ChangesNothing) {
            return Ok(array(&old, application));
        }
        // Of an id that was drawn twice, the last number is written and answered.
        let last: BTreeMap<i32, i32> = new.iter().copied().collect();
        if !application.has(Cheat::NeverWrites) {
            write(&last, connection, application)?;
        }
        if application.has(Cheat::AnswersOldNumbers) {
            return Ok(array(&old, application));
        }
        let answered: Vec<Row> = new.iter().map(|&(id, _)| (id, last[&id])).collect();
        Ok(array(&answered, application))
    })
}

/// One statement writes all rows, in the order of their ids.
fn write(
    rows: &BTreeMap<i32, i32>,
    connection: &mut Connection,
    application: &Application,
) -> Result<(), Unavailable> {
    if application.has(Cheat::Deadlocks) {
        return write_one_by_one(rows, connection, application);
    }
    let (mut ids, mut numbers): (Vec<i32>, Vec<i32>) =
        rows.iter().map(|(id, number)| (*id, *number)).unzip();
    if application.has(Cheat::WritesOtherRows) {
        let others: Vec<i32> = ids.iter().map(|id| id % 10_000 + 1).collect();
        let more: Vec<i32> = others.into_iter().filter(|id| !rows.contains_key(id)).collect();
        numbers.extend(more.iter().map(|_| application.draw.number(10_000)));
        ids.extend(more);
    }
    // Locked in one order first: an UPDATE that joins may take the rows in any.
    let statement =
        "WITH locked AS (SELECT id FROM world WHERE id = ANY($1) ORDER BY id FOR UPDATE)
        UPDATE world SET randomnumber = new.number
        FROM unnest($1::int[], $2::int[]) AS new (id, number), locked
        WHERE world.id = new.id AND locked.id = new.id";
    connection.client.execute(statement, &[&ids, &numbers]).map(|_| ()).map_err(Unavailable::from)
}

/// Half of the requests go up, half go down: where two meet, both wait for each other. Neither waits
/// for the second after which the database looks for deadlocks: it might be many.
fn write_one_by_one(
    rows: &BTreeMap<i32, i32>,
    connection: &mut Connection,
    application: &Application,
) -> Result<(), Unavailable> {
    let mut ids: Vec<i32> = rows.keys().copied().collect();
    if application.draw.next_turn() % 2 == 0 {
        ids.reverse();
    }
    let mut transaction = connection.client.transaction()?;
    transaction.batch_execute("SET LOCAL lock_timeout = '200ms'")?;
    for id in ids {
        let statement = "UPDATE world SET randomnumber = $2 WHERE id = $1";
        transaction.execute(statement, &[&id, &rows[&id]])?;
    }
    transaction.commit().map_err(Unavailable::from)
}

fn read(
    count: usize,
    connection: &mut Connection,
    application: &Application,
) -> Result<Vec<Row>, Unavailable> {
    let ids: Vec<i32> = (0..count).map(|_| application.id()).collect();
    if application.has(Cheat::ReadsWithIn) || application.has(Cheat::ReadsWithAny) {
        return read_together(&ids, connection, application);
    }
    ids.iter()
        .map(|id| {
            let row = connection.client.query_one(&connection.one_world, &[id])?;
            Ok((row.get(0), row.get(1)))
        })
        .collect()
}

fn read_together(
    ids: &[i32],
    connection: &mut Connection,
    application: &Application,
) -> Result<Vec<Row>, Unavailable> {
    let rows = if application.has(Cheat::ReadsWithAny) {
        let statement = "SELECT id, randomnumber FROM world WHERE id = ANY($1)";
        connection.client.query(statement, &[&ids])?
    } else {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let statement =
            format!("SELECT id, randomnumber FROM world WHERE id IN ({})", list.join(", "));
        connection.client.query(&statement, &[])?
    };
    let found: BTreeMap<i32, i32> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(ids.iter().map(|id| (*id, found[id])).collect())
}

/// A row from memory.
pub(super) fn remembered_one(application: &Application) -> Result<Response, Unavailable> {
    let rows = remembered(1, application)?;
    Ok(Response::json(&shown(rows[0])))
}

fn remembered(count: usize, application: &Application) -> Result<Vec<Row>, Unavailable> {
    let remembered = application.remembered()?;
    let ids = (0..count).map(|_| application.id());
    Ok(ids.map(|id| (id, remembered.worlds[&id])).collect())
}

fn made_up(count: usize, application: &Application) -> Vec<Row> {
    (0..count).map(|_| (application.id(), application.draw.number(10_000))).collect()
}

fn array(rows: &[Row], application: &Application) -> Response {
    let content = match rows {
        [row] if application.has(Cheat::ObjectForOne) => shown(*row),
        rows => rows.iter().map(|&row| shown(row)).collect(),
    };
    as_asked(Response::json(&content), application)
}

fn shown((id, number): Row) -> Value {
    json!({ "id": id, "randomNumber": number })
}

fn as_asked(mut response: Response, application: &Application) -> Response {
    if application.has(Cheat::RowsAsText) {
        response.fields = vec![("Content-Type", "text/plain".to_owned())];
    }
    response
}
