//! `conform --url`: somebody's own server. HTTP/1.1 comes first and alone decides; the contract of
//! the application does so too where it is asked for.

use std::sync::atomic::{AtomicBool, Ordering};

use httpdyno_record::ConformanceCounts;
use httpdyno_report::conformance_json::is_of_contract;
use httpdyno_report::{conformance_json, conformance_junit, conformance_text};
use httpdyno_runner::{
    ConformOptions, OwnServer, ServerCheck, ServerVerdicts, conform_server, count_cases,
};
use httpdyno_spec::SpecTree;

use super::progress::Progress;
use super::{Format, Options, origin};
use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::output::{line, text};

pub(super) fn check(
    options: &Options,
    tree: &SpecTree,
    url: &str,
    conform: ConformOptions,
    stop: &AtomicBool,
) -> Outcome {
    let check =
        ServerCheck { page: options.page.clone(), deadline: options.deadline.0, options: conform };
    let server = OwnServer::look(url, &check)?;
    let count = count_cases(tree, &check.options);
    crate::output::remark!(
        "{url}: {count} cases, those of HTTP/1.1 on the page {}; at most {}",
        server.page(),
        options.deadline
    );
    if let Some(note) = server.note() {
        crate::output::remark!("note: {note}");
    }
    let progress = Progress::new(count);
    progress.now(&format!("checking {url}"));
    let found = conform_server(tree, &server, &check, |case| progress.case(&case))?;
    drop(progress);
    if stop.load(Ordering::SeqCst) {
        return Ok(Exit::Interrupted);
    }
    let cases = &found.cases;
    match options.format {
        Format::Text => {
            text!("{}", conformance_text::render_server(cases, options.verbose, options.contract));
        }
        Format::Json => line!("{}", conformance_json::render(cases, &origin(tree)?)),
        Format::Junit => line!("{}", conformance_junit::render(cases, &origin(tree)?)?),
    }
    verdict(options, &found)
}

/// What the exit code says.
fn verdict(options: &Options, found: &ServerVerdicts) -> Outcome {
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
        count => Err(Failure::new(format!(
            "{count} cases had no turn within {}, so that there is no verdict; see why the server \
             is so slow, or allow more with --deadline",
            options.deadline
        ))),
    }
}
