//! `httpdyno list`: what there is to choose from.

use std::path::Path;

use clap::{Args, ValueEnum};
use httpdyno_spec::exchange::Level;
use httpdyno_spec::{CaseRef, SpecTree};

use crate::Outcome;
use crate::exit::Exit;
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// What to list
    #[arg(value_enum, default_value = "implementations")]
    what: What,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Entries: implementations and their variants
    Implementations,
    /// Endpoints of the application contract
    Endpoints,
    /// Every case with its level and title
    Cases,
    /// Workloads
    Workloads,
    /// Hardware profiles
    Profiles,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let tree = root::load(asked_root)?;
    let rows = match options.what {
        What::Implementations => entries(&tree),
        What::Endpoints => tree
            .endpoints
            .endpoints
            .iter()
            .map(|endpoint| {
                let request = format!("{} {}", endpoint.method.as_str(), endpoint.path);
                (endpoint.id.to_string(), format!("{request}: {}", endpoint.summary))
            })
            .collect(),
        What::Cases => tree.all_cases().map(case).collect(),
        What::Workloads => {
            tree.workloads.iter().map(|one| (one.id.to_string(), one.summary.clone())).collect()
        }
        What::Profiles => {
            tree.profiles.iter().map(|one| (one.id.to_string(), one.summary.clone())).collect()
        }
    };
    let width = rows.iter().map(|(id, _)| id.len()).max().unwrap_or(0);
    for (id, text) in &rows {
        crate::output::line!("{id:width$}  {text}");
    }
    Ok(Exit::Done)
}

fn entries(tree: &SpecTree) -> Vec<(String, String)> {
    let row = |entry: httpdyno_spec::Entry<'_>| {
        let text = match entry.variant {
            Some(variant) if variant.default => format!("{} (default)", variant.summary),
            Some(variant) => variant.summary.clone(),
            None => entry.manifest.concurrency.clone(),
        };
        let needs = entry.manifest.process.needs.iter().map(|it| format!(" [needs {}]", it.what));
        (entry.id.to_string(), text + &needs.collect::<String>())
    };
    tree.entries().map(row).collect()
}

fn case(case: CaseRef<'_>) -> (String, String) {
    let level = match case.level() {
        Level::Must => "MUST  ",
        Level::Should => "SHOULD",
        Level::May => "MAY   ",
    };
    (case.id().to_string(), format!("{level} {}", case.title()))
}
