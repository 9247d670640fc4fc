//! Tables and rows: making them, putting them back, reading them.

use postgres::{Client, GenericClient, Transaction};

use super::error::{DatabaseError, failed};
use super::rows::{Fortune, SEED_DIGEST, World, digest, fortunes, worlds};

/// Plain tables with a primary key each, as published suites have them.
const TABLES: &str = "
    CREATE TABLE world (id integer PRIMARY KEY, randomnumber integer NOT NULL);
    CREATE TABLE fortune (id integer PRIMARY KEY, message varchar(2048) NOT NULL);";

/// Makes the tables and fills them, in one transaction. `role` is let in where it is another than
/// ours.
pub(super) fn create(client: &mut Client, role: Option<&str>) -> Result<(), DatabaseError> {
    let making = failed("create the tables");
    let mut transaction = client.transaction().map_err(&making)?;
    transaction.batch_execute(TABLES).map_err(&making)?;
    if let Some(role) = role {
        let grants =
            format!("GRANT SELECT, UPDATE ON world TO {role}; GRANT SELECT ON fortune TO {role};");
        transaction.batch_execute(&grants).map_err(&making)?;
    }
    fill(transaction)?;
    tidy(client)
}

/// Puts the seeded rows back, in one transaction.
pub(super) fn reset(client: &mut Client) -> Result<(), DatabaseError> {
    let emptying = failed("empty the tables");
    let mut transaction = client.transaction().map_err(&emptying)?;
    transaction.batch_execute("TRUNCATE world, fortune").map_err(&emptying)?;
    fill(transaction)?;
    tidy(client)
}

/// Checks that the tables hold the seeded rows.
pub(super) fn verify(client: &mut impl GenericClient) -> Result<(), DatabaseError> {
    let actual = digest(&read_worlds(client)?, &read_fortunes(client)?);
    if actual == SEED_DIGEST {
        Ok(())
    } else {
        Err(DatabaseError::Digest { actual, expected: SEED_DIGEST })
    }
}

/// All rows of `world`, by id.
pub(super) fn read_worlds(client: &mut impl GenericClient) -> Result<Vec<World>, DatabaseError> {
    let rows = client
        .query("SELECT id, randomnumber FROM world ORDER BY id", &[])
        .map_err(failed("read the worlds"))?;
    Ok(rows.iter().map(|row| World { id: row.get(0), random_number: row.get(1) }).collect())
}

/// All rows of `fortune`, by id.
pub(super) fn read_fortunes(
    client: &mut impl GenericClient,
) -> Result<Vec<Fortune>, DatabaseError> {
    let rows = client
        .query("SELECT id, message FROM fortune ORDER BY id", &[])
        .map_err(failed("read the fortunes"))?;
    Ok(rows.iter().map(|row| Fortune { id: row.get(0), message: row.get(1) }).collect())
}

/// Fills empty tables, and commits only if they then hold the declared rows.
fn fill(mut transaction: Transaction<'_>) -> Result<(), DatabaseError> {
    let filling = failed("fill the tables");
    let (ids, numbers): (Vec<i32>, Vec<i32>) =
        worlds().iter().map(|world| (world.id, world.random_number)).unzip();
    let world = "INSERT INTO world SELECT * FROM unnest($1::int[], $2::int[])";
    transaction.execute(world, &[&ids, &numbers]).map_err(&filling)?;
    let (ids, messages): (Vec<i32>, Vec<String>) =
        fortunes().into_iter().map(|fortune| (fortune.id, fortune.message)).unzip();
    let fortune = "INSERT INTO fortune SELECT * FROM unnest($1::int[], $2::text[])";
    transaction.execute(fortune, &[&ids, &messages]).map_err(&filling)?;
    verify(&mut transaction)?;
    transaction.commit().map_err(&filling)
}

/// Leaves nothing over that would run in the middle of a trial: statistics to gather, pages to
/// write.
fn tidy(client: &mut Client) -> Result<(), DatabaseError> {
    for statement in ["VACUUM (ANALYZE) world", "VACUUM (ANALYZE) fortune"] {
        client.batch_execute(statement).map_err(failed("vacuum the tables"))?;
    }
    // On somebody else's server we may not be allowed to; a checkpoint then comes when it comes.
    let may: bool = client
        .query_one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", &[])
        .map_err(failed("read the role"))?
        .get(0);
    if may {
        client.batch_execute("CHECKPOINT").map_err(failed("make a checkpoint"))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "../../testing/needs.rs"]
mod needs;

#[cfg(test)]
mod tests {
    use super::{create, needs};
    use crate::{Database, DatabaseSource};

    /// Lets the rows of `world` in, and none of `fortune`.
    const NO_FORTUNE: &str = "
        CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF to_regclass('fortune') IS NOT NULL THEN
                ALTER TABLE fortune ADD CONSTRAINT none CHECK (id < 0);
            END IF;
        END $$;
        CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
            EXECUTE FUNCTION refuse();";

    #[test]
    fn tables_that_cannot_be_filled_are_not_made() {
        let started = Database::start(&DatabaseSource::Private { bin_dir: None }, &[]);
        let Some(database) = needs::postgres(started) else { return };
        let mut client = database.own.reconnect().expect("connected");
        client.batch_execute("DROP TABLE world, fortune").expect("dropped");
        client.batch_execute(NO_FORTUNE).expect("an event trigger");
        let failed = create(&mut client, None).expect_err("refused").to_string();
        assert!(failed.contains("fill the tables") && failed.contains("\"none\""), "{failed}");
        for table in ["world", "fortune"] {
            let row = client.query_one("SELECT to_regclass($1)::text", &[&table]);
            assert_eq!(row.expect("asked").get::<_, Option<String>>(0), None, "{table}");
        }
        client.batch_execute("DROP EVENT TRIGGER refuse").expect("dropped");
        create(&mut client, None).expect("filled without it");
    }
}
