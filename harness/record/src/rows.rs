//! What is decided of a whole row - an entry at a point - and never of a single trial.
//!
//! Some gates fail by what a trial came to: its rate near the ceiling, its latency, its pace. To
//! leave out the trials that such a gate stops would choose by the outcome, and the median of the
//! rest would be of the slow ones alone. So a gate of this kind is decided over all trials of the
//! row: where it failed in more than a fifth of them, none of them counts for the figures that it
//! makes void; else all of them do.
//!
//! What the server did itself - a wrong answer, a connection that it did not take, a trial that it
//! did not live through - leaves out no single trial either: a server that fails when it is slow would
//! have only its fast trials counted. Where that happened once, no trial of the row counts.
//!
//! And no kind of figure counts that is valid in less than four fifths of the row's blocks,
//! whatever took the others.
//!
//! What a file holds of a trial is what was found in that trial; all this is decided when a record
//! is read, so that a record of any age is read by the same rule.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::gate::{Gate, Scope};
use crate::purpose::{Figure, Purpose};
use crate::trial::{GateFailure, Stage, TrialOutcome, TrialRecord};

/// A row counts where at least this share of its trials (for a gate of rows) or of its blocks (for
/// a kind of figure) does, in per cent.
pub const REQUIRED_PERCENT: usize = 80;

/// All kinds of figures.
const FIGURES: [Figure; 4] = [Figure::Throughput, Figure::Latency, Figure::Tail, Figure::Cost];

/// An entry at a point.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RowKey {
    /// The workload.
    pub workload: String,
    /// Connections held.
    pub connections: u32,
    /// Requests offered per second; absent where the workload paces itself.
    pub offered_per_s: Option<u64>,
    /// Cores of the server, where that is what the trials are about (`scale`).
    pub cores: Option<u32>,
    /// The entry.
    pub entry: String,
}

/// A kind of figure that a row does not have, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VoidFigure {
    /// The kind.
    pub figure: Figure,
    /// The gate or stage that took most of its blocks.
    pub cause: String,
    /// Blocks in which a trial was valid for it by itself.
    pub valid: u32,
    /// Blocks of the point.
    pub blocks: u32,
}

/// What was decided of the rows of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The figures that rows do not have.
    pub void: BTreeMap<RowKey, Vec<VoidFigure>>,
    /// Gates of rows that failed in a few trials, which count all the same: for each gate how many
    /// trials, and the first message.
    pub passed: BTreeMap<String, (u32, String)>,
    /// Trials that stood in the record twice and were left out.
    pub duplicates: u32,
    /// Trials whose numbers are not in the record although later ones are.
    pub missing: u32,
}

impl RowKey {
    /// The row that `trial` is of; nothing where it is of none, but of a search, a pilot or a
    /// curve.
    #[must_use]
    pub fn of(trial: &TrialRecord) -> Option<Self> {
        let cores = match trial.purpose {
            Purpose::Compare | Purpose::FixedRate => None,
            Purpose::Scale => Some(trial.enforced.workers.unwrap_or(0)),
            _ => return None,
        };
        Some(Self {
            workload: trial.workload.clone(),
            connections: trial.connections,
            offered_per_s: trial.offered_per_s,
            cores,
            entry: trial.entry.clone(),
        })
    }

    fn is_at_point_of(&self, other: &Self) -> bool {
        (&self.workload, self.connections, self.offered_per_s, self.cores)
            == (&other.workload, other.connections, other.offered_per_s, other.cores)
    }
}

