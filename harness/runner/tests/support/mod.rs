//! What the tests of cheats have in common.
#![allow(dead_code, reason = "each test takes its part")]

#[path = "../../../target/testing/needs.rs"]
pub(crate) mod needs;

use std::path::{Path, PathBuf};

use httpdyno_record::CaseRecord;
use httpdyno_spec::SpecTree;
use httpdyno_target::database::{Database, DatabaseSource};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

pub(crate) fn tree() -> SpecTree {
    SpecTree::load(&root()).expect("the repository's spec")
}

/// Nothing (and a line that says so) when this machine has no PostgreSQL. With
/// `HTTPDYNO_REQUIRE_POSTGRES=1` its absence fails the test instead.
pub(crate) fn database() -> Option<Database> {
    needs::postgres(Database::start(&DatabaseSource::Private { bin_dir: None }, &[]))
}

pub(crate) fn line(case: &CaseRecord) -> String {
    format!("\n    {} {} ({}): {}", case.case, case.status, case.observed, case.reason)
}
