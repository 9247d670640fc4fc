//! A private cluster: as whom, where, with what, and what is said when it cannot be.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use httpdyno_target::database::{
    DECLARED_SETTINGS, Database, DatabaseSource, SEED_DIGEST, StartDatabaseError,
};
use postgres::NoTls;

use super::processes::is_alive;
use super::support::{connect, others_may_start, owner, port, private, private_on};

#[test]
fn two_clusters_side_by_side_hold_the_same_rows() {
    let (Some(mut one), Some(mut other)) = (private(), private()) else { return };
    assert_ne!(one.folder(), other.folder());
    assert_ne!(one.url(), other.url());
    for database in [&mut one, &mut other] {
        database.verify().expect("seeded");
        assert_eq!(database.facts().rows_sha256, SEED_DIGEST);
    }
    assert_eq!(one.worlds().expect("rows"), other.worlds().expect("rows"));
    assert_eq!(one.fortunes().expect("rows"), other.fortunes().expect("rows"));
    one.stop().expect("nothing is left");
    other.verify().expect("the other lives on");
}

#[test]
fn every_declared_setting_is_in_force_and_recorded() {
    let Some(database) = private() else { return };
    let facts = database.facts();
    assert!(facts.departures.is_empty(), "{:?}", facts.departures);
    assert_eq!(facts.settings.len(), DECLARED_SETTINGS.len());
    assert_eq!(facts.source, "private");
    let version: String =
        connect(&database).query_one("SHOW server_version", &[]).expect("version").get(0);
    assert_eq!(facts.server_version, version);
    // In the sessions of servers too.
    for (name, value) in DECLARED_SETTINGS {
        let row = connect(&database).query_one(&format!("SHOW {name}"), &[]).expect("shown");
        assert_eq!(row.get::<_, &str>(0), *value, "{name}");
    }
}

#[test]
fn nobody_else_may_enter_and_root_does_not_run_it() {
    let Some(database) = private() else { return };
    let folder = database.folder().expect("private").to_owned();
    for path in [folder.clone(), folder.join("data"), folder.join("socket")] {
        let mode = std::fs::metadata(&path).expect("folder").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
    assert_ne!(owner(&folder), 0, "PostgreSQL refuses root");
    let processes = database.processes();
    assert!(processes.len() > 1, "{processes:?}");
    for process in processes.into_iter().filter(|&process| is_alive(process)) {
        assert_eq!(owner(&PathBuf::from(format!("/proc/{process}"))), owner(&folder));
    }
}

#[test]
fn over_tcp_only_the_role_of_servers_gets_in() {
    let Some(database) = private() else { return };
    let port = port(&database);
    for refused in [
        format!("postgres://httpdyno@127.0.0.1:{port}/httpdyno"),
        format!("postgres://httpdyno@127.0.0.1:{port}/postgres"),
        format!("postgres://httpdyno_server@127.0.0.1:{port}/postgres"),
    ] {
        assert!(postgres::Client::connect(&refused, NoTls).is_err(), "{refused}");
    }
    let mut server = connect(&database);
    for forbidden in ["DROP TABLE world", "DELETE FROM world", "CREATE TABLE mine ()"] {
        assert!(server.batch_execute(forbidden).is_err(), "{forbidden}");
    }
    server.batch_execute("UPDATE world SET randomnumber = 1 WHERE id = 1").expect("allowed");
}

#[test]
fn every_process_runs_on_the_given_cores_only() {
    let core = httpdyno_target::allowed_cores().expect("cores")[0];
    let Some(database) = private_on(&[core]) else { return };
    let _session = connect(&database);
    let mut seen = 0;
    for process in database.processes() {
        // One may end in this moment.
        let Ok(status) = std::fs::read_to_string(format!("/proc/{process}/status")) else {
            continue;
        };
        let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        assert_eq!(allowed.map(str::trim), Some(core.to_string().as_str()), "{process}");
        seen += 1;
    }
    assert!(seen > 2, "only {seen} processes were looked at");
}

#[test]
fn the_cpu_time_of_a_session_is_that_of_the_database() {
    let Some(database) = private() else { return };
    let mut session = connect(&database);
    let before = database.usage();
    assert!(before.cpu_ns > 0 && before.threads > 1, "{before:?}");
    // One session that works; until it has ended, its use counts.
    session.batch_execute("SELECT count(*) FROM generate_series(1, 300000)").expect("counted");
    let after = database.usage();
    assert!(after.cpu_ns >= before.cpu_ns + 1_000_000, "{before:?} {after:?}");
}

fn start_of(source: &DatabaseSource) -> Result<Database, StartDatabaseError> {
    let _swept = others_may_start();
    Database::start(source, &[])
}

#[test]
fn a_folder_without_postgresql_is_named_with_what_is_expected() {
    let empty = tempfile::tempdir().expect("folder");
    let source = DatabaseSource::Private { bin_dir: Some(empty.path().to_owned()) };
    let error = start_of(&source).expect_err("nothing in it");
    assert!(matches!(error, StartDatabaseError::BadBinaries { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(&empty.path().display().to_string()), "{text}");
    assert!(text.contains("there is no `initdb`"), "{text}");
}

#[test]
fn a_cluster_that_cannot_be_made_is_told_with_its_last_words() {
    let folder = tempfile::tempdir().expect("folder");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("mode");
    for (name, script) in [
        ("initdb", "#!/bin/sh\necho 'no space left' >&2\nexit 4\n"),
        ("postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 15.1'\n"),
    ] {
        httpdyno_testkit::write_program(&folder.path().join(name), script);
    }
    let source = DatabaseSource::Private { bin_dir: Some(folder.path().to_owned()) };
    let error = start_of(&source).expect_err("initdb fails");
    assert!(matches!(error, StartDatabaseError::InitDb { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("exit status: 4") && text.contains("no space left"), "{text}");
}
