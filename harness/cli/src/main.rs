//! The `httpdyno` command: a dynamometer for HTTP servers.
//!
//! One file per verb. Each turns what was typed into resolved options, calls the library that
//! does the work, and turns the outcome into text and an exit code.

#![forbid(unsafe_code)]

mod ab;
mod asked;
mod bench;
mod capacity;
mod claims;
mod command_line;
mod compare;
mod components;
mod conform;
mod database;
mod doctor;
mod embedded;
mod entries;
mod exit;
mod history;
mod init;
mod interrupt;
mod isolation;
mod judging;
mod link;
mod list;
mod load;
mod new;
mod null_server;
mod output;
mod own_hosts;
mod planning;
mod progress;
mod prove;
mod report;
mod root;
mod scale;
mod schema;
mod screen;
mod service;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::exit::{Exit, Failure};

/// A dynamometer for HTTP servers: checks first, measures what it claims, says how sure it is.
#[derive(Parser)]
#[command(version, propagate_version = true, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    /// The folder with spec/ and implementations/ [default: the one around the current folder]
    #[arg(long, global = true, value_name = "DIR", env = "HTTPDYNO_ROOT")]
    root: Option<std::path::PathBuf>,
}

#[derive(Subcommand)]
enum Verb {
    /// Judge a head against its base: two revisions, commands or URLs, measured in one sitting
    Ab(Box<ab::Options>),
    /// Build, check and measure entries side by side, and record everything
    Bench(bench::Options),
    /// Find the highest rate at which entries meet an objective
    Capacity(capacity::Options),
    /// Test published claims: what their own figures say, and a matched experiment
    Claims(Box<claims::Options>),
    /// Compare a candidate with its base: two records, or two entries of one
    Compare(compare::Options),
    /// Put benches of what endpoints are made of beside the served requests of a record
    Components(components::Options),
    /// Check entries, or any server, against the spec
    Conform(conform::Options),
    /// Compare a profile with this machine: what is enforced, what is only hoped for, what fits
    Doctor(doctor::Options),
    /// Look through the records of a folder for changes over time
    History(history::Options),
    /// Write a first suite into your own project: how its server is built, started and asked
    Init(init::Options),
    /// Stand in a linker's place, for `ab --builds`
    #[command(hide = true)]
    Link(link::Options),
    /// Put load on one URL and report what became of it
    Load(Box<load::Options>),
    /// Make the folder of a new implementation, with a server that answers /plaintext and /json
    New(new::Options),
    /// Answer every request with the same bytes: the ceiling that entries are measured under
    #[command(hide = true)]
    NullServer(null_server::Options),
    /// Compare servers whose truth is known: the harness is what is tried
    Prove(prove::Options),
    /// Print the tables of a record again
    Report(report::Options),
    /// Measure entries on 1, 2, 4, ... cores
    Scale(scale::Options),
    /// List implementations, cases, workloads and profiles
    List(list::Options),
    /// Check spec/schema against the types it is generated from, or write it
    Schema(schema::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| complain(error));
    httpdyno_target::open_files::raise();
    let root = arguments.root.as_deref();
    let result = match arguments.verb {
        Verb::Ab(options) => ab::run(&options, root),
        Verb::Bench(options) => bench::run(&options, root),
        Verb::Capacity(options) => capacity::run(&options, root),
        Verb::Scale(options) => scale::run(&options, root),
        Verb::Claims(options) => claims::run(&options, root),
        Verb::Compare(options) => compare::run(&options),
        Verb::Components(options) => components::run(&options, root),
        Verb::Conform(options) => conform::run(&options, root),
        Verb::Doctor(options) => doctor::run(&options, root),
        Verb::History(options) => history::run(&options, root),
        Verb::Init(options) => init::run(&options),
        Verb::Link(options) => link::run(&options),
        Verb::Load(options) => load::run(&options),
        Verb::New(options) => new::run(&options, root),
        Verb::NullServer(options) => null_server::run(&options),
        Verb::Prove(options) => prove::run(&options, root),
        Verb::Report(options) => report::run(&options),
        Verb::List(options) => list::run(&options, root),
        Verb::Schema(options) => schema::run(&options, root),
    };
    let exit = result.unwrap_or_else(|failure: Failure| {
        output::tell(&failure.styled());
        failure.exit()
    });
    match exit {
        Exit::Done if output::is_cut() => Exit::UsageOrEnvironment.into(),
        exit => exit.into(),
    }
}

/// Says what is wrong with what was typed, of which a terminal is shown no control characters.
fn complain(mut error: clap::Error) -> ! {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let shown: Vec<String> =
        typed.iter().map(|argument| output::shown(&argument.to_string_lossy())).collect();
    if typed.iter().zip(&shown).any(|(typed, shown)| typed.as_os_str() != shown.as_str()) {
        error = Arguments::try_parse_from(&shown).err().unwrap_or_else(|| {
            let message = "a control character, or a byte that is no UTF-8, is in an argument\n";
            clap::Error::raw(ErrorKind::InvalidValue, message)
        });
    }
    if shown.get(1).is_some_and(|verb| verb == "load") {
        load::habits::explain(&mut error, &shown);
    }
    error.exit()
}

/// What a verb gives back.
type Outcome = Result<Exit, Failure>;
