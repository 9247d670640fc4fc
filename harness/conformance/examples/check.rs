//! Checks one server:
//! `cargo run -p httpdyno-conformance --example check -- 127.0.0.1:PORT [CASE...]`
//! Without an address, the perfect server of the testkit is checked.

use std::path::Path;
use std::sync::Arc;

use httpdyno_conformance::{
    Filter, Plan, Requirements, Status, Target, render_failure, run_conformance_blocking,
};
use httpdyno_spec::case::CasesFile;
use httpdyno_spec::endpoint::EndpointsFile;
use httpdyno_spec::read_file;

fn main() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec");
    let endpoints = read_file::<EndpointsFile>(&spec.join("endpoints.yaml"));
    let mut paths: Vec<_> = std::fs::read_dir(spec.join("cases"))
        .expect("the folder spec/cases")
        .map(|entry| entry.expect("an entry of spec/cases").path())
        .collect();
    paths.sort();
    let cases = paths.iter().map(|path| match read_file::<CasesFile>(path) {
        Ok(file) => file.value,
        Err(errors) => panic!("{errors}"),
    });
    let requirements = Requirements {
        endpoints: Arc::new(endpoints.unwrap_or_else(|errors| panic!("{errors}")).value),
        cases: cases.collect(),
        payloads: spec.join("payloads"),
    };
    let mut args = std::env::args().skip(1).peekable();
    let server = httpdyno_testkit::Server::perfect();
    let address = match args.next_if(|arg| arg.contains(':')) {
        Some(address) => address.parse().expect("an address such as 127.0.0.1:8080"),
        None => server.address(),
    };
    let mut plan = Plan::new(requirements, Target::at(address));
    plan.filter = Filter { cases: args.collect(), ..Filter::default() };
    let report = run_conformance_blocking(plan, |_| {}).expect("a runtime");
    print!("{}", report.snapshot_text());
    for verdict in &report.verdicts {
        if !matches!(verdict.status, Status::Pass | Status::NotApplicable) {
            println!("\n{}", render_failure(verdict));
        }
    }
    println!("{:?} in {} ms", report.counts(), report.duration_us / 1000);
    let mut slow: Vec<_> = report.verdicts.iter().map(|v| (v.duration_us / 1000, &v.id)).collect();
    slow.sort();
    println!("slowest: {:?}", slow.iter().rev().take(5).collect::<Vec<_>>());
}
