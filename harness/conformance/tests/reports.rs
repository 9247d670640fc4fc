//! Faults of the kinds that were reported of real servers, each played by a broken server and
//! caught by the cases of its line, at the level that the RFC gives them.

mod common;

use std::collections::BTreeSet;

use httpdyno_conformance::{
    Plan, Requirements, Status, Target, Verdict, render_failure, run_conformance_blocking,
};
use httpdyno_spec::exchange::Level::{self, Must, Should};
use httpdyno_testkit::{
    ConnectionQuirk, ConversationQuirk, FramingQuirk, Quirk, Server, WireQuirk,
};

use common::requirements;

/// What was reported, who plays it, and by which case it is caught, how strongly.
struct Line {
    report: &'static str,
    quirk: Quirk,
    case: &'static str,
    level: Level,
}

fn line(report: &'static str, quirk: impl Into<Quirk>, case: &'static str, level: Level) -> Line {
    Line { report, quirk: quirk.into(), case, level }
}

/// How many different reports there are.
const REPORTS: usize = 9;

fn lines() -> Vec<Line> {
    about_framing().into_iter().chain(about_chunks()).chain(about_connections()).collect()
}

fn about_framing() -> Vec<Line> {
    use ConversationQuirk::GoesOnAfterMissingHost;
    use WireQuirk::{
        KeepsOpenAfterCodingIn10, KeepsOpenAfterLengthAndCoding, PrefersLengthOverChunked,
    };
    let report = "Transfer-Encoding beside Content-Length, and the connection stays open";
    let both = [
        line(report, KeepsOpenAfterLengthAndCoding, "h1/transfer-encoding/with-length", Must),
        line(report, KeepsOpenAfterLengthAndCoding, "h1/transfer-encoding/length-behind", Must),
        line(report, KeepsOpenAfterLengthAndCoding, "h1/codings/of-get-with-length", Must),
        line(report, PrefersLengthOverChunked, "h1/transfer-encoding/with-length-smuggled", Must),
    ];
    let report = "Transfer-Encoding in a request of HTTP/1.0";
    let in_1_0 = [
        line(report, KeepsOpenAfterCodingIn10, "h1/transfer-encoding/in-http-1-0", Must),
        line(report, KeepsOpenAfterCodingIn10, "h1/codings/in-http-1-0-with-length", Must),
    ];
    let report = "no Host, and a coding that nobody knows";
    let no_host = [
        line(report, GoesOnAfterMissingHost, "h1/codings/without-host", Must),
        line(report, GoesOnAfterMissingHost, "h1/unread-content/without-host-chunked", Must),
    ];
    both.into_iter().chain(in_1_0).chain(no_host).collect()
}

fn about_chunks() -> Vec<Line> {
    use FramingQuirk::{
        BareLfEndsTrailers, LastChunkIsTheEnd, ReadsPastLfInExtension, SkipsTrailers,
        TrailersFrameNextRequest,
    };
    use WireQuirk::BareLfEndsChunkSize;
    let report = "a LF alone ends a chunk size";
    let sizes = [
        line(report, BareLfEndsChunkSize, "h1/chunked/bare-lf", Must),
        line(report, BareLfEndsChunkSize, "h1/chunk-lines/lf-after-last-size", Must),
        line(report, BareLfEndsChunkSize, "h1/chunk-lines/lf-ends-extension", Must),
    ];
    let report = "a LF within a chunk extension is read over";
    let extensions = [
        line(report, ReadsPastLfInExtension, "h1/chunk-lines/lf-in-extension", Must),
        line(report, ReadsPastLfInExtension, "h1/chunk-lines/lf-in-quotes", Must),
        line(report, ReadsPastLfInExtension, "h1/chunk-lines/lf-in-last-extension", Must),
    ];
    // Trailers that fit no rule of the grammar alone SHOULD be refused (RFC 9112 section 2.2);
    // those that move the end of the message must not.
    let report = "trailers that are none";
    let trailers = [
        line(report, SkipsTrailers, "h1/trailers/no-colon", Should),
        line(report, SkipsTrailers, "h1/trailers/name-empty", Should),
        line(report, SkipsTrailers, "h1/trailers/name-not-a-token", Should),
        line(report, SkipsTrailers, "h1/trailers/space-before-colon", Should),
        line(report, SkipsTrailers, "h1/trailers/control-character", Should),
        line(report, BareLfEndsTrailers, "h1/trailers/bare-lf", Should),
        line(report, BareLfEndsTrailers, "h1/chunk-lines/lf-at-the-end", Must),
        line(report, LastChunkIsTheEnd, "h1/trailers/no-empty-line", Must),
        line(report, TrailersFrameNextRequest, "h1/trailers/content-length", Must),
        line(report, TrailersFrameNextRequest, "h1/trailers/transfer-encoding", Must),
    ];
    sizes.into_iter().chain(extensions).chain(trailers).collect()
}

