//! `httpdyno report`: what a record says, in the form that is asked for; and the list of all.

mod index;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_record::files::write_whole;
use httpdyno_report::conformance_json::Origin;
use httpdyno_report::picture::{self, Wanted};
use httpdyno_report::scale::Scaling;
use httpdyno_report::{
    Comparison, ComparisonError, Provenance, bench_text, capacity, conformance_junit, csv, hdr,
    html, json, markdown, scale, text_table,
};

use crate::Outcome;
use crate::command_line;
use crate::exit::{Exit, Failure};
use index::write_index;

pub(crate) use index::{folders, is_record};

#[derive(Args)]
pub(crate) struct Options {
    /// The record: a folder under results/ with run.json in it
    #[arg(required_unless_present = "index")]
    run: Option<PathBuf>,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where it is put; `-` is the standard output [default: RUN/report.html for html, the
    /// folder RUN/hdr for hdr, the standard output for the others]
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The entry that the others are compared with [default: the first]
    #[arg(long, value_name = "ID")]
    baseline: Option<String>,
    /// The workload of the picture (svg) [default: the first]
    #[arg(long, value_name = "ID")]
    workload: Option<String>,
    /// The connections of the picture (svg) [default: those in the middle]
    #[arg(long, value_name = "N")]
    connections: Option<u32>,
    /// The offered rate of the picture (svg) [default: the workload's own pace, unless more entries
    /// are ranked at a rate]
    #[arg(long, value_name = "REQ/S")]
    rate: Option<u64>,
    /// List the records of this folder in its index.html instead
    #[arg(long, value_name = "RESULTS", conflicts_with_all = ["run", "format", "output"])]
    index: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// Tables for a terminal
    Text,
    /// One self-contained page
    Html,
    /// For a pull request
    Markdown,
    /// The comparison, for programs
    Json,
    /// Every trial as one row
    Csv,
    /// HdrHistogram logs and percentile distributions, for their plotters
    Hdr,
    /// The verdicts of conformance, for build servers
    Junit,
    /// The ranking at one point as a picture
    Svg,
}

pub(crate) fn run(options: &Options) -> Outcome {
    if let Some(results) = &options.index {
        crate::output::line!("{}", write_index(results, &typed_command())?.display());
        return Ok(Exit::Done);
    }
    let folder = options.run.as_deref().ok_or_else(|| Failure::new("no record is named"))?;
    let record = Record::read_decided(folder)?;
    match options.format {
        Format::Hdr => write_histograms(options, &record)?,
        Format::Text if options.output.is_none() => {
            let comparison = comparison(&record, options.baseline.as_deref())?;
            crate::output::print(&tables(&record, &comparison, terminal_width())?)?;
        }
        _ => {
            let text = text(options, &record)?;
            let standard = match options.format {
                Format::Html => folder.join(PAGE),
                _ => PathBuf::from("-"),
            };
            put(&text, options.output.as_deref().unwrap_or(&standard))?;
        }
    }
    if record.truncated {
        crate::output::remark!("the last line of a file is incomplete and was left out");
    }
    Ok(Exit::Done)
}

/// What `record` holds, against the entry that is named, else the first that was measured. One
/// that was not measured leaves nothing to compare with, which the tables say.
pub(crate) fn comparison(record: &Record, baseline: Option<&str>) -> Result<Comparison, Failure> {
    Comparison::to_be_read(record, baseline).map_err(unreadable(record))
}

/// The same with all that programs may want of it.
fn whole_comparison(record: &Record, baseline: Option<&str>) -> Result<Comparison, Failure> {
    let compared = match baseline {
        Some(baseline) => Comparison::against(record, baseline),
        None => Comparison::of(record).map_err(Into::into),
    };
    compared.map_err(unreadable(record))
}

fn unreadable(record: &Record) -> impl Fn(ComparisonError) -> Failure {
    let folder = record.folder.display().to_string();
    move |error| Failure::new(format!("{folder}: {error}"))
}

/// What is about all entries together is made where the form has it: it takes most of the time.
fn text(options: &Options, record: &Record) -> Result<String, Failure> {
    let provenance = Provenance::new(&command_line::own(), &record.run);
    let baseline = options.baseline.as_deref();
    let compared = || comparison(record, baseline);
    Ok(match options.format {
        Format::Text | Format::Hdr => {
            let tables = tables(record, &compared()?, text_table::WIDTH)?;
            anstream::adapter::strip_str(&tables).to_string()
        }
        Format::Html => page(record, &compared()?, &provenance)?,
        Format::Markdown => markdown::render(record, &compared()?, &provenance),
        Format::Json => json::render(&whole_comparison(record, baseline)?, &provenance)?,
        Format::Csv => csv::render(record, &provenance),
        Format::Junit => {
            conformance_junit::render(
                &record.cases,
                &Origin::of_run(&record.run, &provenance.report),
            )? + "\n"
        }
        Format::Svg => {
            let wanted = Wanted {
                workload: options.workload.clone(),
                connections: options.connections,
                offered_per_s: options.rate,
            };
            picture::render(record, &compared()?, &provenance, &wanted)?
        }
    })
}

/// Everything that a record holds, for a terminal: the comparison, capacities, scaling.
fn tables(record: &Record, comparison: &Comparison, width: usize) -> Result<String, Failure> {
    let mut text = bench_text::render(record, comparison, width);
    if let Some(found) = record.capacity()? {
        text = text + "\n" + &capacity::render(record, &found);
    }
    let scalings = Scaling::of(record);
    if !scalings.is_empty() {
        text = text + "\n" + &scale::render(record, &scalings);
    }
    Ok(text)
}

/// The width of the terminal that the standard output is, else the usual one.
pub(crate) fn terminal_width() -> usize {
    let size = terminal_size::terminal_size_of(std::io::stdout());
    size.map_or(text_table::WIDTH, |(width, _)| width.0.into())
}

fn page(
    record: &Record,
    comparison: &Comparison,
    provenance: &Provenance,
) -> Result<String, Failure> {
    let capacity = record.capacity()?;
    Ok(html::render(record, comparison, capacity.as_ref(), provenance)?)
}

fn write_histograms(options: &Options, record: &Record) -> Result<(), Failure> {
    let folder = options.output.clone().unwrap_or_else(|| record.folder.join("hdr"));
    put_files(&hdr::files(record, &Provenance::new(&command_line::own(), &record.run))?, &folder)
}

/// Writes `files` into `folder` and says so.
pub(crate) fn put_files(files: &[hdr::File], folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)
        .map_err(|error| Failure::new(format!("cannot make {}: {error}", folder.display())))?;
    for file in files {
        write(&file.contents, &folder.join(&file.name))?;
    }
    crate::output::line!("{}: {} files", folder.display(), files.len());
    Ok(())
}

