//! What is decided of a whole row, and never of one of its trials.

use std::collections::BTreeSet;

use httpdyno_record::gate::{Gate, Scope};
use httpdyno_record::rows::{Decisions, decide};
use httpdyno_record::{
    Enforced, Figure, GateFailure, Measurement, Purpose, Stage, TrialOutcome, TrialRecord,
};

fn failure(gate: Gate, voids: &[Figure]) -> GateFailure {
    GateFailure::of(gate, voids, "why".to_owned())
}

fn trial(entry: &str, block: u32, failed_gates: Vec<GateFailure>) -> TrialRecord {
    let measurement = Measurement {
        elapsed_ns: 1_000_000_000,
        responses: 1000,
        failed_gates,
        ..Measurement::default()
    };
    TrialRecord {
        trial: block,
        block,
        entry: entry.to_owned(),
        workload: "json".to_owned(),
        connections: 16,
        purpose: Purpose::Compare,
        offered_per_s: None,
        started_at: "2026-01-01T00:00:00Z".parse().expect("a time"),
        enforced: Enforced::default(),
        outcome: TrialOutcome::Measured(Box::new(measurement)),
    }
}

/// A row of `blocks` trials, of which the first `failed` failed this gate.
fn row(blocks: u32, failed: u32, gate: &GateFailure) -> Vec<TrialRecord> {
    let of = |block| if block < failed { vec![gate.clone()] } else { Vec::new() };
    (0..blocks).map(|block| trial("a", block, of(block))).collect()
}

fn valid(trials: &[TrialRecord], figure: Figure) -> usize {
    trials.iter().filter(|trial| trial.valid_for(figure).is_some()).count()
}

#[test]
fn a_gate_of_rows_holds_for_all_trials_of_a_row_or_for_none() {
    for gate in Gate::of(Scope::Row) {
        let gate = failure(gate, &[Figure::Throughput]);
        for (blocks, failed) in [(5, 1), (10, 2), (13, 2), (6, 1)] {
            let mut trials = row(blocks, failed, &gate);
            let decisions = decide(&mut trials);
            assert_eq!(valid(&trials, Figure::Throughput), blocks as usize, "{gate:?}");
            assert!(decisions.void.is_empty());
            assert_eq!(decisions.passed[&gate.gate], (failed, "why".to_owned()));
        }
        for (blocks, failed) in [(1, 1), (3, 1), (5, 2), (6, 2), (13, 3), (4, 4)] {
            let mut trials = row(blocks, failed, &gate);
            let decisions = decide(&mut trials);
            assert_eq!(valid(&trials, Figure::Throughput), 0, "{failed} of {blocks}: {gate:?}");
            assert_eq!(valid(&trials, Figure::Cost), blocks as usize);
            let void = decisions.void.values().next().expect("the row");
            let told: Vec<_> =
                void.iter().map(|it| (it.figure, it.cause.as_str(), it.valid, it.blocks)).collect();
            let expected = (Figure::Throughput, gate.gate.as_str(), blocks - failed, blocks);
            assert_eq!(told, [expected]);
        }
    }
}

#[test]
fn other_gates_take_their_trials_and_the_row_where_fewer_than_four_fifths_are_left() {
    let gate = failure(Gate::Steal, &[]);
    let mut few = row(10, 2, &gate);
    assert_eq!(decide(&mut few), Decisions::default());
    assert_eq!(valid(&few, Figure::Cost), 8, "eight of ten are enough, without the two");
    let mut many = row(10, 3, &gate);
    let decisions = decide(&mut many);
    let figures = [Figure::Throughput, Figure::Latency, Figure::Tail, Figure::Cost];
    assert_eq!(figures.map(|figure| valid(&many, figure)), [0; 4]);
    let void = decisions.void.values().next().expect("the row");
    assert!(void.iter().all(|it| it.cause == Gate::Steal.id() && (it.valid, it.blocks) == (7, 10)));
    assert_eq!(void.len(), 4);
    let added = many[9].measurement().expect("measured").failed_gates[0].clone();
    assert!(added.is(Gate::Blocks), "{added:?}");
    assert!(added.message.contains("7 of 10 blocks are valid for throughput (steal"), "{added:?}");
}

