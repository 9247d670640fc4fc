//! What the tests of all entries have in common.

#[path = "../../../target/testing/needs.rs"]
mod needs;

use httpdyno_spec::manifest::Manifest;
use httpdyno_target::database::{Database, DatabaseSource};
use std::sync::atomic::AtomicBool;

use httpdyno_target::{BuildError, CommandContext};
use httpdyno_testkit::tell_skipped;

/// `HTTPDYNO_ONLY=python-flask,rust-may` tests these alone, for a change that touches no other.
pub(crate) fn is_wanted(implementation: &str) -> bool {
    std::env::var("HTTPDYNO_ONLY")
        .map_or(true, |only| only.split(',').any(|one| one == implementation))
}

/// Nothing (and a line that says so) when this machine has no PostgreSQL. With
/// `HTTPDYNO_REQUIRE_POSTGRES=1` its absence fails the test instead.
pub(crate) fn database() -> Option<Database> {
    needs::postgres(Database::start(&DatabaseSource::Private { bin_dir: None }, &[]))
}

/// Builds an implementation; false (and a line that says so) where its toolchain is not installed.
/// Rust is here; whoever changes an entry in another language has that one too.
pub(crate) fn builds(manifest: &Manifest, context: &CommandContext) -> bool {
    match httpdyno_target::build(manifest, context, &AtomicBool::new(false)) {
        Ok(()) => true,
        Err(BuildError::NotRunnable { command, .. }) if !command.starts_with("cargo ") => {
            tell_skipped(&format!("{} (`{command}` does not run)", manifest.id));
            false
        }
        Err(error @ BuildError::CannotBeHad { .. }) => {
            tell_skipped(&format!("{}: {error}", manifest.id));
            false
        }
        Err(error) => panic!("{}: {error}", manifest.id),
    }
}
