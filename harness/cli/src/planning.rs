//! What `capacity` and `scale` are told alike.

use std::path::PathBuf;

use clap::Args;
use httpdyno_record::{Ending, EntryRecord, Record};
use httpdyno_runner::{Entry, RunPlan, RunSummary};
use httpdyno_spec::SpecTree;
use httpdyno_spec::suite::Suite;
use httpdyno_spec::units::Span;

use crate::database::{DatabaseOption, Offered};
use crate::entries;
use crate::exit::{Exit, Failure};
use crate::isolation::{IsolationOption, without_what_cannot_be_had};
use crate::{asked, command_line, root};

#[derive(Args)]
pub(crate) struct Common {
    /// The hardware profile: which cores, how long; its name, or a file [default: smoke, or the suite's]
    #[arg(long, value_name = "ID|FILE")]
    profile: Option<String>,
    /// The workloads: names, or files [default: the first of the profile]
    #[arg(long = "workload", value_name = "ID|FILE", num_args = 1.., value_delimiter = ',')]
    workloads: Vec<String>,
    /// Connections held [default: the most of the profile]
    #[arg(long, value_name = "N")]
    connections: Option<u32>,
    /// Measured time of each trial in place of the profile's, e.g. 2s
    #[arg(long, value_name = "TIME")]
    measure: Option<Span>,
    #[command(flatten)]
    database: DatabaseOption,
    #[command(flatten)]
    isolation: IsolationOption,
    /// Decides every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the record is put [default: runs/ in the root, httpdyno/results of a suite]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

impl Common {
    /// The plan of these entries, and the number of connections.
    pub(crate) fn plan(
        &self,
        tree: &SpecTree,
        asked: &[String],
        blocks: Option<u32>,
    ) -> Result<(RunPlan, u32), Failure> {
        let mut entries = entries::select(tree, asked, false)?;
        let declared = asked::profile(self.profile.as_deref(), None, tree)?.isolation;
        let isolation = self.isolation.apply(declared, &mut entries)?;
        let entries = without_what_cannot_be_had(entries)?;
        let (mut plan, connections) = self.plan_of(tree, None, entries, blocks)?;
        plan.profile.isolation = isolation;
        let Offered { source, workloads, warnings } =
            self.database.offer(tree, &plan.entries, plan.workloads, false)?;
        plan.profile.workloads = workloads.iter().map(|workload| workload.id.clone()).collect();
        plan = RunPlan { database: source, workloads, warnings, ..plan };
        Ok((plan, connections))
    }

    /// The same of entries that are resolved, without a database; of a suite, that of its server.
    pub(crate) fn plan_of(
        &self,
        tree: &SpecTree,
        suite: Option<&Suite>,
        entries: Vec<Entry>,
        blocks: Option<u32>,
    ) -> Result<(RunPlan, u32), Failure> {
        let mut profile = asked::profile(self.profile.as_deref(), suite, tree)?;
        if let Some(measure) = self.measure {
            profile.measure = measure;
        }
        if let Some(blocks) = blocks {
            profile.blocks = blocks;
        }
        if profile.measure.duration().is_zero() || profile.blocks == 0 {
            return Err(Failure::new("--measure and --blocks must be more than 0"));
        }
        let names: Vec<String> = match self.workloads.as_slice() {
            [] => profile.workloads.iter().take(1).map(ToString::to_string).collect(),
            named => named.to_vec(),
        };
        let workloads = names
            .iter()
            .map(|name| asked::workload(name, suite.is_some(), tree))
            .collect::<Result<Vec<_>, Failure>>()?;
        let most = profile.connections.iter().copied().max().unwrap_or(1);
        let connections = self.connections.unwrap_or(most);
        if connections == 0 {
            return Err(Failure::new("--connections must be more than 0"));
        }
        profile.workloads = workloads.iter().map(|workload| workload.id.clone()).collect();
        profile.connections = vec![connections];
        let plan = RunPlan {
            entries,
            profile,
            workloads,
            seed: self.seed,
            results: root::results(self.results.as_deref(), tree)?,
            command_line: command_line::own(),
            null_server: None,
            budget: None,
            own_pace: true,
            faults: false,
            database: None,
            warnings: Vec::new(),
        };
        Ok((plan, connections))
    }
}

/// Why entries were left out, for the end of a sentence; nothing where none was.
pub(crate) fn excluded(record: &Record) -> String {
    let why =
        |entry: &EntryRecord| Some(format!("\n{}: {}", entry.entry, entry.excluded.as_ref()?));
    let all: String = record.run.entries.iter().filter_map(why).collect();
    if all.is_empty() { all } else { format!(":{all}") }
}

/// The exit code of a search: a trial that fails or is void is a step of it.
pub(crate) fn exit(summary: &RunSummary) -> Exit {
    if summary.ending == Ending::Interrupted {
        Exit::Interrupted
    } else if summary.excluded > 0 {
        Exit::UnderTestFailed
    } else {
        Exit::Done
    }
}
