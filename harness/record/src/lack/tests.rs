use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::Profile;

use super::{Lack, Privilege, WeakFigure, warning, weak_figures, weak_kinds, weakens_a_comparison};
use crate::{
    Cores, DatabaseUse, Ending, Enforced, FORMAT_VERSION, Figure, Host, Measurement, OpenLoopUse,
    Purpose, RunRecord, TrialOutcome, TrialRecord,
};

const ALL: [Privilege; 7] = [
    Privilege::ControlGroup,
    Privilege::MemoryLimit,
    Privilege::GeneratorNiceness,
    Privilege::NoTaskGroups,
    Privilege::NoDeepSleep,
    Privilege::SystemCalls,
    Privilege::Energy,
];

fn profile() -> Profile {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let tree = SpecTree::load(root.expect("workspace root")).expect("the repository's spec");
    tree.profile("vm-2core").expect("it is there").value.clone()
}

fn without(privileges: &[Privilege]) -> RunRecord {
    let lack = |&privilege| Lack { privilege, reason: "refused".to_owned() };
    RunRecord {
        format_version: FORMAT_VERSION,
        httpdyno_version: "0.1.0".to_owned(),
        git_revision: None,
        command_line: vec![],
        started_at: "2026-02-03T04:05:06Z".parse().expect("timestamp"),
        finished_at: None,
        ending: Ending::Complete,
        seed: 7,
        profile: profile(),
        spec_digest: "00".to_owned(),
        host: Host::detect(),
        cores: Cores { server: vec![0], generator: vec![1], database: vec![0] },
        workloads: vec![],
        database: None,
        design: None,
        entries: vec![],
        warnings: vec![],
        claims: vec![],
        lacks: privileges.iter().map(lack).collect(),
    }
}

fn trial(measured: Measurement) -> TrialRecord {
    TrialRecord {
        trial: 0,
        block: 0,
        entry: "a".to_owned(),
        workload: "json".to_owned(),
        connections: 16,
        purpose: Purpose::Compare,
        offered_per_s: None,
        started_at: "2026-02-03T04:05:06Z".parse().expect("timestamp"),
        enforced: Enforced::default(),
        outcome: TrialOutcome::Measured(Box::new(measured)),
    }
}

fn read_from(source: &str) -> Measurement {
    let mut measured = Measurement::default();
    measured.server.cpu_source = Some(source.to_owned());
    measured
}

/// The kinds that are weaker without `privilege`.
fn weak(privilege: Privilege, measured: Measurement) -> Vec<Figure> {
    weak_kinds(&without(&[privilege]), &trial(measured))
}

#[test]
fn each_privilege_weakens_what_needs_it_and_nothing_else() {
    use Figure::{Cost, Latency, Tail, Throughput};
    let plain = || read_from("process-clocks");
    let groupless = || read_from("process-clocks-and-reaped-children");
    assert_eq!(weak(Privilege::ControlGroup, plain()), [], "clocks are exact");
    assert_eq!(weak(Privilege::ControlGroup, groupless()), [Cost]);
    assert_eq!(weak(Privilege::MemoryLimit, plain()), [Cost]);
    assert_eq!(weak(Privilege::GeneratorNiceness, plain()), [Throughput, Latency, Tail]);
    let mut open = plain();
    open.generator.open_loop = Some(OpenLoopUse::default());
    assert_eq!(weak(Privilege::GeneratorNiceness, open), [Latency, Tail, Cost]);
    assert_eq!(weak(Privilege::NoTaskGroups, plain()), [], "without a database");
    let with_database = Measurement { database: Some(DatabaseUse::default()), ..plain() };
    let all = [Throughput, Latency, Tail, Cost];
    assert_eq!(weak(Privilege::NoTaskGroups, with_database), all);
    assert_eq!(weak(Privilege::NoDeepSleep, plain()), [Latency, Tail]);
    for uncounted in [Privilege::SystemCalls, Privilege::Energy] {
        assert_eq!(weak(uncounted, groupless()), [], "what is absent is not weak");
    }
    let failed = TrialOutcome::Failed { stage: crate::Stage::Start, reason: String::new() };
    let failed = TrialRecord { outcome: failed, ..trial(plain()) };
    assert_eq!(weak_kinds(&without(&ALL), &failed), []);
}

#[test]
fn a_limit_that_is_in_force_all_the_same_weakens_nothing() {
    let mut limited = trial(read_from("control-group"));
    limited.enforced.memory_limit_bytes = Some(1 << 30);
    assert_eq!(weak_kinds(&without(&[Privilege::MemoryLimit]), &limited), []);
    let mut unlimited = without(&[Privilege::MemoryLimit]);
    unlimited.profile.server_memory = None;
    assert_eq!(weak_kinds(&unlimited, &trial(Measurement::default())), []);
    assert!(!Privilege::MemoryLimit.is_wanted(&unlimited.profile, false));
    let niceness = Privilege::GeneratorNiceness;
    assert!(niceness.is_wanted(&profile(), false) && !niceness.is_wanted(&profile(), true));
}

#[test]
fn a_row_is_as_weak_as_the_weakest_of_its_trials_and_says_why() {
    let run = without(&[Privilege::ControlGroup, Privilege::NoDeepSleep]);
    let exact = trial(read_from("process-clocks"));
    let told = trial(read_from("process-clocks-and-reaped-children"));
    let because = |figure, privilege| WeakFigure { figure, without: vec![privilege] };
    let of_sleep = |figure| because(figure, Privilege::NoDeepSleep);
    let latency = [of_sleep(Figure::Latency), of_sleep(Figure::Tail)];
    assert_eq!(weak_figures(&run, &[&exact]), latency);
    let [median, tail] = latency;
    let cost = because(Figure::Cost, Privilege::ControlGroup);
    assert_eq!(weak_figures(&run, &[&exact, &told]), [median, tail, cost]);
    assert!(weakens_a_comparison(&run, std::slice::from_ref(&exact)));
    let pilot = TrialRecord { purpose: Purpose::Pilot, ..exact.clone() };
    assert!(!weakens_a_comparison(&run, &[pilot]));
    assert!(!weakens_a_comparison(&without(&[]), &[exact]));
}

#[test]
fn one_warning_names_all_that_is_missing_and_what_to_do() {
    let lacks = without(&ALL).lacks;
    let text = warning(&lacks, 1000).expect("a warning");
    assert!(text.contains("as user 1000 and not as root") && text.contains("marked ~"), "{text}");
    for privilege in ALL {
        assert!(text.contains(privilege.consequence()), "{text}");
        assert!(text.contains(privilege.remedy()), "{text}");
    }
    assert!(!text.contains('\n'));
    assert_eq!(warning(&[], 1000), None);
    assert!(warning(&lacks, 0).is_some_and(|text| text.contains("though root's")));
}
