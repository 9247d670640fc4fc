//! What one record adds to the series.

use std::collections::BTreeSet;

use httpdyno_record::rows::RowKey;
use httpdyno_record::{Ending, EntryRecord, Figure, Purpose, Record, Role, RunRecord, TrialRecord};
use httpdyno_stats::Estimate;

use super::Asked;
use crate::comparison::entry_named;
use crate::oddities::oddities;
use crate::series::Quantity;
use crate::versus::{Method, paired};
use crate::void::sentence;

/// The ratios of a record to its reference, without its trials: many records fit into memory.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The record's folder.
    pub(super) record: String,
    pub(super) run: RunRecord,
    /// The entry that the others are put beside.
    pub(super) reference: EntryRecord,
    pub(super) figures: Vec<(Place, Estimate)>,
    /// What of it was left out.
    pub(super) notes: Vec<String>,
}

/// What one series is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) entry: String,
    pub(super) workload: String,
    pub(super) connections: u32,
    pub(super) quantity: Quantity,
}

/// Why a record adds nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Its design was not carried out.
    #[error("the run was interrupted or did not come to its end")]
    Incomplete,
    /// A search, a curve, or open loops only.
    #[error("it holds no trials of a closed loop that compare entries")]
    OtherKind,
    /// There is nothing that the entries could be put beside.
    #[error("it has no {0} to put entries beside; name another reference with --reference")]
    NoReference(String),
    /// The choice leaves nothing of it.
    #[error("it has nothing of what was asked for with --impl, --workload or --connections")]
    NotAsked,
    /// Failed trials, or gates.
    #[error(
        "no entry has valid figures in two blocks, and four fifths of all, in which the reference \
         has some too"
    )]
    Void,
}

impl Reading {
    /// What `record` has of what was asked for.
    ///
    /// # Errors
    /// [`Unusable`] when that is nothing.
    pub fn of(record: &Record, asked: &Asked) -> Result<Self, Unusable> {
        let run = &record.run;
        if run.ending != Ending::Complete {
            return Err(Unusable::Incomplete);
        }
        let trials: Vec<&TrialRecord> =
            record.trials.iter().filter(|trial| is_closed_loop(trial)).collect();
        if trials.is_empty() {
            return Err(Unusable::OtherKind);
        }
        let reference = reference(record, asked.reference.as_deref())?;
        let places = places(run, &trials, &reference.entry, asked);
        if places.is_empty() {
            return Err(Unusable::NotAsked);
        }
        let figure = |place: Place| {
            let is_here = |trial: &&&TrialRecord| {
                (&trial.workload, trial.connections) == (&place.workload, place.connections)
            };
            let here: Vec<&TrialRecord> = trials.iter().filter(is_here).copied().collect();
            let method = Method::of(run, 0);
            let (_, estimate) =
                paired(&here, &place.entry, &reference.entry, place.quantity, method)?;
            Some((place, estimate))
        };
        let figures: Vec<(Place, Estimate)> = places.into_iter().filter_map(figure).collect();
        if figures.is_empty() {
            return Err(Unusable::Void);
        }
        let notes = notes(record, &reference.entry, &figures);
        let (record, run) = (record.folder.display().to_string(), run.clone());
        Ok(Self { record, run, reference: reference.clone(), figures, notes })
    }

    pub(super) fn entry(&self, name: &str) -> Option<&EntryRecord> {
        self.run.entries.iter().find(|entry| entry.entry == name)
    }

    /// What the reference ran from. Where only the harness's revision is known, that stands for it.
    pub(super) fn reference_digest(&self) -> Option<&str> {
        let EntryRecord { program_digest, image_digest, .. } = &self.reference;
        program_digest.as_deref().or(image_digest.as_deref()).or(self.run.git_revision.as_deref())
    }
}

/// What is odd in it, and the figures that entries or the reference do not have.
fn notes(record: &Record, reference: &str, figures: &[(Place, Estimate)]) -> Vec<String> {
    let mut notes = oddities(record);
    let void = record.decisions.iter().flat_map(|decisions| &decisions.void);
    for (key, void) in void.filter(|(key, _)| key.offered_per_s.is_none() && key.cores.is_none()) {
        let is_asked = |(place, _): &&(Place, Estimate)| {
            (&place.workload, place.connections) == (&key.workload, key.connections)
        };
        let is_here = key.entry == reference || figures.iter().any(|it| is_asked(&it));
        let kinds = [Figure::Throughput, Figure::Cost];
        for one in void.iter().filter(|one| is_here && kinds.contains(&one.figure)) {
            let RowKey { entry, workload, connections, .. } = key;
            let what = sentence(one);
            notes.push(format!("{entry}: {workload}, {connections} connections: {what}"));
        }
    }
    notes
}

fn is_closed_loop(trial: &TrialRecord) -> bool {
    let is_open = trial.offered_per_s.is_some()
        || trial.measurement().is_some_and(|it| it.generator.open_loop.is_some());
    trial.purpose == Purpose::Compare && !is_open
}

fn reference<'a>(record: &'a Record, asked: Option<&str>) -> Result<&'a EntryRecord, Unusable> {
    let mut entries = record.run.entries.iter();
    match asked {
        None => entries
            .find(|entry| entry.role == Role::NullServer)
            .ok_or_else(|| Unusable::NoReference("null server".to_owned())),
        Some(asked) => {
            let missing = || Unusable::NoReference(format!("entry `{asked}`"));
            let name = entry_named(record, asked).map_err(|_| missing())?;
            entries.find(|entry| entry.entry == name).ok_or_else(missing)
        }
    }
}

/// All that `trials` hold of what was asked for. An implementation's name stands for all of its
/// variants.
fn places(
    run: &RunRecord,
    trials: &[&TrialRecord],
    reference: &str,
    asked: &Asked,
) -> BTreeSet<Place> {
    let is_entry = |name: &str| {
        let mut entries = run.entries.iter().filter(|entry| entry.role == Role::Entry);
        name != reference && entries.any(|entry| entry.entry == name)
    };
    let is_named = |name: &str| {
        let id = name.split_once('@').map_or(name, |(id, _)| id);
        asked.entries.is_empty() || asked.entries.iter().any(|asked| asked == name || asked == id)
    };
    let is_wanted = |trial: &&&TrialRecord| {
        let (workloads, connections) = (&asked.workloads, &asked.connections);
        is_entry(&trial.entry)
            && is_named(&trial.entry)
            && (workloads.is_empty() || workloads.contains(&trial.workload))
            && (connections.is_empty() || connections.contains(&trial.connections))
    };
    let place = |trial: &&TrialRecord, quantity| Place {
        entry: trial.entry.clone(),
        workload: trial.workload.clone(),
        connections: trial.connections,
        quantity,
    };
    let wanted = trials.iter().filter(is_wanted);
    let both = [Quantity::Throughput, Quantity::CpuPerRequest];
    wanted.flat_map(|trial| both.map(|quantity| place(trial, quantity))).collect()
}
