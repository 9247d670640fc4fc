//! What is to be measured.

use std::path::PathBuf;

use httpdyno_spec::profile::Profile;
use httpdyno_spec::workload::Workload;
use httpdyno_target::DatabaseSource;

use crate::design::BudgetedDesign;
use crate::entry::Entry;

/// What is to be measured, fully resolved.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// The entries, in the order they were asked for.
    pub entries: Vec<Entry>,
    /// The profile, with what the command line changed in it.
    pub profile: Profile,
    /// The workloads of the profile.
    pub workloads: Vec<Workload>,
    /// The seed of every random choice.
    pub seed: u64,
    /// Where records are put.
    pub results: PathBuf,
    /// The command as typed, for the record.
    pub command_line: Vec<String>,
    /// `httpdyno` itself, which is the null server too; without it there is no ceiling.
    pub null_server: Option<PathBuf>,
    /// A budget of time in place of the profile's number of blocks.
    pub budget: Option<BudgetedDesign>,
    /// Whether the workloads run at their own pace, beside the profile's fixed rates.
    pub own_pace: bool,
    /// Where workloads that need a database find one; none where there are no such workloads.
    pub database: Option<DatabaseSource>,
    /// Whether entries are checked, too, for what they do while their database fails. It must be a
    /// private one.
    pub faults: bool,
    /// What a reader of the results must know, beside what the run finds out itself.
    pub warnings: Vec<String>,
}
