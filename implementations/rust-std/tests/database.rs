//! The endpoints with a database, against a real one.
#![forbid(unsafe_code)]

#[path = "../../_shared/rust/testing/database.rs"]
mod database;
#[allow(dead_code, reason = "the other tests of this server have a client of their own")]
#[path = "../../_shared/rust/testing/mod.rs"]
mod testing;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rust-std");
const VARIANTS: [&[&str]; 2] = [&["--queue", "mutex"], &["--queue", "lock-free"]];

#[test]
fn without_a_database_the_endpoints_are_missing() {
    database::without_a_database_the_endpoints_are_missing(PROGRAM, &VARIANTS);
}

#[test]
fn answers_are_those_of_the_tables() {
    database::answers_are_those_of_the_tables(PROGRAM, &VARIANTS);
}

#[test]
fn connections_are_as_many_as_allowed() {
    database::connections_are_as_many_as_allowed(PROGRAM, &VARIANTS);
}

#[test]
fn a_lock_costs_only_the_requests_it_meets() {
    database::a_lock_costs_only_the_requests_it_meets(PROGRAM, &VARIANTS);
}
