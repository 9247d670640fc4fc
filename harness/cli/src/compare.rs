//! `httpdyno compare`: two records, or two entries of one.

use std::path::{Path, PathBuf};

use clap::Args;
use httpdyno_record::Record;
use httpdyno_report::compare::{self, Allowed};

use crate::Outcome;
use crate::exit::Exit;

#[derive(Args)]
pub(crate) struct Options {
    /// The record, or with --record the entry, that is A
    #[arg(value_name = "A")]
    a: String,
    /// The record, or with --record the entry, that A is compared with
    #[arg(value_name = "B")]
    b: String,
    /// Compare two entries of this record, paired by block
    #[arg(long, value_name = "RECORD")]
    record: Option<PathBuf>,
    /// Compare records of two machines (fingerprints); the result says so
    #[arg(long)]
    across_machines: bool,
    /// Compare records of two profiles or placements; the result says so
    #[arg(long)]
    across_profiles: bool,
    /// Compare records of two versions of the spec; the result says so
    #[arg(long)]
    across_specs: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let compared = match &options.record {
        Some(record) => compare::entries(&Record::read(record)?, &options.a, &options.b)?,
        None => {
            let read = |path: &str| Record::read(Path::new(path));
            let allowed = Allowed {
                machines: options.across_machines,
                profiles: options.across_profiles,
                specs: options.across_specs,
            };
            compare::records(&read(&options.a)?, &read(&options.b)?, allowed)?
        }
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&compared)?);
    } else {
        anstream::print!("{}", compare::render(&compared));
    }
    Ok(Exit::Done)
}
