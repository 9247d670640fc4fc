//! `httpdyno history`: the records of a folder in time, and where something changed.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_report::history::{self, Asked, History, LeftOut, Reading, forms};

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::report::{folders, is_record, put, typed_command};
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// The folders of the records [default: results/ and runs/ in the root]
    #[arg(long, value_name = "DIR", num_args = 1..)]
    results: Vec<PathBuf>,
    /// The entry that the others are put beside, the same over all the time [default: the null
    /// server]
    #[arg(long, value_name = "ID")]
    reference: Option<String>,
    /// These entries only; an implementation stands for all of its variants
    #[arg(long = "impl", value_name = "ID", num_args = 1.., value_delimiter = ',')]
    entries: Vec<String>,
    /// These workloads only
    #[arg(long = "workload", value_name = "ID", num_args = 1.., value_delimiter = ',')]
    workloads: Vec<String>,
    /// These numbers of connections only
    #[arg(long, value_name = "N", num_args = 1.., value_delimiter = ',')]
    connections: Vec<u32>,
    /// Decides the permutations
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where it is put; `-` is the standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// Tables for a terminal
    Text,
    /// For a pull request
    Markdown,
    /// For programs
    Json,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let folders = match &options.results[..] {
        [] => root::all_results(asked_root)?,
        named => named.to_vec(),
    };
    let history = read(options, &folders)?;
    if options.format == Format::Text && options.output == Path::new("-") {
        crate::output::print(&history::render(&history))?;
    } else {
        put(&text(&history, options.format)?, &options.output)?;
    }
    // An alarm is no verdict, and nothing that failed.
    Ok(Exit::Done)
}

fn text(history: &History, format: Format) -> Result<String, Failure> {
    let command = typed_command();
    Ok(match format {
        Format::Text => anstream::adapter::strip_str(&history::render(history)).to_string(),
        Format::Markdown => forms::markdown(history, &command),
        Format::Json => forms::json(history, &command)?,
    })
}

/// The series of all records in folders of records. One record at a time is in memory.
fn read(options: &Options, results: &[PathBuf]) -> Result<History, Failure> {
    let asked = Asked {
        reference: options.reference.clone(),
        entries: options.entries.clone(),
        workloads: options.workloads.clone(),
        connections: options.connections.clone(),
    };
    let (mut readings, mut left_out) = (Vec::new(), Vec::new());
    for folder in in_order(results)? {
        match reading(&folder, &asked) {
            Ok(reading) => readings.push(reading),
            Err(reason) => {
                let record = folder.display().to_string();
                left_out.push(LeftOut { record, reason });
            }
        }
    }
    if readings.is_empty() {
        let looked = match results {
            [] => "nothing was recorded yet, so there".to_owned(),
            some => some.iter().map(|it| it.display().to_string()).collect::<Vec<_>>().join(", "),
        };
        let reasons = left_out.iter().map(|it| format!("\n  {}: {}", it.record, it.reason));
        return Err(Failure::new(format!(
            "{looked} has no record that can be used; `bench` makes them{}",
            reasons.collect::<String>()
        )));
    }
    Ok(History::of(&readings, left_out, options.seed))
}

/// The records in folders of records, the oldest first.
fn in_order(results: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for folder in results {
        found.extend(folders(folder).map_err(|error| {
            Failure::new(format!(
                "cannot read {}: {error}; --results names a folder of records",
                folder.display()
            ))
        })?);
    }
    // Their names begin with the time at which they were started.
    found.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    Ok(found)
}

fn reading(folder: &Path, asked: &Asked) -> Result<Reading, String> {
    if !is_record(folder) {
        return Err(
            "it has no run.json; a folder of records is looked at alone, with --results".to_owned()
        );
    }
    let record = Record::read_decided(folder).map_err(|error| error.to_string())?;
    Reading::of(&record, asked).map_err(|error| error.to_string())
}
