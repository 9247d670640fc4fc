//! Included by tests that need more than Rust. What this machine lacks skips them, with a line
//! that says so; where an environment variable requires it, its absence fails them instead.
#![allow(dead_code, reason = "each test needs its part")]

use std::fmt::Display;

use httpdyno_target::container::ContainersError;
use httpdyno_target::database::StartDatabaseError;
use httpdyno_testkit::tell_skipped;

/// Requires PostgreSQL, where it is 1.
pub(crate) const POSTGRES: &str = "HTTPDYNO_REQUIRE_POSTGRES";
/// Requires a Docker engine, where it is 1.
pub(crate) const DOCKER: &str = "HTTPDYNO_REQUIRE_DOCKER";

/// What was started with PostgreSQL; nothing where this machine has none.
pub(crate) fn postgres<T>(started: Result<T, StartDatabaseError>) -> Option<T> {
    match started {
        Ok(started) => Some(started),
        Err(error @ StartDatabaseError::NoBinaries { .. }) => skipped(POSTGRES, &error),
        Err(error) => panic!("{error}"),
    }
}

/// What was reached of a Docker engine; nothing where there is none.
pub(crate) fn docker<T>(reached: Result<T, ContainersError>) -> Option<T> {
    match reached {
        Ok(reached) => Some(reached),
        Err(error @ ContainersError::Engine(_)) => skipped(DOCKER, &error),
        Err(error) => panic!("{error}"),
    }
}

/// Whether what such a variable requires must be there.
pub(crate) fn is_required(by: &str) -> bool {
    std::env::var_os(by).is_some_and(|value| value == "1")
}

/// Nothing: what is missing says `why`.
pub(crate) fn skipped<T>(required_by: &str, why: &dyn Display) -> Option<T> {
    assert!(!is_required(required_by), "{required_by} is 1, but: {why}");
    tell_skipped(why);
    None
}
