//! Included by the integration tests of the Rust entries with a database: what is inside such a
//! server, tried against a real PostgreSQL. (How it answers when PostgreSQL fails is asked of
//! every entry by the harness's own tests.)

#[path = "../../../../harness/target/testing/needs.rs"]
mod needs;

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use entry_shared::fortunes::{self, Fortune};
use httpdyno_target::database::{Database, DatabaseSource};
use serde_json::Value;

use crate::testing::{DEADLINE, Response, Server, command, request};

const ENDPOINTS: [&str; 5] =
    ["/db", "/queries?queries=3", "/updates?queries=3", "/cached-queries?queries=3", "/fortunes"];

/// A private database; none (and a line that says so) when this machine has no PostgreSQL. With
/// `HTTPDYNO_REQUIRE_POSTGRES=1` its absence fails the test instead.
fn private() -> Option<Database> {
    needs::postgres(Database::start(&DatabaseSource::Private { bin_dir: None }, &[]))
}

/// Starts the program with a database.
fn start(program: &str, variant: &[&str], url: &str, pool: u64, workers: u64) -> Server {
    let mut command = command(program, 0, variant, Path::new("/nonexistent"));
    command.env("WORKERS", workers.to_string());
    command.env("DATABASE_URL", url).env("DATABASE_POOL", pool.to_string());
    Server::run(command)
}

/// Waits for something that comes by itself.
fn await_that(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < DEADLINE, "it never came about that {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Rows as `(id, number)`.
fn rows(response: &Response) -> Vec<(i64, i64)> {
    assert_eq!((response.status, response.field("content-type")), (200, Some("application/json")));
    let row = |row: &Value| (row["id"].as_i64().unwrap(), row["randomNumber"].as_i64().unwrap());
    match serde_json::from_slice(&response.body).unwrap() {
        Value::Array(array) => array.iter().map(row).collect(),
        one => vec![row(&one)],
    }
}

fn table(database: &mut Database) -> BTreeMap<i64, i64> {
    let worlds = database.worlds().unwrap();
    worlds.iter().map(|world| (world.id.into(), world.random_number.into())).collect()
}

/// Without `DATABASE_URL` the endpoints do not exist.
pub(crate) fn without_a_database_the_endpoints_are_missing(program: &str, variants: &[&[&str]]) {
    for variant in variants {
        let server = Server::start(program, variant, Path::new("/nonexistent"));
        for target in ENDPOINTS {
            assert_eq!(server.get(target).status, 404, "{target}");
            assert_eq!(server.ask("DELETE", target, &[]).status, 404, "{target}");
        }
        assert_eq!(server.get("/plaintext").status, 200);
    }
}

/// Rows, pages and counts are those of the tables; what is updated is what is answered.
pub(crate) fn answers_are_those_of_the_tables(program: &str, variants: &[&[&str]]) {
    let Some(mut database) = private() else { return };
    for variant in variants {
        let server = start(program, variant, &database.url(), 4, 2);
        let before = table(&mut database);
        for (target, count) in [
            ("/db", 1),
            ("/queries", 1),
            ("/queries?queries=foo", 1),
            ("/queries?queries=0", 1),
            ("/queries?queries=20", 20),
            ("/queries?queries=99999999999999999999", 500),
            ("/queries?queries=3&queries=9", 3),
            ("/cached-queries?queries=500", 500),
            ("/cached-queries?queries=100", 100),
        ] {
            let rows = rows(&server.get(target));
            assert_eq!(rows.len(), count, "{target}");
            assert!(rows.iter().all(|(id, number)| before.get(id) == Some(number)), "{target}");
        }
        // Of 500 drawn from 10,000, some are drawn twice (but for a chance of 4 in a million).
        for count in [1, 20, 500] {
            let updated = rows(&server.get(&format!("/updates?queries={count}")));
            assert_eq!(updated.len(), count);
            let after = table(&mut database);
            assert!(updated.iter().all(|(id, number)| after.get(id) == Some(number)));
        }
        let stored = database.fortunes().unwrap();
        let stored = stored.iter().map(|f| Fortune { id: f.id, message: (&f.message).into() });
        let page = server.get("/fortunes");
        assert_eq!(page.field("content-type"), Some(fortunes::CONTENT_TYPE));
        assert_eq!(page.text(), fortunes::page(stored));
        for target in ENDPOINTS {
            assert_eq!(server.ask("HEAD", target, &[]).status, 200, "{target}");
            let wrong = server.ask("DELETE", target, &[]);
            assert_eq!((wrong.status, wrong.field("allow").is_some()), (405, true), "{target}");
        }
        drop(server);
        database.reset().unwrap();
    }
}

fn count(database: &mut Database) -> u64 {
    database.server_connections().unwrap()
}

/// All connections are opened at once, none is added under load, whatever the numbers.
pub(crate) fn connections_are_as_many_as_allowed(program: &str, variants: &[&[&str]]) {
    let Some(mut database) = private() else { return };
    for variant in variants {
        for (pool, workers) in [(1, 2), (3, 2), (2, 4), (16, 2)] {
            await_that("the server before is gone", || count(&mut database) == 0);
            let server = start(program, variant, &database.url(), pool, workers);
            await_that("all are open", || count(&mut database) == pool);
            let mut clients: Vec<_> = (0..48).map(|_| server.connect()).collect();
            for target in ENDPOINTS {
                for client in &mut clients {
                    client.send(&request("GET", target, &[], b""));
                }
                assert_eq!(count(&mut database), pool);
                for client in &mut clients {
                    assert_eq!(client.response(false).status, 200, "{target}");
                }
            }
            assert_eq!(count(&mut database), pool);
        }
    }
}

/// What waits for a lock is answered 503 in time, keeps nothing else waiting and spoils nothing.
pub(crate) fn a_lock_costs_only_the_requests_it_meets(program: &str, variants: &[&[&str]]) {
    let Some(mut database) = private() else { return };
    let mut other = postgres::Client::connect(&database.url(), postgres::NoTls).unwrap();
    for variant in variants {
        let server = start(program, variant, &database.url(), 2, 2);
        assert_eq!(server.get("/db").status, 200);
        let mut lock = other.transaction().unwrap();
        lock.batch_execute("LOCK TABLE world IN ACCESS EXCLUSIVE MODE").unwrap();
        let mut clients: Vec<_> = (0..24).map(|_| server.connect()).collect();
        for client in &mut clients {
            client.send(&request("GET", "/queries?queries=5", &[], b""));
        }
        assert_eq!(server.get("/plaintext").status, 200);
        for client in &mut clients {
            assert_eq!(client.response(false).status, 503);
        }
        lock.rollback().unwrap();
        await_that("rows come again", || server.get("/db").status == 200);
        let table = table(&mut database);
        for client in &mut clients {
            for count in [1, 7, 2] {
                let target = format!("/queries?queries={count}");
                client.send(&request("GET", &target, &[], b""));
                let rows = rows(&client.response(false));
                assert_eq!(rows.len(), count);
                assert!(rows.iter().all(|(id, number)| table.get(id) == Some(number)));
            }
        }
    }
}