#[test]
fn what_a_server_does_itself_takes_the_row_from_the_first_trial_on() {
    for gate in Gate::of(Scope::Server) {
        let mut trials = row(20, 1, &failure(gate, &[]));
        let decisions = decide(&mut trials);
        assert_eq!(valid(&trials, Figure::Throughput), 0, "{gate}");
        let void = &decisions.void.values().next().expect("the row")[0];
        assert_eq!((void.cause.as_str(), void.valid, void.blocks), (gate.id(), 19, 20));
        let told = &trials[19].measurement().expect("measured").failed_gates[0].message;
        assert!(
            told.starts_with("in 1 of 20 trials of this row") && told.ends_with("why"),
            "{told}"
        );
    }
    // What it makes void, it makes void in all; the rest stays.
    let mut some = row(10, 1, &failure(Gate::Pool, &[Figure::Cost]));
    decide(&mut some);
    assert_eq!([Figure::Cost, Figure::Latency].map(|figure| valid(&some, figure)), [0, 10]);
    let mut crashed = row(20, 0, &failure(Gate::Errors, &[]));
    crashed[7].outcome = TrialOutcome::Failed { stage: Stage::Load, reason: "gone".to_owned() };
    let decisions = decide(&mut crashed);
    assert_eq!(valid(&crashed, Figure::Throughput), 0);
    let void = &decisions.void.values().next().expect("the row")[0];
    assert_eq!((void.cause.as_str(), void.valid, void.blocks), ("failed at load", 19, 20));
    let told = &crashed[0].measurement().expect("measured").failed_gates[0];
    assert!(
        told.is(Gate::FailedTrial) && told.message.contains("failed at load: gone"),
        "{told:?}"
    );
}

#[test]
fn a_row_is_an_entry_at_a_point_and_blocks_are_those_of_the_point() {
    let gate = failure(Gate::Headroom, &[Figure::Throughput]);
    let mut trials = row(5, 3, &gate);
    trials.extend((0..5).map(|block| trial("b", block, Vec::new())));
    let elsewhere = |one: &TrialRecord| TrialRecord { connections: 64, ..one.clone() };
    trials.extend(row(5, 0, &gate).iter().map(elsewhere));
    // A search is no row: what a gate found there is the answer.
    let probe = |one: &TrialRecord| TrialRecord { purpose: Purpose::Probe, ..one.clone() };
    trials.extend(row(5, 1, &gate).iter().map(probe));
    // C was there in three of the five blocks only.
    trials.extend((0..3).map(|block| trial("c", block, Vec::new())));
    let crash = TrialOutcome::Failed { stage: Stage::Load, reason: "gone".to_owned() };
    trials.extend((0..5).map(|block| trial("d", block, Vec::new())));
    for broken in trials.iter_mut().rev().take(2) {
        broken.outcome = crash.clone();
    }
    let decisions = decide(&mut trials);
    let void: BTreeSet<&str> = decisions.void.keys().map(|key| key.entry.as_str()).collect();
    assert_eq!(void, BTreeSet::from(["a", "c", "d"]));
    let counts = [&trials[..5], &trials[5..10], &trials[10..15], &trials[15..20]];
    assert_eq!(counts.map(|trials| valid(trials, Figure::Throughput)), [0, 5, 5, 4]);
    assert_eq!(valid(&trials[23..], Figure::Throughput), 0, "d failed in two");
    let of_d = &decisions.void.iter().find(|(key, _)| key.entry == "d").expect("d").1[0];
    assert_eq!((of_d.cause.as_str(), of_d.valid, of_d.blocks), ("failed at load", 3, 5));
}

#[test]
fn a_gate_that_voids_more_in_some_trials_is_decided_for_each_kind_of_figure() {
    let mut trials = row(10, 4, &failure(Gate::SendLag, &[Figure::Tail]));
    let TrialOutcome::Measured(first) = &mut trials[0].outcome else { panic!("measured") };
    first.failed_gates = vec![failure(Gate::SendLag, &[Figure::Latency])];
    decide(&mut trials);
    assert_eq!(valid(&trials, Figure::Latency), 10, "one of ten is no row");
    assert_eq!(valid(&trials, Figure::Tail), 0, "four of ten are");
}

#[test]
fn a_decision_stays_what_it_is() {
    let mut trials = row(10, 4, &failure(Gate::Headroom, &[Figure::Throughput]));
    trials.extend(
        row(10, 3, &failure(Gate::Steal, &[]))
            .iter()
            .map(|one| TrialRecord { entry: "b".to_owned(), ..one.clone() }),
    );
    decide(&mut trials);
    let once = trials.clone();
    decide(&mut trials);
    assert_eq!(once, trials);
}
