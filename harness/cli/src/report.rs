//! `httpdyno report`: what a record says, in the form that is asked for; and the list of all.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_report::{Comparison, Provenance, bench_text, html};

use crate::Outcome;
use crate::exit::{Exit, Failure};

#[derive(Args)]
pub(crate) struct Options {
    /// The record: a folder under results/ with run.json in it
    #[arg(required_unless_present = "index")]
    run: Option<PathBuf>,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where it is put; `-` is the standard output [default: RUN/report.html for html, the
    /// standard output for the others]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
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
    /// The comparison as JSON
    Json,
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
        Format::Text => {
            let text = bench_text::render(&record, &comparison);
            match &options.output {
                None => anstream::print!("{text}"),
                Some(file) => put(&anstream::adapter::strip_str(&text).to_string(), file)?,
            }
        }
        Format::Html => {
            let page = page(&record, &comparison, &typed())?;
            let file = options.output.clone().unwrap_or_else(|| folder.join(PAGE));
            put(&page, &file)?;
        }
        Format::Json => {
            let json = format!("{}\n", serde_json::to_string_pretty(&comparison)?);
            put(&json, options.output.as_deref().unwrap_or(Path::new("-")))?;
        }
    }
    if record.truncated {
        anstream::eprintln!("the last line of a file is incomplete and was left out");
    }
    Ok(Exit::Done)
}

/// The page in a record's folder.
const PAGE: &str = "report.html";

fn page(record: &Record, comparison: &Comparison, command: &[String]) -> Result<String, Failure> {
    html::render(record, comparison, &Provenance::new(command, &record.run)).map_err(Failure::new)
}

/// What was typed.
fn typed() -> Vec<String> {
    std::env::args().collect()
}

/// Writes `text` to `file` and says so; `-` is the standard output.
fn put(text: &str, file: &Path) -> Result<(), Failure> {
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
    write(&page(record, comparison, &command)?, &file)?;
    if let Some(results) = record.folder.parent() {
        write_index(results)?;
    }
    Ok(file)
}

/// Lists the records of `results` in its `index.html`, the latest first.
fn write_index(results: &Path) -> Result<PathBuf, Failure> {
    let failed =
        |error| Failure::new(format!("cannot list the records in {}: {error}", results.display()));
    let mut folders: Vec<PathBuf> = fs::read_dir(results)
        .map_err(failed)?
        .filter_map(|item| Some(item.ok()?.path()))
        .filter(|path| path.join("run.json").is_file())
        .collect();
    folders.sort();
    folders.reverse();
    let runs: Vec<html::IndexedRun> = folders.iter().map(|folder| indexed(folder)).collect();
    let command = httpdyno_report::provenance::command(&typed());
    let file = results.join("index.html");
    write(&html::render_index(&runs, &command).map_err(Failure::new)?, &file)?;
    Ok(file)
}

fn indexed(folder: &Path) -> html::IndexedRun {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let read = Record::read(folder).map_err(|error| error.to_string()).and_then(|record| {
        let comparison = Comparison::of(&record).map_err(|error| error.to_string())?;
        Ok((record, comparison))
    });
    match read {
        Ok((record, comparison)) => html::IndexedRun::new(&name, &record, &comparison),
        Err(reason) => html::IndexedRun::unreadable(&name, &reason),
    }
}
