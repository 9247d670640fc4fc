//! Records of runs that never were, with known truths.
#![allow(dead_code)] // each test file uses its part

use std::path::PathBuf;

use httpdyno_record::{
    ConformanceCounts, Cores, DatabaseUse, Ending, Enforced, EntryRecord, FORMAT_VERSION, Figure,
    GateFailure, Host, LatencySummary, Measurement, Purpose, Record, Role, RunRecord, Stage,
    TrialOutcome, TrialRecord,
};
use httpdyno_spec::profile::{Gates, IsolationKind, Placement, Profile};
use httpdyno_stats::histogram::Histogram;
use jiff::Timestamp;

/// A run without trials of these entries; `null` is the null server, `pgbench` the reference.
pub(crate) fn run(entries: &[&str]) -> RunRecord {
    RunRecord {
        format_version: FORMAT_VERSION,
        httpdyno_version: "0.1.0".to_owned(),
        git_revision: None,
        command_line: vec!["httpdyno".to_owned(), "bench".to_owned()],
        started_at: Timestamp::UNIX_EPOCH,
        finished_at: None,
        ending: Ending::Complete,
        seed: 7,
        profile: profile(),
        spec_digest: "00".to_owned(),
        host: Host {
            fingerprint: "0badcafe".to_owned(),
            cpu_model: "A Processor".to_owned(),
            cores: 2,
            memory_bytes: 1 << 30,
            kernel: "Linux 6.1".to_owned(),
            architecture: "x86_64".to_owned(),
            virtualised: true,
            machine: None,
        },
        cores: Cores { server: vec![0], generator: vec![1], database: vec![] },
        workloads: vec![],
        database: None,
        design: None,
        entries: entries.iter().map(|name| entry(name)).collect(),
        warnings: vec![],
        lacks: vec![],
        claims: vec![],
    }
}

/// The row of an entry.
pub(crate) fn entry(name: &str) -> EntryRecord {
    EntryRecord {
        entry: name.to_owned(),
        name: name.to_owned(),
        language: "rust".to_owned(),
        role: match name {
            "null" => Role::NullServer,
            "pgbench" => Role::Reference,
            _ => Role::Entry,
        },
        version: Some("engine 1.2.3".to_owned()),
        conformance: Some(ConformanceCounts { passed: 200, ..ConformanceCounts::default() }),
        ..EntryRecord::default()
    }
}

pub(crate) fn profile() -> Profile {
    Profile {
        version: 1,
        id: "vm-2core".parse().expect("id"),
        summary: "for tests".to_owned(),
        publishable: true,
        placement: Placement::Split,
        isolation: IsolationKind::Process,
        idle_guard: true,
        workloads: vec!["json".parse().expect("id")],
        connections: vec![16],
        warmup: "100ms".parse().expect("span"),
        measure: "1s".parse().expect("span"),
        blocks: 6,
        database: Default::default(),
        server_memory: None,
        start_timeout: "5s".parse().expect("span"),
        build_timeout: "600s".parse().expect("span"),
        gates: Gates::default(),
        fixed_rates: None,
        implementations: vec![],
        idle: "0ms".parse().expect("span"),
    }
}

/// A trial to be: what it is of, and its truth.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) entry: &'static str,
    pub(crate) workload: &'static str,
    pub(crate) connections: u32,
    pub(crate) purpose: Purpose,
    pub(crate) offered_per_s: Option<u64>,
    pub(crate) workers: Option<u32>,
    pub(crate) responses_per_s: u64,
    pub(crate) cpu_ns_per_response: u64,
    pub(crate) latency_ns: u64,
    /// What the database executed for each response, where it was offered and asked.
    pub(crate) statements_per_response: Option<u64>,
    /// A gate that failed, and what it makes void.
    pub(crate) failed: Option<(&'static str, &'static [Figure])>,
    pub(crate) crashed: bool,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            entry: "a",
            workload: "json",
            connections: 16,
            purpose: Purpose::Compare,
            offered_per_s: None,
            workers: None,
            responses_per_s: 100_000,
            cpu_ns_per_response: 8_000,
            latency_ns: 200_000,
            statements_per_response: None,
            failed: None,
            crashed: false,
        }
    }
}

/// The noise of block and trial: a fixed sequence within +-`per_mille`, so that tests are exact.
pub(crate) fn noise(step: u32, per_mille: u64) -> u64 {
    1000 - per_mille + u64::from(step.wrapping_mul(2_654_435_761) >> 16) % (2 * per_mille + 1)
}

/// A record of `entries` with the trials that `of_block` makes for each block.
pub(crate) fn record(entries: &[&str], blocks: u32, of_block: impl Fn(u32) -> Vec<Made>) -> Record {
    let mut trials = Vec::new();
    for block in 0..blocks {
        for made in of_block(block) {
            trials.push(trial(trials.len() as u32, block, &made));
        }
    }
    let folder = PathBuf::from("results/x");
    let (run, cases) = (run(entries), vec![]);
    Record { folder, run, cases, trials, truncated: false, decisions: None }.decided()
}

fn trial(number: u32, block: u32, made: &Made) -> TrialRecord {
    let outcome = if made.crashed {
        TrialOutcome::Failed { stage: Stage::Load, reason: "the server ended".to_owned() }
    } else {
        // Two of a thousand; no two trials alike, as in life.
        TrialOutcome::Measured(Box::new(measurement(made, noise(number + 1, 2))))
    };
    TrialRecord {
        trial: number,
        block,
        entry: made.entry.to_owned(),
        workload: made.workload.to_owned(),
        connections: made.connections,
        purpose: made.purpose,
        offered_per_s: made.offered_per_s,
        started_at: Timestamp::UNIX_EPOCH,
        enforced: Enforced { workers: made.workers, ..Enforced::default() },
        outcome,
    }
}

fn measurement(made: &Made, per_mille: u64) -> Measurement {
    let mut latency = Histogram::new();
    (0..1000).for_each(|step| latency.record(made.latency_ns * per_mille / 1000 + step * 10));
    let responses = match made.offered_per_s {
        Some(rate) => made.responses_per_s.min(rate),
        None => made.responses_per_s * per_mille / 1000,
    };
    let voids = |figures: &[Figure]| figures.to_vec();
    Measurement {
        elapsed_ns: 1_000_000_000,
        responses,
        received_bytes: responses * 150,
        latency: LatencySummary {
            p50_ns: latency.quantile_ns(0.5),
            p99_ns: latency.quantile_ns(0.99),
            p999_ns: latency.quantile_ns(0.999),
            max_ns: latency.max_ns(),
            ..LatencySummary::default()
        },
        latency_hdr: latency.to_hdr_v2().into(),
        established: made.connections,
        server_cpu_ns: responses * made.cpu_ns_per_response * per_mille / 1000,
        generator_cpu_ns: 500_000_000,
        server_peak_rss_bytes: 5 << 20,
        start_to_ready_ns: 4_000_000,
        engine: "epoll".to_owned(),
        database: made.statements_per_response.map(|statements| DatabaseUse {
            cpu_ns: Some(responses * 9_000),
            statements: Some(responses * statements),
            ..DatabaseUse::default()
        }),
        failed_gates: made
            .failed
            .map(|(gate, figures)| GateFailure {
                gate: gate.to_owned(),
                message: format!("{gate} failed"),
                voids: voids(figures),
            })
            .into_iter()
            .collect(),
        ..Measurement::default()
    }
}
