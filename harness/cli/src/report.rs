//! `httpdyno report`: what a record says, in the form that is asked for; and the list of all.

mod index;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_report::picture::{self, Wanted};
use httpdyno_report::{
    Comparison, Provenance, bench_text, conformance_junit, csv, hdr, html, json, markdown,
};

use crate::Outcome;
use crate::exit::{Exit, Failure};
use index::write_index;

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
    /// The workload of the picture (svg) [default: the first]
    #[arg(long, value_name = "ID")]
    workload: Option<String>,
    /// The connections of the picture (svg) [default: those in the middle]
    #[arg(long, value_name = "N")]
    connections: Option<u32>,
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
        println!("{}", write_index(results)?.display());
        return Ok(Exit::Done);
    }
    let folder = options.run.as_deref().ok_or_else(|| Failure::new("no record is named"))?;
    let record = Record::read(folder)?;
    let comparison = Comparison::of(&record)
        .map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    match options.format {
        Format::Hdr => write_histograms(options, &record)?,
        Format::Text if options.output.is_none() => {
            anstream::print!("{}", bench_text::render(&record, &comparison));
        }
        _ => {
            let text = text(options, &record, &comparison)?;
            let standard = match options.format {
                Format::Html => folder.join(PAGE),
                _ => PathBuf::from("-"),
            };
            put(&text, options.output.as_deref().unwrap_or(&standard))?;
        }
    }
    if record.truncated {
        anstream::eprintln!("the last line of a file is incomplete and was left out");
    }
    Ok(Exit::Done)
}

fn text(options: &Options, record: &Record, comparison: &Comparison) -> Result<String, Failure> {
    let provenance = Provenance::new(&typed(), &record.run);
    Ok(match options.format {
        Format::Text | Format::Hdr => {
            anstream::adapter::strip_str(&bench_text::render(record, comparison)).to_string()
        }
        Format::Html => html::render(record, comparison, &provenance)?,
        Format::Markdown => markdown::render(record, comparison, &provenance),
        Format::Json => json::render(comparison, &provenance)?,
        Format::Csv => csv::render(record, &provenance),
        Format::Junit => conformance_junit::render(&record.cases, &provenance.report)? + "\n",
        Format::Svg => {
            let wanted =
                Wanted { workload: options.workload.clone(), connections: options.connections };
            picture::render(record, comparison, &provenance, &wanted)?
        }
    })
}

fn write_histograms(options: &Options, record: &Record) -> Result<(), Failure> {
    let folder = options.output.clone().unwrap_or_else(|| record.folder.join("hdr"));
    let files = hdr::files(record, &Provenance::new(&typed(), &record.run))?;
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("cannot make {}: {error}", folder.display())))?;
    for file in &files {
        write(&file.contents, &folder.join(&file.name))?;
    }
    println!("{}: {} files", folder.display(), files.len());
    Ok(())
}

/// The page in a record's folder.
const PAGE: &str = "report.html";

/// What was typed, as one line.
pub(crate) fn typed_command() -> String {
    httpdyno_report::provenance::command(&typed())
}

/// What was typed.
fn typed() -> Vec<String> {
    std::env::args().collect()
}

/// Writes `text` to `file` and says so; `-` is the standard output.
pub(crate) fn put(text: &str, file: &Path) -> Result<(), Failure> {
    if file == Path::new("-") {
        print!("{text}");
        return Ok(());
    }
    write(text, file)?;
    println!("{}", file.display());
    Ok(())
}

fn write(text: &str, file: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot write {}: {error}", file.display()));
    fs::write(file, text).map_err(failed)
}

/// Writes the page of a record into its folder, and lists it in the folder above; gives back the
/// page's path.
pub(crate) fn publish(record: &Record, comparison: &Comparison) -> Result<PathBuf, Failure> {
    let file = record.folder.join(PAGE);
    let name = |path: Option<&Path>| {
        path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
    };
    let shown = format!("{}/{}", name(record.folder.parent()), name(Some(&record.folder)));
    let command = ["httpdyno", "report", &shown, "--format", "html"].map(str::to_owned);
    let page = html::render(record, comparison, &Provenance::new(&command, &record.run))?;
    write(&page, &file)?;
    if let Some(results) = record.folder.parent() {
        write_index(results)?;
    }
    Ok(file)
}