/// Decides the rows of `trials`: their failed gates are then those of their rows.
pub fn decide(trials: &mut [TrialRecord]) -> Decisions {
    let mut rows: BTreeMap<RowKey, Vec<usize>> = BTreeMap::new();
    for (place, trial) in trials.iter().enumerate() {
        if let Some(key) = RowKey::of(trial) {
            rows.entry(key).or_default().push(place);
        }
    }
    let mut decisions = Decisions::default();
    // Rows of one point stand side by side in the order of their keys.
    let all: Vec<(&RowKey, &Vec<usize>)> = rows.iter().collect();
    for point in all.chunk_by(|(one, _), (other, _)| one.is_at_point_of(other)) {
        let places = point.iter().flat_map(|(_, places)| places.iter());
        let blocks: BTreeSet<u32> = places.map(|&place| trials[place].block).collect();
        for (key, places) in point {
            let mut row = Row { trials, places };
            // A run that was stopped within a block has not come to it there.
            let came_to_last = row.has_block(blocks.last());
            let blocks = blocks.len() - usize::from(!came_to_last);
            let before = row.validity(blocks);
            row.decide_gates(&mut decisions.passed);
            row.decide_servers();
            let void = row.void_figures(before, blocks);
            if !void.is_empty() {
                decisions.void.insert((*key).clone(), void);
            }
        }
    }
    decisions
}

/// The trials of a row, by their places among all.
struct Row<'a> {
    trials: &'a mut [TrialRecord],
    places: &'a [usize],
}

