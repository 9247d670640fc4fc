//! Against PostgreSQL. Where there is none on the machine these tests say so and are skipped;
//! with `HTTPDYNO_REQUIRE_POSTGRES=1` its absence fails them.

#[path = "../../../../../harness/target/testing/needs.rs"]
mod needs;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use httpdyno_target::database::{Database, DatabaseSource};

use super::super::{Address, Answer, Batch, Error, Pool, Sessions, Statement, Value, int, text};
use super::{eventually, in_coroutines, soon};

const WORLD: Statement =
    Statement { name: "world", text: "SELECT id, randomnumber FROM world WHERE id = $1" };
const DIVIDE: Statement = Statement { name: "divide", text: "SELECT 10 / $1::int4" };
const SUM: Statement =
    Statement { name: "sum", text: "SELECT sum(n)::int4 FROM unnest($1::int4[]) n" };
const PROCESS: Statement = Statement { name: "process", text: "SELECT pg_backend_pid()" };
const FORTUNES: Statement = Statement { name: "fortunes", text: "SELECT id, message FROM fortune" };
const SESSIONS: Sessions =
    Sessions { statements: &[WORLD, DIVIDE, SUM, PROCESS, FORTUNES], options: "-c jit=off" };

/// A database, unless PostgreSQL is absent.
fn database() -> Option<Database> {
    needs::postgres(Database::start(&DatabaseSource::Private { bin_dir: None }, &[]))
}

fn pool(database: &Database, size: usize) -> Arc<Pool> {
    Arc::new(Pool::start(Address::parse(&database.url()).unwrap(), size, SESSIONS))
}