/// The page in a record's folder.
const PAGE: &str = "report.html";

/// What was typed, as one line.
pub(crate) fn typed_command() -> String {
    httpdyno_report::provenance::command(&command_line::own())
}

/// Writes `text` to `file` and says so; `-` is the standard output.
pub(crate) fn put(text: &str, file: &Path) -> Result<(), Failure> {
    if file == Path::new("-") {
        return crate::output::print(text);
    }
    write(text, file)?;
    crate::output::line!("{}", file.display());
    Ok(())
}

fn write(text: &str, file: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot write {}: {error}", file.display()));
    write_whole(file, text).map_err(failed)
}

/// A run without a trial has measured nothing: it leaves no record among those that have. Tells
/// whether that was so.
pub(crate) fn discard_without_trials(record: &Record) -> Result<bool, Failure> {
    if !record.trials.is_empty() {
        return Ok(false);
    }
    let folder = &record.folder;
    fs::remove_dir_all(folder)
        .map_err(|error| Failure::new(format!("cannot remove {}: {error}", folder.display())))?;
    crate::output::remark!("nothing was measured, so no record is left");
    Ok(true)
}

/// Writes the page of a record into its folder, and lists it in the folder above; gives back the
/// page's path, and nothing where there is no record since nothing was measured.
pub(crate) fn publish(
    record: &Record,
    comparison: &Comparison,
) -> Result<Option<PathBuf>, Failure> {
    if discard_without_trials(record)? {
        return Ok(None);
    }
    let file = record.folder.join(PAGE);
    let results = record.folder.parent();
    let shown = [results, Some(&record.folder)].map(last_part).join("/");
    let text = page(record, comparison, &Provenance::new(&page_command(&shown), &record.run))?;
    write(&text, &file)?;
    if let Some(results) = results {
        let name = last_part(Some(results));
        let command = ["httpdyno", "report", "--index", &name].map(str::to_owned);
        write_index(results, &httpdyno_report::provenance::command(&command))?;
    }
    Ok(Some(file))
}

/// The command that makes the page of a record.
fn page_command(folder: &str) -> [String; 5] {
    ["httpdyno", "report", folder, "--format", "html"].map(str::to_owned)
}

/// The last part of a path: where it lay does not matter to a reader.
fn last_part(path: Option<&Path>) -> String {
    path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
}
