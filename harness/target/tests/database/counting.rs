//! Counting the statements of servers, whatever else goes on.

use super::support::{connect, private};

const READ: &str = "SELECT id, randomnumber FROM world WHERE id = $1";

#[test]
fn individual_statements_and_their_rows_are_counted_whatever_the_values() {
    let Some(mut database) = private() else { return };
    assert!(database.facts().pg_stat_statements, "it is part of every distribution's PostgreSQL");
    let mut server = connect(&database);
    let prepared = server.prepare(READ).expect("prepared");
    // One before, which must not count.
    server.query_one(&prepared, &[&1]).expect("row");
    let ((), counts) = database
        .statements_around(|| {
            for id in 1..=20 {
                server.query_one(&prepared, &[&id]).expect("row");
            }
            server.batch_execute("SELECT id FROM world WHERE id = 5").expect("row");
            server.batch_execute("SELECT id FROM world WHERE id = 6").expect("row");
        })
        .expect("counted");
    let reads = counts.sum(|text| text == READ);
    assert_eq!((reads.calls, reads.rows), (20, 20), "{counts:?}");
    let plain = counts.sum(|text| text == "SELECT id FROM world WHERE id = $1");
    assert_eq!((plain.calls, plain.rows), (2, 2), "{counts:?}");
    assert_eq!(counts.sum(|_| true).calls, 22, "{counts:?}");

    // One read of many rows is told from many reads.
    let ((), counts) = database
        .statements_around(|| {
            let many = "SELECT id FROM world WHERE id IN (1, 2, 3, 4, 5)";
            server.batch_execute(many).expect("rows");
        })
        .expect("counted");
    let all = counts.sum(|_| true);
    assert_eq!((all.calls, all.rows), (1, 5), "{counts:?}");
}

#[test]
fn sessions_of_servers_are_counted_and_what_the_harness_does_is_not() {
    let Some(mut database) = private() else { return };
    let before = database.statement_counts().expect("counted");
    assert_eq!(database.server_connections().expect("counted"), 0);
    let servers = [connect(&database), connect(&database), connect(&database)];
    assert_eq!(database.server_connections().expect("counted"), 3);
    drop(servers);
    database.set_world(1, 2).expect("set");
    database.reset().expect("reset");
    let between = database.statement_counts().expect("counted").since(&before);
    assert!(between.statements.is_empty(), "{between:?}");
}
