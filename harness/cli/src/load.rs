//! `httpdyno load`: load on one URL, and what became of it.

mod connect_to;
mod distribution;
mod fields;
mod files;
mod formats;
pub(crate) mod habits;
mod hdr;
mod live;
mod plan;
mod rate;
mod requests;
mod shown;
mod summary;
mod target;
pub(crate) mod units;
mod verdict;
mod workload;

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use httpdyno_loadgen::{LoadReport, run as generate};
use httpdyno_spec::units::Span;

use crate::Outcome;
use crate::exit::Exit;
use crate::interrupt;
use crate::output;
use crate::own_hosts::OwnHostOption;
use rate::Rate;
pub(crate) use requests::logged;
pub(crate) use shown::whole_percentile;
pub(crate) use summary::statuses;
use units::{Percentile, count, distinct, number, time};

#[derive(Args)]
pub(crate) struct Options {
    /// What to ask for, e.g. http://127.0.0.1:8080/json; values as in --value may stand in it
    #[arg(required_unless_present_any = ["json_schema", "requests_from", "workload"])]
    url: Option<String>,
    /// Connections, over all threads
    #[arg(short, long, value_name = "N", default_value_t = 64, value_parser = number)]
    connections: usize,
    /// Generator threads
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = number)]
    threads: usize,
    /// Pin one generator thread to each of these cores, e.g. 2,3 (instead of --threads)
    #[arg(long, value_name = "CORES", value_delimiter = ',', conflicts_with = "threads")]
    cores: Vec<usize>,
    /// Measured time, e.g. 30s or 1h; a bare number is seconds, as in all times
    /// [default: 10s, or until --requests are done]
    #[arg(short, long, value_name = "TIME", value_parser = time)]
    duration: Option<Span>,
    /// Send exactly so many requests, then stop; e.g. 500 or 10k. Where --duration ends it before,
    /// the rest is never sent, and the exit code 1 (see --allow-unanswered)
    #[arg(short = 'n', long, value_name = "N", value_parser = count)]
    requests: Option<u64>,
    /// Load before the measurement [default: 1s, none with --requests]
    #[arg(long, value_name = "TIME", value_parser = time)]
    warmup: Option<Span>,
    /// Open loop: requests per second, whatever the server does. 500 is constant, 100..900 a
    /// ramp over the duration, 100x5s,500x5s are steps
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// Open loop: the gaps between requests
    #[arg(long, value_enum, default_value = "poisson", requires = "rate")]
    arrivals: Arrivals,
    /// Open loop: spin instead of sleeping for the last so long before a request is due
    #[arg(
        long, value_name = "TIME", default_value = "100us", requires = "rate", value_parser = time
    )]
    spin: Span,
    /// Closed loop: pause between a response and the next request
    #[arg(long, value_name = "TIME", conflicts_with = "rate", value_parser = time)]
    think: Option<Span>,
    /// Another path of the same server, asked for by GET WEIGHT times as often as URL; its status
    /// is checked. May be given again
    #[arg(long, value_name = "WEIGHT=PATH", action = ArgAction::Append)]
    also: Vec<String>,
    /// The method [default: GET, or POST with --body]
    #[arg(short = 'X', long, value_name = "METHOD")]
    method: Option<String>,
    /// A field, `Name: value`; may be given again
    #[arg(short = 'H', long = "header", value_name = "FIELD", action = ArgAction::Append)]
    headers: Vec<String>,
    /// The body, or @FILE to read it from a file, @- from standard input
    #[arg(long, value_name = "BODY")]
    body: Option<String>,
    /// A value that differs from request to request and may stand as {{NAME}} in URL, fields,
    /// body and expected body: NAME=seq:FIRST, NAME=int:MIN..MAX or NAME=text:LENGTH
    #[arg(long = "value", value_name = "NAME=KIND", action = ArgAction::Append)]
    values: Vec<String>,
    /// Send the requests of this file (- is standard input), one a line: a URL, METHOD URL, a JSON
    /// object with `method`, `url`, `headers` and `body`, or a line of an access log
    #[arg(long, value_name = "FILE", conflicts_with_all = ["also", "expect_echo"])]
    requests_from: Option<PathBuf>,
    /// Ask for what this workload says, and check each answer as it does: one of the suite around, or a
    /// file; the URL says where [default: the suite's]
    #[arg(long, value_name = "ID|FILE", conflicts_with_all = [
        "requests_from", "also", "method", "headers", "body", "values", "expect_status", "expect_body",
        "expect_echo", "expect_json", "raw",
    ])]
    workload: Option<String>,
    /// Which request of --requests-from is next
    #[arg(long, value_enum, default_value = "given", requires = "requests_from")]
    order: Order,
    /// Connect to this unix socket instead of the URL's host; @NAME is an abstract one
    #[arg(long, value_name = "PATH", conflicts_with = "connect_to")]
    unix_socket: Option<PathBuf>,
    /// Connect there instead of the URL's host and port; also HOST1:PORT1:HOST2:PORT2, as curl's,
    /// and several of these, of which the first that holds for the URL is taken
    #[arg(long, value_name = "HOST:PORT", action = ArgAction::Append)]
    connect_to: Vec<String>,
    /// The status that is right [default: 200 to 399]
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=999))]
    expect_status: Option<u16>,
    /// The body that is right, or @FILE
    #[arg(long, value_name = "BODY", conflicts_with = "expect_echo")]
    expect_body: Option<String>,
    /// Right is the body that was sent
    #[arg(long, requires = "body")]
    expect_echo: bool,
    /// Compare bodies as JSON: white space and the order of members are free
    #[arg(long)]
    expect_json: bool,
    /// Take what files and arguments give as bodies and expected bodies as it is: `{{` has no
    /// meaning in them. (Elsewhere, and without this, {{{{}} stands for `{{`)
    #[arg(long)]
    raw: bool,
    /// Spread connections over all addresses of the host [default: the first that can be
    /// connected to]
    #[arg(long)]
    spread: bool,
    /// Exit with 0 though this share of requests, in millionths, was never answered or never sent,
    /// or, in an open loop, late because the server did not keep up
    #[arg(long, value_name = "PPM", value_parser = verdict::allowed())]
    allow_unanswered: Option<u64>,
    /// A request without a complete response after this long is an error
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    timeout: Span,
    /// Requests outstanding on one connection
    #[arg(long, value_name = "DEPTH", default_value_t = 1, value_parser = number)]
    pipeline: usize,
    /// Follow redirects on the same server: up to 10, or so many, for one request, whose latency
    /// is that of all together
    #[arg(
        short = 'L', long, value_name = "MOST", num_args = 0..=1, require_equals = true,
        default_missing_value = "10", value_parser = clap::value_parser!(u32).range(1..=1000)
    )]
    follow: Option<u32>,
    /// A new connection for each request, and `Connection: close` in it
    #[arg(long, conflicts_with = "reconnect_after")]
    disable_keepalive: bool,
    /// Renew each connection after so many responses
    #[arg(long, value_name = "N", value_parser = count)]
    reconnect_after: Option<u64>,
    /// Ask for the real-time class, so that kernel threads and other programs do not delay the
    /// generator; give it cores of its own (--cores). For generators that sleep: one that always spins
    /// loses 5 % of each second unless kernel.sched_rt_runtime_us is -1
    #[arg(long)]
    realtime: bool,
    /// How bytes are moved
    #[arg(long, value_enum, default_value = "auto")]
    engine: Engine,
    /// Decides every random choice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Percentiles to print; one that has too few responses behind it is left open
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "50,90,95,99,99.9")]
    percentiles: Vec<Percentile>,
    /// Print the whole report as JSON (see --json-schema)
    #[arg(long)]
    json: bool,
    /// Print the result in a form that other tools read, or put it into a file beside the text: json, k6
    /// (as --summary-export), oha, prometheus (text exposition), otlp (JSON). May be given again
    #[arg(long, value_name = "FORM[=FILE]", action = ArgAction::Append)]
    output: Vec<formats::Output>,
    /// Print the JSON Schema of --json and do nothing else
    #[arg(long)]
    json_schema: bool,
    #[command(flatten)]
    own_host: OwnHostOption,
    /// Write the latencies of every second to an HdrHistogram log
    #[arg(long, value_name = "FILE")]
    hdr: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Arrivals {
    /// Evenly spaced
    Constant,
    /// As of independent users: exponentially distributed
    Poisson,
}

