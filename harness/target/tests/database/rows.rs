//! Reading and changing rows behind the back of servers.

use httpdyno_target::database::DatabaseError;

use super::support::{connect, private};

#[test]
fn rows_changed_by_servers_and_by_us_are_put_back() {
    let Some(mut database) = private() else { return };
    let mut server = connect(&database);
    let before = database.world_row(77).expect("a row");
    server.execute("UPDATE world SET randomnumber = randomnumber % 10000 + 1", &[]).expect("all");
    let changed = database.world_row(77).expect("a row");
    assert_eq!(changed.random_number, before.random_number % 10_000 + 1);
    database.rename_fortune(3, "another").expect("renamed");
    let added = database.insert_fortune("one more").expect("added");
    assert_eq!(added.id, 13);

    let error = database.verify().expect_err("changed");
    assert!(matches!(error, DatabaseError::Digest { .. }), "{error}");
    database.reset().expect("put back");
    database.verify().expect("as seeded");
    assert_eq!(database.world_row(77).expect("a row"), before);
    assert_eq!(database.fortunes().expect("rows").len(), 12);
    // The session of a server lives through it.
    let row = server.query_one("SELECT randomnumber FROM world WHERE id = 77", &[]).expect("row");
    assert_eq!(row.get::<_, i32>(0), before.random_number);
}

#[test]
fn changes_behind_the_server_are_seen_by_it() {
    let Some(mut database) = private() else { return };
    let mut server = connect(&database);
    database.set_world(10_000, 42).expect("set");
    let row =
        server.query_one("SELECT randomnumber FROM world WHERE id = 10000", &[]).expect("row");
    assert_eq!(row.get::<_, i32>(0), 42);
    database.rename_fortune(12, "Ω & <b>").expect("renamed");
    let row = server.query_one("SELECT message FROM fortune WHERE id = 12", &[]).expect("row");
    assert_eq!(row.get::<_, &str>(0), "Ω & <b>");

    // A row that is not there is named.
    for error in [
        database.world_row(10_001).expect_err("no such row"),
        database.set_world(10_001, 1).expect_err("no such row"),
    ] {
        let text = error.to_string();
        assert!(text.contains("no row 10001 in `world`"), "{text}");
        assert!(text.contains("between 1 and 10000"), "{text}");
    }
    let error = database.rename_fortune(99, "x").expect_err("no such row").to_string();
    assert!(error.contains("no row 99 in `fortune`"), "{error}");
}

#[test]
fn a_server_that_hangs_in_a_transaction_cannot_hang_the_reset() {
    let Some(mut database) = private() else { return };
    let mut server = connect(&database);
    let mut hanging = server.transaction().expect("transaction");
    hanging.execute("UPDATE world SET randomnumber = 1 WHERE id = 1", &[]).expect("locked");
    let error = database.reset().expect_err("the rows are locked").to_string();
    assert!(error.contains("lock timeout"), "{error}");
    hanging.rollback().expect("given up");
    database.reset().expect("free again");
}
