//! Records of runs that never were, written by the writer of real ones: as many entries as asked
//! for, noise, invalid trials, failed cases, and texts that try to break out of a page.

use std::path::Path;

use httpdyno_record::{
    CaseStatus, ConformanceCounts, Cores, DatabaseRecord, Ending, Enforced, EntryRecord,
    FORMAT_VERSION, GateFailure, Host, Purpose, Record, RecordWriter, Role, RunRecord, Stage,
    TrialOutcome, TrialRecord, WorkloadRecord,
};
use httpdyno_spec::profile::{Gates, IsolationKind, Placement, Profile};
use jiff::Timestamp;

use crate::texts::{self, HOSTILE, LONG_NAME};

mod capacity;
mod cases;
mod noise;
mod trials;

use noise::Noise;

/// What a record is to hold.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Entries that are compared; the null server comes on top.
    pub(crate) entries: usize,
    /// Workloads, each at every number of connections.
    pub(crate) workloads: &'static [&'static str],
    /// Numbers of connections.
    pub(crate) connections: &'static [u32],
    /// Blocks.
    pub(crate) blocks: u32,
    /// Cases in each of the groups.
    pub(crate) cases_per_group: usize,
    /// Offered rates of each workload, beside its own pace.
    pub(crate) rates: u32,
    /// Values in the histogram of each trial.
    pub(crate) values: u32,
}

impl Shape {
    /// `entries` at nine points in five blocks.
    pub(crate) fn of(entries: usize) -> Self {
        Self {
            entries,
            workloads: &["json", "plaintext", MIXED],
            connections: &[16, 64, 256],
            blocks: 5,
            cases_per_group: 6,
            rates: 0,
            values: 2_000,
        }
    }
}

/// Writes such a record below `results` and reads it back.
pub(crate) fn record(results: &Path, shape: Shape) -> Record {
    let mut noise = Noise::new(shape.entries as u64);
    let mut run = run(shape);
    let mut writer = RecordWriter::create(results, &run).expect("a record");
    for index in 0..shape.entries {
        let cases = cases::of(&run.entries[index].entry, index, shape, &mut noise);
        run.entries[index].conformance = Some(ConformanceCounts::of(&cases));
        writer.append_cases(&cases).expect("cases");
    }
    let trials = trials::all(&run, shape, &mut noise);
    for trial in &trials {
        writer.append_trial(trial, None).expect("a trial");
    }
    writer.write_capacity(&capacity::of(&run, shape, &trials)).expect("capacity.json");
    run.ending = Ending::Complete;
    run.finished_at = Some("2026-02-03T06:05:06Z".parse().expect("timestamp"));
    writer.write_run(&run).expect("run.json");
    Record::read_decided(writer.folder()).expect("a record that can be read")
}

/// A workload of several routes with a database behind them; all whose names begin like that.
pub(crate) const MIXED: &str = "mixed-database";

pub(crate) fn uses_database(workload: &str) -> bool {
    ["db", "queries", "updates", "fortunes", "mixed"].iter().any(|it| workload.starts_with(it))
}

/// The entry that is left out of the measurement, where there are enough.
pub(crate) const EXCLUDED: usize = 4;

fn run(shape: Shape) -> RunRecord {
    let mut entries: Vec<EntryRecord> = (0..shape.entries).map(entry).collect();
    entries.push(EntryRecord {
        entry: "null-server".to_owned(),
        name: "null server".to_owned(),
        language: "rust".to_owned(),
        role: Role::NullServer,
        ..EntryRecord::default()
    });
    entries.push(EntryRecord {
        entry: "pgbench".to_owned(),
        name: "pgbench".to_owned(),
        language: "c".to_owned(),
        role: Role::Reference,
        ..EntryRecord::default()
    });
    RunRecord {
        format_version: FORMAT_VERSION,
        httpdyno_version: "0.1.0".to_owned(),
        git_revision: Some("0123abc".to_owned()),
        command_line: ["/opt/bin/httpdyno", "bench", "--profile", "vm-2core", "it's"]
            .map(str::to_owned)
            .to_vec(),
        started_at: started_at(),
        finished_at: None,
        ending: Ending::Unfinished,
        seed: 7,
        profile: profile(shape),
        spec_digest: "00ff".repeat(16),
        host: host(),
        cores: Cores { server: vec![0], generator: vec![1], database: vec![] },
        workloads: shape.workloads.iter().map(|id| workload(id)).collect(),
        database: Some(DatabaseRecord {
            server_version: "15.8".to_owned(),
            source: "a private cluster".to_owned(),
            pool: 16,
            ..DatabaseRecord::default()
        }),
        design: None,
        entries,
        warnings: vec![format!("a warning that quotes a server: {HOSTILE}")],
        lacks: vec![],
        claims: vec![],
    }
}

