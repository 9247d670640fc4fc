//! `httpdyno capacity`: the highest rate at which an entry meets an objective.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use httpdyno_record::{Objective, Record};
use httpdyno_report::capacity::render;
use httpdyno_runner::{CapacityPlan, Entry, capacity};
use httpdyno_spec::units::Span;

use crate::exit::{Exit, Failure};
use crate::own_hosts::{OwnHostOption, declared, host_of};
use crate::planning::{self, Common};
use crate::progress::Progress;
use crate::{Outcome, interrupt, report, root, service};

#[derive(Args)]
pub(crate) struct Options {
    /// Entries, as `implementation` or `implementation@variant` [default in a project with a suite and no
    /// checkout around it: the suite's server]
    #[arg(value_name = "ENTRY", conflicts_with = "url")]
    entries: Vec<String>,
    /// The folder of the suite whose server is searched
    #[arg(long, value_name = "DIR", conflicts_with_all = ["entries", "url"])]
    suite: Option<PathBuf>,
    /// Search the capacity of a server that somebody else runs, e.g. http://127.0.0.1:8080.
    /// Nothing is enforced on it, and what it uses is not measured
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    own_host: OwnHostOption,
    #[command(flatten)]
    common: Common,
    /// A percentile of latency and the most it may be, e.g. p99=10ms or p99.9=50ms
    #[arg(long, value_name = "PERCENTILE=TIME", default_value = "p99=10ms")]
    slo: Latency,
    /// The largest share of errors, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value = "0")]
    errors: Share,
    /// The least share of the offered requests that must be answered rightly in time
    #[arg(long, value_name = "SHARE", default_value = "0.995")]
    goodput: Share,
    /// Length of the trial that confirms the result
    #[arg(long, value_name = "TIME", default_value = "10s")]
    soak: Span,
    /// Leave out latency against offered load and the recovery from an overload
    #[arg(long)]
    no_curve: bool,
    /// Rates at which every entry is measured
    /// [default: a quarter, half, three quarters and the whole of the smallest capacity]
    #[arg(long, value_name = "REQ/S", num_args = 1.., value_delimiter = ',')]
    rates: Vec<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `p99=10ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Latency {
    percentile_milli: u32,
    latency_ns: u64,
}

/// A share in parts per million, from a decimal fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share(u32);

/// A decimal number in units of 10^-`digits`, exactly.
fn decimal(text: &str, digits: usize) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > digits || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ppm = decimal(text, 6).filter(|&ppm| ppm <= 1_000_000);
        let ppm = ppm.and_then(|ppm| u32::try_from(ppm).ok());
        ppm.map(Self).ok_or_else(|| "expected a share from 0 to 1, e.g. 0.995".to_owned())
    }
}

impl FromStr for Latency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a percentile and a time, e.g. p99=10ms".to_owned();
        let (percentile, time) = text.split_once('=').ok_or_else(wrong)?;
        let percentile = percentile.strip_prefix('p').and_then(|number| decimal(number, 3));
        let percentile_milli = percentile
            .filter(|&milli| 0 < milli && milli < 100_000)
            .and_then(|milli| u32::try_from(milli).ok())
            .ok_or_else(wrong)?;
        let time: Span = time.parse().map_err(|error| format!("{error}"))?;
        let latency_ns = u64::try_from(time.duration().as_nanos()).map_err(|_| wrong())?;
        if latency_ns == 0 {
            return Err("the time must be more than 0".to_owned());
        }
        Ok(Self { percentile_milli, latency_ns })
    }
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let suite = match (options.url.is_some(), options.entries.is_empty()) {
        (false, true) => root::suite_of(options.suite.as_deref(), asked_root)?,
        _ => None,
    };
    let tree = root::load(asked_root)?;
    let tree = suite.as_ref().map_or_else(|| tree.clone(), |suite| suite.tree(&tree));
    let foreign = options.url.as_deref().map(|url| Entry::at_url(&tree, url)).transpose()?;
    let (mut bench, connections) = match (foreign, &suite) {
        (Some(entry), _) => {
            let (url, addresses) = (options.url.as_deref(), Vec::from_iter(entry.foreign));
            options.own_host.check(host_of(url.unwrap_or_default()), &addresses, declared)?;
            options.common.plan_of(&tree, None, vec![entry], None)?
        }
        (None, Some(suite)) => {
            let entry = service::entry(suite, &tree, options.own_host)?;
            options.common.plan_of(&tree, Some(suite), vec![entry], None)?
        }
        (None, None) if options.entries.is_empty() => {
            return Err(Failure::new(
                "name entries, e.g. `httpdyno capacity rust-hyper`, a server with --url, or a suite \
                 (`httpdyno init` writes one)",
            ));
        }
        (None, None) => options.common.plan(&tree, &options.entries, None)?,
    };
    if let Some(url) = &options.url {
        bench.warnings.push(format!(
            "somebody else runs {url}: it is not started afresh for each trial, it shares the \
             machine as it likes, and whether it conforms was not checked; see \
             `httpdyno conform --url {url}`"
        ));
    }
    let Latency { percentile_milli, latency_ns } = options.slo;
    let (errors_ppm, goodput_ppm) = (options.errors.0, options.goodput.0);
    let plan = CapacityPlan {
        bench,
        connections,
        objective: Objective { percentile_milli, latency_ns, errors_ppm, goodput_ppm },
        soak: options.soak.duration(),
        curve: !options.no_curve,
        common_per_s: options.rates.clone(),
    };
    let stop = interrupt::watch()?;
    let summary = capacity(&tree, &plan, &mut Progress::new(), &stop)?;
    let record = Record::read_decided(&summary.folder)?;
    let found = record.capacity()?.filter(|found| !found.searches.is_empty());
    let Some(found) = found else {
        crate::output::remark!("no entry could be searched{}", planning::excluded(&record));
        report::discard_without_trials(&record)?;
        return Ok(match planning::exit(&summary) {
            Exit::Done => Exit::Invalid,
            exit => exit,
        });
    };
    if options.json {
        crate::output::line!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        crate::output::text!("\n{}", render(&record, &found));
    }
    if let Some(page) = report::publish(&record, &report::comparison(&record, None)?)? {
        crate::output::remark!("the whole report: {}", page.display());
    }
    let is_found = |ending: &str| matches!(ending, "confirmed" | "always-met");
    Ok(match planning::exit(&summary) {
        Exit::Done if found.searches.iter().any(|one| !is_found(&one.ending)) => Exit::Invalid,
        exit => exit,
    })
}

#[cfg(test)]
mod tests {
    use super::{Latency, Share};

    #[test]
    fn objectives_are_read_exactly() {
        let latency = |percentile_milli, latency_ns| Latency { percentile_milli, latency_ns };
        assert_eq!("p99=10ms".parse(), Ok(latency(99_000, 10_000_000)));
        assert_eq!("p99.9=250us".parse(), Ok(latency(99_900, 250_000)));
        for wrong in ["99=10ms", "p100=1s", "p0=1s", "p99", "p99=10", "p99=0ms", "p=1s"] {
            assert!(wrong.parse::<Latency>().is_err(), "{wrong}");
        }
        assert_eq!("0.995".parse(), Ok(Share(995_000)));
        assert_eq!(("0".parse(), "1".parse()), (Ok(Share(0)), Ok(Share(1_000_000))));
        for wrong in ["1.5", "-1", "", ".5", "0.1234567", "0.5x"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
