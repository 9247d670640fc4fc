//! A server that is there and belongs to somebody else: a private cluster plays it.

use httpdyno_target::Database;
use httpdyno_target::database::{DatabaseSource, StartDatabaseError};
use postgres::{Client, NoTls};

use super::support::{private, superuser_url};

fn databases(url: &str) -> Vec<String> {
    let mut client = Client::connect(url, NoTls).expect("the server is there");
    let names = "SELECT datname FROM pg_database ORDER BY datname";
    client.query(names, &[]).expect("names").iter().map(|row| row.get(0)).collect()
}

fn at(url: &str) -> Result<Database, StartDatabaseError> {
    Database::start(&DatabaseSource::Url { url: url.to_owned() }, &[])
}

#[test]
fn a_database_of_our_own_comes_and_goes_and_all_others_stay_as_they_were() {
    let Some(server) = private() else { return };
    let url = superuser_url(&server);
    let mut owner = Client::connect(&url, NoTls).expect("connected");
    owner
        .batch_execute("CREATE TABLE world (mine text); INSERT INTO world VALUES ('precious')")
        .expect("somebody's table");
    let before = databases(&url);

    let mut one = at(&url).expect("started");
    let mut other = at(&url).expect("another at the same time");
    assert_eq!(databases(&url).len(), before.len() + 2);
    one.set_world(1, 1).expect("set");
    other.verify().expect("untouched");
    one.reset().expect("reset");
    let mut session = Client::connect(&one.url(), NoTls).expect("the offered URL");
    assert_eq!(session.query("SELECT id FROM world", &[]).expect("rows").len(), 10_000);
    assert_eq!(one.folder(), None);
    assert!(one.processes().is_empty());

    one.stop().expect("dropped though a session is open");
    drop(other);
    assert_eq!(databases(&url), before);
    let kept: String = owner.query_one("SELECT mine FROM world", &[]).expect("row").get(0);
    assert_eq!(kept, "precious");
}

#[test]
fn settings_for_sessions_are_set_and_others_recorded_as_departures() {
    let Some(server) = private() else { return };
    let url = superuser_url(&server);
    let mut owner = Client::connect(&url, NoTls).expect("connected");
    owner.batch_execute("ALTER SYSTEM SET jit = on").expect("altered");
    let weaker = format!("{url}?options=-c%20synchronous_commit%3Don");
    let database = at(&weaker).expect("started");
    let facts = database.facts();
    assert_eq!(facts.settings["jit"], "off");
    assert_eq!(facts.settings["synchronous_commit"], "on", "the URL's options win");
    let departures: Vec<&str> = facts.departures.keys().map(String::as_str).collect();
    assert_eq!(departures, ["synchronous_commit"]);
    assert_eq!(facts.departures["synchronous_commit"], "off");
}

#[test]
fn only_what_is_surely_ours_and_abandoned_is_dropped() {
    let Some(server) = private() else { return };
    let url = superuser_url(&server);
    let ours = "made by httpdyno for one run; dropped by it or by its next run";
    let (abandoned, uncommented, connected) =
        ("httpdyno_00000000000000aa", "httpdyno_00000000000000bb", "httpdyno_00000000000000cc");
    let mut owner = Client::connect(&url, NoTls).expect("connected");
    for name in [abandoned, uncommented, connected, "httpdyno_notes"] {
        owner.batch_execute(&format!("CREATE DATABASE {name}")).expect("created");
    }
    for name in [abandoned, connected, "httpdyno_notes"] {
        owner.batch_execute(&format!("COMMENT ON DATABASE {name} IS '{ours}'")).expect("comment");
    }
    let living = url.replace("/postgres", &format!("/{connected}"));
    let _living = Client::connect(&living, NoTls).expect("session");
    drop(at(&url).expect("started"));
    let left = databases(&url);
    assert!(!left.contains(&abandoned.to_owned()), "{left:?}");
    for kept in [uncommented, connected, "httpdyno_notes"] {
        assert!(left.contains(&kept.to_owned()), "{kept} of {left:?}");
    }
}

#[test]
fn a_server_that_is_not_there_is_told_without_the_password() {
    let nobody = httpdyno_testkit::Nobody::listens();
    let port = nobody.address().port();
    let error = at(&format!("postgres://me:secret@127.0.0.1:{port}/db")).expect_err("nobody");
    let text = error.to_string();
    assert!(matches!(error, StartDatabaseError::Server { .. }), "{text}");
    assert!(text.contains(&format!("postgres://me@127.0.0.1:{port}/db")), "{text}");
    assert!(text.contains("is it running") && !text.contains("secret"), "{text}");
}

#[test]
fn a_user_who_may_not_create_databases_is_told_what_to_do() {
    let Some(server) = private() else { return };
    let url = superuser_url(&server);
    let mut owner = Client::connect(&url, NoTls).expect("connected");
    // Let in by nothing but its own line.
    owner.batch_execute("CREATE ROLE weak LOGIN").expect("role");
    let rules = server.folder().expect("private").join("data/pg_hba.conf");
    let mut lines = std::fs::read_to_string(&rules).expect("rules");
    lines.push_str("local all weak trust\n");
    std::fs::write(&rules, lines).expect("rules");
    owner.batch_execute("SELECT pg_reload_conf()").expect("reloaded");
    let weak = url.replace("httpdyno@", "weak@");
    let deadline = std::time::Instant::now() + super::support::PATIENCE;
    while Client::connect(&weak, NoTls).is_err() {
        assert!(std::time::Instant::now() < deadline, "the rules were not read");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let text = at(&weak).expect_err("not allowed").to_string();
    assert!(text.contains("permission denied") && text.contains("CREATEDB"), "{text}");
}
