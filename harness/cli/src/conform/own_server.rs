//! `conform --url`, or of a suite: somebody's own server. HTTP/1.1 comes first and alone decides; the
//! contract of the application does so too where it is asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use httpdyno_record::{CaseRecord, ConformanceCounts};
use httpdyno_report::conformance_json::is_of_contract;
use httpdyno_report::{conformance_json, conformance_junit, conformance_text};
use httpdyno_runner::{
    ConformOptions, Entry, OwnServer, ServerCheck, ServerVerdicts, conform_server, conform_service,
    count_cases,
};
use httpdyno_spec::SpecTree;
use httpdyno_spec::suite::Suite;
use httpdyno_spec::units::Span;

use super::again::TIMES;
use super::known::{Known, decides};
use super::progress::Progress;
use super::{Format, Options, origin};
use crate::exit::{Exit, Failure};
use crate::output::{line, text};
use crate::own_hosts::OwnHostOption;
use crate::{Outcome, service};

/// Who has the server.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// Somebody who runs it already.
    Url(&'a str),
    /// A suite, by which it is built and started here, or runs already.
    Suite(&'a Suite),
}

/// What all cases may take together, where nobody says it.
const DEADLINE: Span = Span(Duration::from_secs(60));

/// A server that can be asked more than once.
struct Asked<'a> {
    tree: &'a SpecTree,
    check: ServerCheck,
    url: String,
    /// What is started here for that.
    entry: Option<Entry>,
}

pub(super) fn check(
    options: &Options,
    tree: &SpecTree,
    whose: Whose<'_>,
    conform: ConformOptions,
    stop: &AtomicBool,
) -> Outcome {
    let suite = match whose {
        Whose::Url(_) => None,
        Whose::Suite(suite) => Some(suite),
    };
    let known = Known::read(&options.known, tree, suite)?;
    let check = ServerCheck {
        page: options.page.clone().or_else(|| suite.and_then(page_of)),
        deadline: options.deadline.unwrap_or(DEADLINE).0,
        options: conform,
        known: known.failures(),
    };
    let asked = Asked::new(tree, check, whose, stop)?;
    let mut found = asked.ask(true)?;
    if stop.load(Ordering::SeqCst) {
        return Ok(Exit::Interrupted);
    }
    let told = if known.is_to_be_written() {
        let mut runs = vec![found.cases];
        let mut not_run = found.not_run;
        while not_run == 0 && runs.len() < TIMES {
            let again = asked.ask(false)?;
            not_run = again.not_run;
            runs.push(again.cases);
        }
        if stop.load(Ordering::SeqCst) {
            return Ok(Exit::Interrupted);
        }
        if not_run > 0 {
            return Err(no_turn(not_run, &asked.check, "so that nothing is written"));
        }
        let said = known.write(&mut runs, |case| decides(case, options.contract))?;
        found.cases = runs.swap_remove(0);
        said
    } else {
        known.explain(&mut found.cases);
        known.text(&found.cases)
    };
    print(options, tree, &found.cases)?;
    options.format.say(&told);
    found.remarks.iter().for_each(|remark| crate::output::remark!("{remark}"));
    verdict(options, &asked.check, &found)
}

fn print(options: &Options, tree: &SpecTree, cases: &[CaseRecord]) -> Result<(), Failure> {
    match options.format {
        Format::Text => {
            text!("{}", conformance_text::render_server(cases, options.verbose, options.contract));
        }
        Format::Json => line!("{}", conformance_json::render(cases, &origin(tree)?)),
        Format::Junit => line!("{}", conformance_junit::render(cases, &origin(tree)?)?),
    }
    Ok(())
}

/// What a suite's server answers with 200 when it is ready is a page as good as any.
fn page_of(suite: &Suite) -> Option<String> {
    let ready = &suite.file.server.ready;
    let is_page = ready.status.is_empty() || ready.status.contains(&200);
    is_page.then(|| ready.path.clone())
}

impl<'a> Asked<'a> {
    /// Builds what is started here.
    fn new(
        tree: &'a SpecTree,
        check: ServerCheck,
        whose: Whose<'_>,
        stop: &AtomicBool,
    ) -> Result<Self, Failure> {
        let suite = match whose {
            Whose::Url(url) => return Ok(Self { tree, check, url: url.to_owned(), entry: None }),
            Whose::Suite(suite) => suite,
        };
        if let Some(url) = &suite.file.server.url {
            return Ok(Self { tree, check, url: url.clone(), entry: None });
        }
        let entry = service::entry(suite, tree, OwnHostOption::default())?;
        let url = suite.file.name.clone();
        crate::output::remark!("building {url}");
        let built = entry.isolation.build(&entry.manifest, &entry.context, stop);
        built.map_err(|error| Failure::new(format!("cannot build {url}: {error}")))?;
        Ok(Self { tree, check, url, entry: Some(entry) })
    }

    /// Asks all cases, once.
    fn ask(&self, is_first: bool) -> Result<ServerVerdicts, Failure> {
        let count = count_cases(self.tree, &self.check.options);
        let tell = |server: &OwnServer| {
            if !is_first {
                return;
            }
            crate::output::remark!(
                "{}: {count} cases, those of HTTP/1.1 on the page {}; at most {}",
                self.url,
                server.page(),
                Span(self.check.deadline)
            );
            if let Some(note) = server.note() {
                crate::output::remark!("note: {note}");
            }
        };
        let now = format!("checking {}", self.url);
        Ok(match &self.entry {
            Some(entry) => {
                let progress = Progress::new(count);
                progress.now(&now);
                conform_service(self.tree, entry, &self.check, tell, |case| progress.case(&case))?
            }
            None => {
                let server = OwnServer::look(&self.url, &self.check)?;
                tell(&server);
                let progress = Progress::new(count);
                progress.now(&now);
                conform_server(self.tree, &server, &self.check, |case| progress.case(&case))?
            }
        })
    }
}

/// What the exit code says.
fn verdict(options: &Options, check: &ServerCheck, found: &ServerVerdicts) -> Outcome {
    let of = |contract: bool| {
        let part = found.cases.iter().filter(move |case| is_of_contract(case) == contract);
        ConformanceCounts::of(part)
    };
    let contract = of(true);
    if options.contract && contract.applicable() == 0 && contract != ConformanceCounts::default() {
        crate::output::remark!(
            "the contract is not met: no endpoint of it is offered (see spec/contract.md)"
        );
        return Ok(Exit::UnderTestFailed);
    }
    if !of(false).is_conformant() || (options.contract && !contract.is_conformant()) {
        return Ok(Exit::UnderTestFailed);
    }
    match found.not_run {
        0 => Ok(Exit::Done),
        count => Err(no_turn(count, check, "so that there is no verdict")),
    }
}

fn no_turn(count: usize, check: &ServerCheck, so: &str) -> Failure {
    Failure::new(format!(
        "{count} cases had no turn within {}, {so}; see why the server is so slow, or allow more with \
         --deadline",
        Span(check.deadline)
    ))
}
