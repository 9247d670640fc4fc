//! `httpdyno components`: the benches of what endpoints are made of, beside a record.

use std::path::{Path, PathBuf};

use clap::Args;
use httpdyno_record::Record;
use httpdyno_report::Comparison;
use httpdyno_report::components::{self, Parts};
use serde::Deserialize;

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// The record whose served requests the parts are put beside
    #[arg(long, value_name = "DIR")]
    record: PathBuf,
    /// Where Criterion keeps its estimates [default: criterion/ in cargo's target folder]
    #[arg(long, value_name = "DIR", env = "CRITERION_HOME")]
    criterion: Option<PathBuf>,
}

/// The part of Criterion's `estimates.json` that is read here; times in nanoseconds.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let record = Record::read_decided(&options.record)?;
    let comparison = Comparison::of(&record)?;
    let folder = match &options.criterion {
        Some(folder) => folder.clone(),
        None => target(asked_root)?.join("criterion"),
    };
    let parts = read(&folder)?;
    match components::render(&comparison, &parts) {
        Some(table) => {
            crate::output::print(&table.to_string())?;
            Ok(Exit::Done)
        }
        None => Err(Failure::new(format!(
            "no entry of {} has parts in {}: run `just bench-components`, and name a record with one \
             of its entries and the workload plaintext, json, db, queries-20 or fortunes",
            options.record.display(),
            folder.display()
        ))),
    }
}

/// As cargo itself chooses it.
fn target(asked_root: Option<&Path>) -> Result<PathBuf, Failure> {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(set) => Ok(PathBuf::from(set)),
        None => Ok(root::find(asked_root)?.join("target")),
    }
}

/// Every `GROUP/PART/new/estimates.json` in `folder`; other benches' are read too, and harm nobody.
fn read(folder: &Path) -> Result<Parts, Failure> {
    let mut parts = Parts::new();
    for group in folders(folder)? {
        for part in folders(&group)? {
            let path = part.join("new/estimates.json");
            let Ok(text) = std::fs::read(&path) else { continue };
            let estimates: Estimates = serde_json::from_slice(&text).map_err(|error| {
                Failure::new(format!("{} is no estimate of Criterion's: {error}", path.display()))
            })?;
            let picoseconds = (estimates.median.point_estimate * 1000.0).round() as u64;
            parts.entry(name(&group)).or_default().insert(name(&part), picoseconds);
        }
    }
    Ok(parts)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let items = std::fs::read_dir(folder).map_err(|error| {
        Failure::new(format!(
            "cannot read {}: {error}; `just bench-components` measures parts, --criterion names another folder",
            folder.display()
        ))
    })?;
    let paths = items.flatten().map(|item| item.path());
    Ok(paths.filter(|path| path.is_dir()).collect())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
