//! `httpdyno compare`: a candidate against its base, two records or two entries of one.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_report::compare::plain::{self, FailOn};
use httpdyno_report::compare::{self, Allowed, Compared, forms, histograms};

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::judging::{FailOnOption, Margin};
use crate::output::shown;
use crate::report::{put, put_files, typed_command};

#[derive(Args)]
pub(crate) struct Options {
    /// The record, or with --record the entry, that is judged
    #[arg(long, value_name = "RUN", required_unless_present = "positions")]
    candidate: Option<String>,
    /// The record, or with --record the entry, that it is judged against
    #[arg(long, value_name = "RUN", required_unless_present = "positions")]
    base: Option<String>,
    /// Nothing stands without a name: it could be read the wrong way round
    #[arg(hide = true)]
    positions: Vec<String>,
    /// Compare two entries of this record, paired by block
    #[arg(long, value_name = "RECORD")]
    record: Option<PathBuf>,
    /// The difference that matters
    #[arg(long, value_name = "PER CENT", default_value = "2%")]
    margin: Margin,
    /// What of the candidate ends this with exit code 1, and is a failure in junit [default: nothing
    /// ends it; `slower` is a failure in junit]
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOnOption>,
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
    /// HdrHistogram logs of both, tagged base and candidate, and percentile distributions, for their
    /// plotters
    Hdr,
    /// For build servers: a candidate that is worse is a failure; and the conformance of both
    Junit,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let (candidate, base) = sides(options)?;
    let first = Record::read_decided(options.record.as_deref().unwrap_or(Path::new(candidate)))?;
    let other = match &options.record {
        Some(_) => None,
        None => Some(Record::read_decided(Path::new(base))?),
    };
    let margin = options.margin.effect();
    let compared = match &other {
        None => compare::entries(&first, candidate, base, margin)?,
        Some(base) => {
            let allowed = Allowed {
                machines: options.across_machines,
                profiles: options.across_profiles,
                specs: options.across_specs,
            };
            compare::records(&first, base, allowed, margin)?
        }
    };
    have_something_in_common(&compared)?;
    let records = [&first, other.as_ref().unwrap_or(&first)];
    let format = if options.json { Format::Json } else { options.format };
    let fail_on = options.fail_on.map(FailOn::from);
    match (format, options.output.as_deref()) {
        (Format::Text, None) => crate::output::print(&compare::render(&compared))?,
        (Format::Hdr, folder) => {
            let files = histograms::files(&compared, records, &typed_command())?;
            put_files(&files, folder.unwrap_or(Path::new("compare-hdr")))?;
        }
        (_, file) => {
            let fail_on = fail_on.unwrap_or(FailOn::Slower);
            let text = text(&compared, records, format, fail_on)?;
            put(&text, file.unwrap_or(Path::new("-")))?;
        }
    }
    let stopped = fail_on.is_some_and(|fail_on| !plain::stops(&compared, fail_on).is_empty());
    Ok(if stopped { Exit::UnderTestFailed } else { Exit::Done })
}

/// Candidate and base, each by its name.
fn sides(options: &Options) -> Result<(&str, &str), Failure> {
    if let [first, rest @ ..] = options.positions.as_slice() {
        let (one, other) = (shown(first), rest.first().map_or("RUN".to_owned(), |it| shown(it)));
        return Err(Failure::new(format!(
            "`{one}` stands without a name, and two that are told apart by their order alone can be \
             read the wrong way round; to judge `{one}` against `{other}` type \
             `--base {other} --candidate {one}`, to judge `{other}` against `{one}` type \
             `--base {one} --candidate {other}`"
        )));
    }
    match (&options.candidate, &options.base) {
        (Some(candidate), Some(base)) => Ok((candidate, base)),
        _ => Err(Failure::new("name both: --base RUN --candidate RUN")),
    }
}

/// A table without a row would be no comparison, and no failure of a gate either.
fn have_something_in_common(compared: &Compared) -> Result<(), Failure> {
    if !compared.points.is_empty() {
        return Ok(());
    }
    let listed = |only: &[String]| match only {
        [] => "nothing".to_owned(),
        some => some.join("; "),
    };
    Err(Failure::new(format!(
        "{} and {} have no workload and point in common, so there is nothing to compare; the \
         candidate has {}; the base has {}",
        compared.candidate,
        compared.base,
        listed(&compared.only_candidate),
        listed(&compared.only_base)
    )))
}

fn text(
    compared: &Compared,
    records: [&Record; 2],
    format: Format,
    fail_on: FailOn,
) -> Result<String, Failure> {
    let command = typed_command();
    Ok(match format {
        Format::Text | Format::Hdr => {
            anstream::adapter::strip_str(&compare::render(compared)).to_string()
        }
        Format::Html => compare::render_page(compared, &command)?,
        Format::Markdown => forms::markdown(compared, &command),
        Format::Json => forms::json(compared, &command)?,
        Format::Csv => forms::csv(compared, &command),
        Format::Junit => forms::junit(compared, records, &command, fail_on)?,
    })
}