#[derive(Clone, Copy, ValueEnum)]
enum Order {
    /// As they stand in the file, again from its start after the last
    Given,
    /// Any of them, each as likely as the others
    Random,
}

#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    /// io_uring where it is allowed, else epoll
    Auto,
    /// io_uring or an error
    IoUring,
    /// epoll
    Epoll,
}

/// Of what `--json` prints.
pub(crate) fn schema() -> serde_json::Value {
    schemars::schema_for!(LoadReport).to_value()
}

pub(crate) fn run(options: &Options) -> Outcome {
    if options.json_schema {
        output::print(&(serde_json::to_string_pretty(&schema())? + "\n"))?;
        return Ok(Exit::Done);
    }
    let plan = plan::resolve(options)?;
    // Before the load: a wrong path should not cost a run.
    let hdr = options.hdr.as_deref().map(hdr::HdrFile::create).transpose()?;
    let outputs = formats::Outputs::create(&options.output, options.json)?;
    let stop = interrupt::watch()?;
    let mut live = live::Live::new(&plan);
    let report = generate(plan.clone(), &stop, &mut live);
    let window_began = live.finish();
    let report = report?;
    let text = match outputs.printed(&plan, &report, window_began)? {
        Some(text) => text,
        None => summary::render(&plan, &report, &distinct(&options.percentiles)),
    };
    // Each is tried, whatever becomes of the other: a load is not repeated for a full disk.
    let printed = output::print(&text);
    let logged = hdr.map_or(Ok(()), |hdr| hdr.write(window_began, &report));
    if let (Err(first), Err(_)) = (&printed, &logged) {
        output::tell(&first.styled());
    }
    logged.and(outputs.write(&plan, &report, window_began)).and(printed)?;
    Ok(verdict::exit(&plan, &report, options.allow_unanswered))
}
