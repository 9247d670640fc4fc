//! `httpdyno compare`: two records, or two entries of one.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_report::compare::{self, Allowed, Compared, forms, histograms};

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::report::{put, put_files, typed_command};

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
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// JSON, as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Where it is put; `-` is the standard output [default: the folder compare-hdr for hdr, the
    /// standard output for the others]
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// A table for a terminal
    Text,
    /// One self-contained page
    Html,
    /// For a pull request
    Markdown,
    /// For programs
    Json,
    /// Every ratio as one row
    Csv,
    /// HdrHistogram logs of both, tagged A and B, and percentile distributions, for their plotters
    Hdr,
    /// For build servers: a ratio for the worse is a failure; and the conformance of both
    Junit,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let a = Record::read_decided(options.record.as_deref().unwrap_or(Path::new(&options.a)))?;
    let other = match &options.record {
        Some(_) => None,
        None => Some(Record::read_decided(Path::new(&options.b))?),
    };
    let compared = match &other {
        None => compare::entries(&a, &options.a, &options.b)?,
        Some(b) => {
            let allowed = Allowed {
                machines: options.across_machines,
                profiles: options.across_profiles,
                specs: options.across_specs,
            };
            compare::records(&a, b, allowed)?
        }
    };
    let records = [&a, other.as_ref().unwrap_or(&a)];
    let format = if options.json { Format::Json } else { options.format };
    match (format, options.output.as_deref()) {
        (Format::Text, None) => crate::output::print(&compare::render(&compared))?,
        (Format::Hdr, folder) => {
            let files = histograms::files(&compared, records, &typed_command())?;
            put_files(&files, folder.unwrap_or(Path::new("compare-hdr")))?;
        }
        (_, file) => {
            put(&text(&compared, records, format)?, file.unwrap_or(Path::new("-")))?;
        }
    }
    Ok(Exit::Done)
}

fn text(compared: &Compared, records: [&Record; 2], format: Format) -> Result<String, Failure> {
    let command = typed_command();
    Ok(match format {
        Format::Text | Format::Hdr => {
            anstream::adapter::strip_str(&compare::render(compared)).to_string()
        }
        Format::Html => compare::render_page(compared, &command)?,
        Format::Markdown => forms::markdown(compared, &command),
        Format::Json => forms::json(compared, &command)?,
        Format::Csv => forms::csv(compared, &command),
        Format::Junit => forms::junit(compared, records, &command)?,
    })
}
