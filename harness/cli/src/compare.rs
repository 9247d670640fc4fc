//! `httpdyno compare`: two records, or two entries of one.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_report::compare::{self, Allowed, Compared, forms};

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::report::{put, typed_command};

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
    /// Where it is put; `-` is the standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
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
    /// For build servers: a ratio for the worse is a failure
    Junit,
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
    let format = if options.json { Format::Json } else { options.format };
    if format == Format::Text && options.output == Path::new("-") {
        anstream::print!("{}", compare::render(&compared));
    } else {
        put(&text(&compared, format)?, &options.output)?;
    }
    Ok(Exit::Done)
}

fn text(compared: &Compared, format: Format) -> Result<String, Failure> {
    let command = typed_command();
    Ok(match format {
        Format::Text => anstream::adapter::strip_str(&compare::render(compared)).to_string(),
        Format::Html => compare::render_page(compared, &command)?,
        Format::Markdown => forms::markdown(compared, &command),
        Format::Json => forms::json(compared, &command)?,
        Format::Csv => forms::csv(compared, &command),
        Format::Junit => forms::junit(compared, &command)?,
    })
}