fn about_connections() -> Vec<Line> {
    use ConnectionQuirk::{AnswersAfterClose, CloseInLowerCaseOnly, NeverCloses};
    use ConversationQuirk::{AnswersLateRequests, HangsOnLateContent, TakesLateContentForRequest};
    let report = "`Connection: Close` with capitals is not understood";
    let capitals = [
        line(report, CloseInLowerCaseOnly, "h1/options/title-case", Must),
        line(report, CloseInLowerCaseOnly, "h1/connection/close-upper-case", Must),
    ];
    let report = "bytes behind a request with the close option are answered";
    let garbage = [
        line(report, AnswersAfterClose, "h1/after-the-end/garbage", Must),
        line(report, AnswersLateRequests, "h1/after-the-end/garbage", Must),
        line(report, NeverCloses, "h1/after-the-end/garbage", Must),
    ];
    let report = "content that nobody read, and that comes late";
    let late = [
        line(report, HangsOnLateContent, "h1/late-content/get-length", Must),
        line(report, HangsOnLateContent, "h1/late-content/not-found-chunked", Must),
        line(report, TakesLateContentForRequest, "h1/late-content/get-chunked", Must),
        line(report, TakesLateContentForRequest, "h1/late-content/not-allowed-length", Must),
    ];
    capitals.into_iter().chain(garbage).chain(late).collect()
}

fn ask(requirements: &Requirements, server: &Server, cases: &[&str]) -> Vec<Verdict> {
    let offered = requirements.endpoints.endpoints.iter().map(|endpoint| endpoint.id.clone());
    let mut plan = Plan::new(requirements.clone(), Target::at(server.address()));
    plan.offered = Some(offered.collect());
    plan.filter.cases = cases.iter().map(|&case| case.to_owned()).collect();
    run_conformance_blocking(plan, |_| {}).expect("a runtime").verdicts
}

/// How often a fault may hide: on a loaded machine, parts that are sent apart may arrive together.
const ATTEMPTS: usize = 3;

/// Those lines whose case does not catch a server with these quirks, with what was seen.
fn missed(lines: &[&Line], requirements: &Requirements, quirks: &[Quirk]) -> Vec<String> {
    let mut open: Vec<&Line> = lines.to_vec();
    let mut said = Vec::new();
    for _ in 0..ATTEMPTS {
        let cases: Vec<&str> = open.iter().map(|line| line.case).collect();
        let server = Server::with(quirks.iter().copied());
        let verdicts = ask(requirements, &server, &cases);
        let of = |line: &Line| verdicts.iter().find(|verdict| verdict.id.as_str() == line.case);
        open.retain(|line| !of(line).is_some_and(|verdict| is_caught(line, verdict)));
        let tell = |line: &&Line| {
            let seen = of(line).map_or_else(|| "no such case".to_owned(), render_failure);
            let (report, quirk) = (line.report, line.quirk.name());
            format!("{report} -> {quirk} -> {}, {:?}: {seen}", line.case, line.level)
        };
        said = open.iter().map(tell).collect();
        if open.is_empty() {
            break;
        }
    }
    said
}

/// A MUST that is not met fails the server, a SHOULD warns it.
fn is_caught(line: &Line, verdict: &Verdict) -> bool {
    let status = match line.level {
        Must => Status::Fail,
        Should => Status::Warn,
        Level::May => Status::Info,
    };
    verdict.level == line.level && verdict.status == status
}

#[test]
fn what_was_reported_of_real_servers_is_caught() {
    let (requirements, lines) = (requirements(), lines());
    let reports: BTreeSet<&str> = lines.iter().map(|line| line.report).collect();
    assert_eq!(reports.len(), REPORTS, "{reports:#?}");
    let quirks: BTreeSet<Quirk> = lines.iter().map(|line| line.quirk).collect();
    let missed = |quirk: &Quirk| {
        let played: Vec<&Line> = lines.iter().filter(|line| line.quirk == *quirk).collect();
        missed(&played, &requirements, &[*quirk])
    };
    let missed: Vec<String> = std::thread::scope(|threads| {
        let each = quirks.iter().map(|quirk| threads.spawn(|| missed(quirk)));
        let each: Vec<_> = each.collect();
        each.into_iter().flat_map(|thread| thread.join().expect("no check panics")).collect()
    });
    assert!(missed.is_empty(), "{} are not caught:\n{}", missed.len(), missed.join("\n"));
}

/// Each report is played by servers that must fail a MUST: none is a matter of taste alone.
#[test]
fn every_report_has_a_must_among_its_cases() {
    let lines = lines();
    let strong = lines.iter().filter(|line| line.level == Must).map(|line| line.report);
    assert_eq!(strong.collect::<BTreeSet<_>>().len(), REPORTS);
}

/// Without the fault nothing is caught, so that the test above is told of each line that passes.
#[test]
fn of_a_right_server_every_line_is_missed() {
    let (requirements, lines) = (requirements(), lines());
    let all: Vec<&Line> = lines.iter().collect();
    let missed = missed(&all, &requirements, &[]);
    assert_eq!(missed.len(), lines.len(), "{}", missed.join("\n"));
    for (line, said) in lines.iter().zip(&missed) {
        assert!(said.contains(line.report) && said.contains(line.quirk.name()), "{said}");
    }
}
