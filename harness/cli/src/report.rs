//! `httpdyno report`: the tables of a record, without a server.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use httpdyno_record::Record;
use httpdyno_report::{Comparison, bench_text};

use crate::Outcome;
use crate::exit::{Exit, Failure};

#[derive(Args)]
pub(crate) struct Options {
    /// The record: a folder under results/ with run.json in it
    run: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Tables for a terminal
    Text,
    /// The comparison as JSON
    Json,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let record = Record::read(&options.run)?;
    let comparison = Comparison::of(&record)
        .map_err(|error| Failure::new(format!("{}: {error}", options.run.display())))?;
    match options.format {
        Format::Text => anstream::print!("{}", bench_text::render(&record, &comparison)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&comparison)?),
    }
    if record.truncated {
        anstream::eprintln!("the last line of a file is incomplete and was left out");
    }
    Ok(Exit::Done)
}