fn ask(pool: &Pool, statement: &Statement, values: &[Value<'_>]) -> Result<Answer, Error> {
    pool.ask(Batch::of(statement, values)?, soon())
}

fn number(answer: &Answer) -> i32 {
    int(answer.rows[0].columns::<1>().unwrap()[0]).unwrap()
}

#[test]
fn many_coroutines_share_one_connection_and_each_gets_its_own_rows() {
    let Some(mut database) = database() else { return };
    let known: HashMap<i32, i32> =
        database.worlds().unwrap().iter().map(|world| (world.id, world.random_number)).collect();
    let pool = pool(&database, 1);
    let readers = (0..64).map(|reader| {
        let pool = Arc::clone(&pool);
        move || {
            let mut read = Vec::new();
            for round in 0..20 {
                let ids: Vec<i32> =
                    (0..=round).map(|n| 1 + (reader * 977 + n * 131) % 10_000).collect();
                let mut batch = Batch::default();
                ids.iter().for_each(|id| batch.push(&WORLD, &[Value::Int(*id)]).unwrap());
                let answer = pool.ask(batch, soon()).unwrap();
                assert_eq!(answer.affected, ids.len() as u64);
                let rows =
                    answer.rows.iter().map(|row| row.columns().unwrap().map(|c| int(c).unwrap()));
                for ([id, number], asked) in rows.zip(ids) {
                    assert_eq!(id, asked);
                    read.push((id, number));
                }
            }
            read
        }
    });
    let read = in_coroutines(readers);
    assert_eq!(read.iter().flatten().count(), 64 * 210);
    assert!(read.iter().flatten().all(|(id, number)| known[id] == *number));
    assert_eq!(database.server_connections().unwrap(), 1);
}

#[test]
fn a_pool_has_just_as_many_connections_as_it_may() {
    let Some(mut database) = database() else { return };
    let pool = pool(&database, 5);
    eventually("five connections", || database.server_connections().unwrap() == 5);
    eventually("all of them are used", || {
        let askers = (0..200).map(|_| {
            let pool = Arc::clone(&pool);
            move || number(&ask(&pool, &PROCESS, &[]).unwrap())
        });
        let mut processes = in_coroutines(askers);
        processes.sort_unstable();
        processes.dedup();
        processes.len() == 5
    });
    assert_eq!(database.server_connections().unwrap(), 5);
    drop(pool);
    eventually("no connection", || database.server_connections().unwrap() == 0);
}

#[test]
fn failures_are_values_and_touch_nobody_else() {
    let Some(database) = database() else { return };
    let pool = pool(&database, 1);
    let askers = (0..100).map(|divisor| {
        let pool = Arc::clone(&pool);
        move || (divisor, ask(&pool, &DIVIDE, &[Value::Int(divisor % 3)]))
    });
    for (divisor, outcome) in in_coroutines(askers) {
        match divisor % 3 {
            0 => match outcome.unwrap_err() {
                Error::Server { code, message } => {
                    assert_eq!((&*code, &*message), ("22012", "division by zero"));
                }
                error => panic!("{error}"),
            },
            divisor => assert_eq!(number(&outcome.unwrap()), 10 / divisor),
        }
    }
}

#[test]
fn arrays_and_texts_are_understood() {
    let Some(mut database) = database() else { return };
    let pool = pool(&database, 2);
    let terms: Vec<i32> = (-5..=1000).collect();
    let sum = ask(&pool, &SUM, &[Value::Ints(&terms)]).unwrap();
    assert_eq!(number(&sum), terms.iter().sum::<i32>());
    let added = database.insert_fortune("<b> & \u{901f}").unwrap();
    let answer = ask(&pool, &FORTUNES, &[]).unwrap();
    let mut fortunes: Vec<(i32, &str)> = Vec::new();
    for row in &answer.rows {
        let [id, message] = row.columns().unwrap();
        fortunes.push((int(id).unwrap(), text(message).unwrap()));
    }
    assert!(fortunes.contains(&(added.id, "<b> & \u{901f}")));
    assert_eq!(fortunes.len(), 13);
}

#[test]
fn connections_that_the_server_ends_are_opened_again() {
    let Some(mut database) = database() else { return };
    let pool = pool(&database, 3);
    for _ in 0..3 {
        eventually("three connections", || database.server_connections().unwrap() == 3);
        let process = number(&ask(&pool, &PROCESS, &[]).unwrap());
        let process = rustix::process::Pid::from_raw(process).unwrap();
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        eventually("an answer", || ask(&pool, &WORLD, &[Value::Int(1)]).is_ok());
    }
}

#[test]
fn a_stopped_server_costs_a_deadline_and_no_connection() {
    let Some(mut database) = database() else { return };
    let pool = pool(&database, 1);
    let process = number(&ask(&pool, &PROCESS, &[]).unwrap());
    let raw = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(raw, rustix::process::Signal::STOP).unwrap();
    let overdue = |id| {
        let batch = Batch::of(&WORLD, &[Value::Int(id)]).unwrap();
        pool.ask(batch, Instant::now() + Duration::from_millis(300)).unwrap_err()
    };
    let errors = [overdue(1), overdue(2), overdue(3)];
    let sessions = database.server_connections().unwrap();
    rustix::process::kill_process(raw, rustix::process::Signal::CONT).unwrap();
    assert_eq!((errors, sessions), ([Error::Deadline, Error::Deadline, Error::Deadline], 1));
    for id in 4..40 {
        let answer = ask(&pool, &WORLD, &[Value::Int(id)]).unwrap();
        assert_eq!(int(answer.rows[0].columns::<2>().unwrap()[0]), Ok(id));
    }
    assert_eq!(number(&ask(&pool, &PROCESS, &[]).unwrap()), process, "the connection was kept");
}

/// A pool of the superuser's, through the socket.
fn superuser(database: &Database, setup: Sessions) -> Pool {
    let url = database.url();
    let port = url.rsplit_once(':').unwrap().1.split_once('/').unwrap();
    let socket = database.folder().unwrap().join("socket");
    let url = format!("postgres://httpdyno@/{}?host={}&port={}", port.1, socket.display(), port.0);
    Pool::start(Address::parse(&url).unwrap(), 1, setup)
}

#[test]
fn every_way_of_authentication_works_and_wrong_passwords_do_not() {
    const ROLES: Sessions = Sessions {
        statements: &[
            Statement { name: "a", text: "SET password_encryption = 'md5'" },
            Statement { name: "b", text: "CREATE ROLE may_md5 LOGIN PASSWORD 's\u{e9}cret'" },
            Statement { name: "c", text: "SET password_encryption = 'scram-sha-256'" },
            Statement { name: "d", text: "CREATE ROLE may_scram LOGIN PASSWORD 's\u{e9}cret'" },
            Statement { name: "e", text: "CREATE ROLE may_plain LOGIN PASSWORD 's\u{e9}cret'" },
            Statement { name: "f", text: "SELECT pg_reload_conf()" },
        ],
        options: "",
    };
    const PID: Sessions = Sessions { statements: &[PROCESS], options: "" };
    let Some(database) = database() else { return };
    allow_passwords(database.folder().unwrap());
    let superuser = superuser(&database, ROLES);
    for statement in ROLES.statements {
        ask(&superuser, statement, &[]).unwrap();
    }
    for role in ["may_md5", "may_scram", "may_plain"] {
        let with = |password: &str| {
            let url = database.url().replace("httpdyno_server", &format!("{role}{password}"));
            Pool::start(Address::parse(&url).unwrap(), 1, PID)
        };
        assert!(number(&ask(&with(":s%C3%A9cret"), &PROCESS, &[]).unwrap()) > 0, "{role}");
        for wrong in [":wrong", ""] {
            let batch = Batch::of(&PROCESS, &[]).unwrap();
            let due = Instant::now() + Duration::from_millis(500);
            assert_eq!(with(wrong).ask(batch, due).unwrap_err(), Error::Deadline, "{role}");
        }
    }
}

fn allow_passwords(folder: &Path) {
    let rules = folder.join("data/pg_hba.conf");
    let ways = [("may_md5", "md5"), ("may_scram", "scram-sha-256"), ("may_plain", "password")];
    let lines = ways.map(|(role, way)| format!("host all {role} 127.0.0.1/32 {way}\n"));
    let known = std::fs::read_to_string(&rules).unwrap();
    std::fs::write(&rules, known + &lines.concat()).unwrap();
}
