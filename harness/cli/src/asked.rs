//! Profiles and workloads as a command line names them: by their ids, or as files of somebody's own.

use std::path::Path;

use httpdyno_spec::SpecTree;
use httpdyno_spec::id::ProfileId;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::suite::{Suite, read_workload};
use httpdyno_spec::workload::Workload;

use crate::exit::Failure;

/// Where neither the command line nor a suite names one.
const USUAL_PROFILE: &str = "smoke";

/// Whether a name is that of a file: it has a folder in it, or ends in `.yaml`.
pub(crate) fn is_file(name: &str) -> bool {
    name.contains('/') || name.ends_with(".yaml")
}

/// The profile that was asked for, else the suite's.
pub(crate) fn profile(
    asked: Option<&str>,
    suite: Option<&Suite>,
    tree: &SpecTree,
) -> Result<Profile, Failure> {
    let of_suite = suite.and_then(|suite| suite.file.profile.as_ref()).map(ProfileId::as_str);
    let named = asked.or(of_suite).unwrap_or(USUAL_PROFILE);
    Ok(match is_file(named) {
        true => httpdyno_spec::read_file::<Profile>(Path::new(named))?.value,
        false => tree.profile(named)?.value.clone(),
    })
}

/// A workload. In a file of somebody's own server it knows no contract; of entries, it names endpoints.
pub(crate) fn workload(named: &str, is_own: bool, tree: &SpecTree) -> Result<Workload, Failure> {
    Ok(match (is_file(named), is_own) {
        (false, _) => tree.workload(named)?.value.clone(),
        (true, true) => read_workload(Path::new(named))?.value,
        (true, false) => httpdyno_spec::read_file::<Workload>(Path::new(named))?.value,
    })
}