impl Row<'_> {
    fn has_block(&self, block: Option<&u32>) -> bool {
        self.places.iter().any(|&place| Some(&self.trials[place].block) == block)
    }

    fn gates(&self) -> impl Iterator<Item = &[GateFailure]> {
        let of = |place: &usize| self.trials[*place].measurement();
        self.places.iter().filter_map(of).map(|measured| measured.failed_gates.as_slice())
    }

    /// For each kind of figure what its trials say by themselves.
    fn validity(&self, blocks: usize) -> [VoidFigure; 4] {
        FIGURES.map(|figure| {
            let own = || self.places.iter().map(|&place| &self.trials[place]);
            let valid: BTreeSet<u32> = own()
                .filter(|trial| trial.valid_for(figure).is_some())
                .map(|trial| trial.block)
                .collect();
            let mut causes: BTreeMap<String, u32> = BTreeMap::new();
            for cause in own().filter_map(|trial| cause(trial, figure)) {
                *causes.entry(cause).or_default() += 1;
            }
            let most = causes.into_iter().max_by_key(|(_, trials)| *trials);
            VoidFigure {
                figure,
                cause: most.map_or_else(|| "not measured".to_owned(), |(cause, _)| cause),
                valid: count(valid.len()),
                blocks: count(blocks),
            }
        })
    }

    /// Each gate of rows holds for all trials or for none.
    fn decide_gates(&mut self, passed: &mut BTreeMap<String, (u32, String)>) {
        let measured = self.gates().count();
        for gate in Gate::of(Scope::Row) {
            let failed: Vec<GateFailure> = self
                .gates()
                .filter_map(|gates| gates.iter().find(|one| one.is(gate)))
                .cloned()
                .collect();
            let Some(first) = failed.first() else { continue };
            let is_of_row = |figure: &Figure| {
                let trials = failed.iter().filter(|one| one.makes_void(*figure)).count();
                fails_row(trials, measured)
            };
            let voids: Vec<Figure> = FIGURES.into_iter().filter(is_of_row).collect();
            let of_row = GateFailure {
                gate: gate.id().to_owned(),
                message: format!(
                    "in {} of {measured} trials of this row, so it is decided of all; the first: {}",
                    failed.len(),
                    first.message
                ),
                voids: if voids.len() == FIGURES.len() { Vec::new() } else { voids.clone() },
            };
            if voids.is_empty() {
                let of_gate = passed.entry(gate.id().to_owned()).or_default();
                of_gate.0 += count(failed.len());
                if of_gate.1.is_empty() {
                    of_gate.1.clone_from(&first.message);
                }
            }
            for &place in self.places {
                let TrialOutcome::Measured(measured) = &mut self.trials[place].outcome else {
                    continue;
                };
                let gates = &mut measured.failed_gates;
                let own = gates.iter().position(|one| one.is(gate));
                match (own, voids.is_empty()) {
                    (Some(own), true) => drop(gates.remove(own)),
                    (Some(own), false) => gates[own].voids.clone_from(&of_row.voids),
                    (None, true) => {}
                    (None, false) => gates.push(of_row.clone()),
                }
            }
        }
    }

    /// What its server did in one trial holds for all.
    fn decide_servers(&mut self) {
        for gate in Gate::of(Scope::Server) {
            let failed: Vec<GateFailure> = self
                .gates()
                .filter_map(|gates| gates.iter().find(|one| one.is(gate)))
                .cloned()
                .collect();
            let Some(first) = failed.first() else { continue };
            let voids = |figure: &Figure| failed.iter().any(|one| one.makes_void(*figure));
            let voids: Vec<Figure> = FIGURES.into_iter().filter(voids).collect();
            self.fail_all(&GateFailure {
                gate: gate.id().to_owned(),
                message: self.of_server(failed.len(), &first.message),
                voids: if voids.len() == FIGURES.len() { Vec::new() } else { voids },
            });
        }
        let failed: Vec<(String, &str)> = self.failed().collect();
        if let Some((stage, reason)) = failed.first() {
            let message = self.of_server(failed.len(), &format!("{stage}: {reason}"));
            self.fail_all(&GateFailure::of(Gate::FailedTrial, &[], message));
        }
    }

    /// Of each trial that failed altogether, where it did and why.
    fn failed(&self) -> impl Iterator<Item = (String, &str)> {
        self.places.iter().filter_map(|&place| match &self.trials[place].outcome {
            TrialOutcome::Failed { stage, reason } => Some((failed_at(*stage), reason.as_str())),
            TrialOutcome::Measured(_) => None,
        })
    }

    fn of_server(&self, trials: usize, first: &str) -> String {
        format!(
            "in {trials} of {} trials of this row; a server that fails when it is slow would have its              fast trials counted, so none counts; the first: {first}",
            self.places.len()
        )
    }

    fn fail_all(&mut self, gate: &GateFailure) {
        for &place in self.places {
            let TrialOutcome::Measured(measured) = &mut self.trials[place].outcome else {
                continue;
            };
            if !measured.failed_gates.iter().any(|one| one.gate == gate.gate) {
                measured.failed_gates.push(gate.clone());
            }
        }
    }

    /// What the row does not have, after its gates were decided; the trials that were valid for it
    /// are so no more.
    fn void_figures(&mut self, before: [VoidFigure; 4], blocks: usize) -> Vec<VoidFigure> {
        let now = self.validity(blocks);
        let mut void = Vec::new();
        for (by_itself, decided) in before.into_iter().zip(now) {
            if decided.valid as usize * 100 >= blocks * REQUIRED_PERCENT {
                continue;
            }
            if decided.valid > 0 {
                self.make_void(&decided);
            }
            let stage = self.failed().next().filter(|_| decided.cause == Gate::FailedTrial.id());
            let cause = stage.map_or(decided.cause, |(stage, _)| stage);
            void.push(VoidFigure { cause, ..by_itself });
        }
        void
    }

    fn make_void(&mut self, figure: &VoidFigure) {
        let VoidFigure { figure, cause, valid, blocks } = figure;
        for &place in self.places {
            let TrialOutcome::Measured(measured) = &mut self.trials[place].outcome else {
                continue;
            };
            if measured.is_valid_for(*figure) {
                let message = format!(
                    "{valid} of {blocks} blocks are valid for {figure} ({cause} took others), \
                     {REQUIRED_PERCENT} % are needed; see what took the others"
                );
                measured.failed_gates.push(GateFailure::of(Gate::Blocks, &[*figure], message));
            }
        }
    }
}

/// Why a trial has no figure of this kind; nothing where it has one.
fn cause(trial: &TrialRecord, figure: Figure) -> Option<String> {
    match &trial.outcome {
        TrialOutcome::Failed { stage, .. } => Some(failed_at(*stage)),
        TrialOutcome::Measured(measured) => {
            let gate = measured.failed_gates.iter().find(|gate| gate.makes_void(figure))?;
            Some(gate.gate.clone())
        }
    }
}

fn failed_at(stage: Stage) -> String {
    format!("failed at {stage}")
}

/// Whether a gate of rows fails with so many of its trials.
fn fails_row(failed: usize, trials: usize) -> bool {
    failed * 100 > trials * (100 - REQUIRED_PERCENT)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
