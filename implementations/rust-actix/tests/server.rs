//! The real program, started under the contract and asked over a socket. (Its answers as such are
//! what the conformance cases check.)
#![forbid(unsafe_code)]

#[path = "../../_shared/rust/testing/database.rs"]
mod database;
#[path = "../../_shared/rust/testing/framework.rs"]
mod framework;
#[allow(dead_code, reason = "not every server needs all of it")]
#[path = "../../_shared/rust/testing/mod.rs"]
mod testing;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rust-actix");
/// What `Server` and `--version` name.
const ENGINE: &str = "actix-web";
/// Without arguments: there are no variants.
const VARIANTS: [&[&str]; 1] = [&[]];

#[test]
fn answers_what_the_contract_asks() {
    framework::answers_what_the_contract_asks(PROGRAM, ENGINE);
}

#[test]
fn bodies_are_echoed_and_counted() {
    framework::bodies_are_echoed_and_counted(PROGRAM);
}

#[test]
fn sigterm_answers_what_is_in_flight_and_exits_well() {
    framework::sigterm_answers_what_is_in_flight_and_exits_well(PROGRAM);
}

#[test]
fn a_port_in_use_is_an_error_at_once() {
    framework::a_port_in_use_is_an_error_at_once(PROGRAM);
}

#[test]
fn the_version_is_that_of_the_engine() {
    framework::the_version_is_that_of_the_engine(PROGRAM, ENGINE);
}

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