fn started_at() -> Timestamp {
    "2026-02-03T04:05:06Z".parse().expect("timestamp")
}

fn host() -> Host {
    Host {
        fingerprint: "0badcafe".to_owned(),
        cpu_model: "A Processor of Some Make @ 2.60GHz".to_owned(),
        cores: 2,
        memory_bytes: 8 << 30,
        kernel: "Linux 6.1".to_owned(),
        architecture: "x86_64".to_owned(),
        virtualised: true,
        machine: None,
    }
}

fn workload(id: &str) -> WorkloadRecord {
    WorkloadRecord {
        id: id.to_owned(),
        summary: format!("What {id} is about."),
        endpoints: vec![id.to_owned()],
    }
}

fn profile(shape: Shape) -> Profile {
    Profile {
        version: 1,
        id: "synthetic".parse().expect("id"),
        summary: "for tests".to_owned(),
        publishable: true,
        placement: Placement::Split,
        isolation: IsolationKind::Process,
        idle_guard: true,
        implementations: vec![],
        workloads: shape.workloads.iter().map(|id| id.parse().expect("id")).collect(),
        connections: shape.connections.to_vec(),
        idle: "0ms".parse().expect("span"),
        warmup: "1s".parse().expect("span"),
        measure: "1s".parse().expect("span"),
        fixed_rates: None,
        blocks: shape.blocks,
        database: Default::default(),
        server_memory: None,
        start_timeout: "5s".parse().expect("span"),
        build_timeout: "600s".parse().expect("span"),
        gates: Gates::default(),
    }
}

fn entry(index: usize) -> EntryRecord {
    let (implementation, name, language, tags) = texts::SERVERS[index % texts::SERVERS.len()];
    let round = index / texts::SERVERS.len();
    let variant = match (index, round) {
        (7, _) => format!("@{LONG_NAME}"),
        (_, 0) => String::new(),
        (_, round) => format!("@variant-{round}"),
    };
    EntryRecord {
        entry: format!("{implementation}{variant}"),
        name: if index == 1 { HOSTILE.to_owned() } else { name.to_owned() },
        language: language.to_owned(),
        framework: name.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        endpoints: vec!["json".to_owned(), "plaintext".to_owned()],
        version: Some(match index {
            1 => HOSTILE.to_owned(),
            _ => format!("{name} {index}.2.1"),
        }),
        excluded: (index == EXCLUDED).then(|| format!("it does not conform: {HOSTILE}")),
        ..EntryRecord::default()
    }
}

/// A trial that did not come to a measurement.
fn failed(reason: &str) -> TrialOutcome {
    TrialOutcome::Failed { stage: Stage::Load, reason: reason.to_owned() }
}

fn steal_gate() -> GateFailure {
    GateFailure {
        gate: "steal".to_owned(),
        message: "5.1 % of the CPU time was stolen, at most 1.0 % is allowed".to_owned(),
        voids: vec![],
    }
}

fn trial_record(
    number: u32,
    block: u32,
    entry: &str,
    (workload, connections): (&str, u32),
    purpose: Purpose,
    outcome: TrialOutcome,
) -> TrialRecord {
    TrialRecord {
        trial: number,
        block,
        entry: entry.to_owned(),
        workload: workload.to_owned(),
        connections,
        purpose,
        offered_per_s: None,
        started_at: started_at(),
        enforced: Enforced::default(),
        outcome,
    }
}

/// How the cases of an entry end: most of them well.
fn status(index: usize, case: usize) -> CaseStatus {
    match (index * 31 + case * 7) % 41 {
        0 => CaseStatus::Warn,
        1 => CaseStatus::KnownDeviation,
        2 => CaseStatus::NotApplicable,
        3 => CaseStatus::Info,
        4 if index == EXCLUDED || index == 1 => CaseStatus::Fail,
        5 if index == EXCLUDED => CaseStatus::UnexpectedPass,
        _ => CaseStatus::Pass,
    }
}
