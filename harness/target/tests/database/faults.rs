//! What is done to a database on purpose, and that it is usable again afterwards.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use httpdyno_target::database::Database;
use postgres::{Client, NoTls};

use super::processes::is_alive;
use super::support::{PATIENCE, connect, private};

#[test]
fn a_killed_cluster_starts_again_where_it_was() {
    let Some(mut database) = private() else { return };
    let (url, processes) = (database.url(), database.processes());
    assert!(database.kill());
    assert!(!processes.iter().any(|&process| is_alive(process)), "{processes:?}");
    assert!(Client::connect(&url, NoTls).is_err(), "nobody listens");
    database.start_again().expect("it starts again");
    assert_eq!(database.url(), url);
    connect(&database).batch_execute("SELECT 1").expect("usable");
    database.verify().expect("the rows have outlived it");
    if database.facts().pg_stat_statements {
        database.statement_counts().expect("statements are counted again");
    }
    database.stop().expect("nothing is left");
}

#[test]
fn a_limit_ends_the_sessions_there_are_and_refuses_more() {
    let Some(mut database) = private() else { return };
    let mut before = connect(&database);
    database.limit_connections(Some(1)).expect("limited");
    assert!(before.batch_execute("SELECT 1").is_err(), "it was ended");
    let _only = connect(&database);
    assert!(Client::connect(&database.url(), NoTls).is_err(), "one is the limit");
    database.limit_connections(None).expect("unlimited");
    let _two = [connect(&database), connect(&database)];
}

#[test]
fn a_limit_holds_against_servers_that_connect_again_at_once() {
    let Some(mut database) = private() else { return };
    for round in 0..5 {
        let (url, ended, refused) = (database.url(), AtomicBool::new(false), AtomicUsize::new(0));
        let stays_connected = || {
            while !ended.load(Ordering::Relaxed) {
                let Ok(mut session) = Client::connect(&url, NoTls) else {
                    refused.fetch_add(1, Ordering::Relaxed);
                    continue;
                };
                while !ended.load(Ordering::Relaxed) && session.batch_execute("SELECT 1").is_ok() {
                    std::thread::yield_now();
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(stays_connected);
            }
            let deadline = Instant::now() + PATIENCE;
            let await_until = |is_so: &mut dyn FnMut() -> bool| {
                while !is_so() && Instant::now() < deadline {
                    std::thread::yield_now();
                }
            };
            await_until(&mut || database.server_connections().is_ok_and(|count| count == 8));
            let connected = database.server_connections();
            let limited = database.limit_connections(Some(0));
            let at_once = database.server_connections();
            // Whatever was on its way has come by the time that so many have been refused.
            let enough = refused.load(Ordering::Relaxed) + 80;
            await_until(&mut || refused.load(Ordering::Relaxed) >= enough);
            let later = database.server_connections();
            ended.store(true, Ordering::Relaxed);
            limited.expect("limited");
            let counts = [connected, at_once, later].map(|count| count.expect("counted"));
            assert_eq!(counts, [8, 0, 0], "round {round}");
            assert!(refused.load(Ordering::Relaxed) >= enough, "round {round}: not refused");
        });
        database.limit_connections(None).expect("unlimited");
    }
}

#[test]
fn locked_tables_make_statements_wait_until_they_are_unlocked() {
    let Some(database) = private() else { return };
    let mut server = connect(&database);
    server.batch_execute("SET lock_timeout = '50ms'").expect("set");
    let read = "SELECT message FROM fortune WHERE id = 1; SELECT id FROM world WHERE id = 1";
    let locked = database.lock_tables().expect("locked");
    assert!(server.batch_execute(read).is_err(), "it waits for the lock");
    drop(locked);
    server.batch_execute("SET lock_timeout = '60s'").expect("set");
    server.batch_execute(read).expect("unlocked");
}

#[test]
fn slow_statements_come_back_right_and_nothing_is_left_of_what_slowed_them() {
    let Some(mut database) = private() else { return };
    let longer = Duration::from_millis(500);
    let mut server = connect(&database);
    let select = server.prepare("SELECT randomnumber FROM world WHERE id = $1").expect("prepared");
    let is_read = |server: &mut Client, id: i32| {
        server.query_one(&select, &[&id]).expect("read").get::<_, i32>(0)
    };
    is_read(&mut server, 1);
    database.set_world(1, 4711).expect("changed");
    let traces = traces(&database);

    database.slow_statements(Some(longer)).expect("slow");
    let taken = |work: &mut dyn FnMut()| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    let one = taken(&mut || assert_eq!(is_read(&mut server, 1), 4711));
    let write = "UPDATE world SET randomnumber = 42 WHERE id BETWEEN 7 AND 9";
    let written = taken(&mut || assert_eq!(server.execute(write, &[]).expect("written"), 3));
    let mut page = Vec::new();
    let all = taken(&mut || page = server.query("SELECT FROM fortune", &[]).expect("read"));
    assert_eq!(page.len(), database.fortunes().expect("fortunes").len());
    assert_eq!(is_read(&mut server, 8), 42);
    // Twelve rows, and one delay: a statement that is delayed for each row takes 6 s.
    for one in [one, written, all] {
        assert!((longer..8 * longer).contains(&one), "{one:?}");
    }
    assert!(written >= 2 * longer, "{written:?}");

    database.slow_statements(None).expect("as usual");
    assert_eq!(self::traces(&database), traces);
    let quick = (0..5).map(|_| taken(&mut || assert_eq!(is_read(&mut server, 1), 4711))).min();
    assert!(quick < Some(longer), "{quick:?}");
}

/// What a policy would leave in the catalogues.
fn traces(database: &Database) -> (i64, i64) {
    let mut client = connect(database);
    let count = |client: &mut Client, what: &str| {
        client.query_one(&format!("SELECT count(*) FROM {what}"), &[]).expect("counted").get(0)
    };
    let with_policies = "pg_class WHERE relrowsecurity OR relforcerowsecurity";
    (count(&mut client, "pg_policy"), count(&mut client, with_policies))
}

#[test]
fn a_frozen_cluster_goes_on_where_it_was() {
    let Some(database) = private() else { return };
    let mut server = connect(&database);
    database.freeze();
    // A signal takes effect when its process runs next.
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut states = states(&database);
    while !all_stopped(&states) && Instant::now() < deadline {
        std::thread::yield_now();
        states = self::states(&database);
    }
    database.thaw();
    assert!(all_stopped(&states), "{states:?}");
    server.batch_execute("SELECT 1").expect("it goes on");
}

fn states(database: &Database) -> Vec<String> {
    database
        .processes()
        .iter()
        .filter_map(|process| std::fs::read_to_string(format!("/proc/{process}/status")).ok())
        .filter_map(|status| Some(status.lines().find(|line| line.starts_with("State:"))?.into()))
        .collect()
}

fn all_stopped(states: &[String]) -> bool {
    states.len() > 2 && states.iter().all(|state| state.contains("stopped"))
}
