//! What came of a run, and its folder where nothing did.

use std::collections::BTreeMap;
use std::path::PathBuf;

use httpdyno_record::{Ending, EntryRecord, Figure, Purpose, Role, TrialRecord};

/// What came of a run as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSummary {
    /// Where the record lies.
    pub folder: PathBuf,
    /// How the run ended.
    pub ending: Ending,
    /// Entries that were not measured.
    pub excluded: u32,
    /// Trials in which the server failed.
    pub failed_trials: u32,
    /// Trials of which a gate made every figure void.
    pub invalid_trials: u32,
    /// Points at which no entry has the figure that the point is about: throughput, or the cost at a
    /// rate that is offered. A run that came to no point has one of them.
    pub points_without_figure: u32,
}

impl RunSummary {
    /// Of trials of which whole rows were decided.
    pub(super) fn of(
        folder: PathBuf,
        ending: Ending,
        entries: &[EntryRecord],
        decided: &[TrialRecord],
    ) -> Self {
        Self {
            folder,
            ending,
            excluded: count(entries, |entry| entry.excluded.is_some()),
            failed_trials: count(decided, |trial| trial.measurement().is_none()),
            invalid_trials: count(decided, is_void),
            points_without_figure: points_without_figure(decided, entries),
        }
    }
}

fn count<T>(all: &[T], which: impl Fn(&T) -> bool) -> u32 {
    u32::try_from(all.iter().filter(|one| which(one)).count()).unwrap_or(u32::MAX)
}

/// Whether none of its figures is a number.
fn is_void(trial: &TrialRecord) -> bool {
    let figures = [Figure::Throughput, Figure::Latency, Figure::Cost];
    let is_measured = trial.measurement().is_some();
    is_measured && !figures.into_iter().any(|figure| trial.valid_for(figure).is_some())
}

/// The folder of a record without a trial, which goes where a run cannot be made at all.
pub(super) struct Unmeasured(pub(super) Option<PathBuf>);

impl Drop for Unmeasured {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Points at which no entry has the figure that they are about.
fn points_without_figure(trials: &[TrialRecord], entries: &[EntryRecord]) -> u32 {
    let is_entry = |trial: &&TrialRecord| {
        let mut own = entries.iter().filter(|entry| entry.entry == trial.entry);
        own.any(|entry| entry.role == Role::Entry)
    };
    let is_of_point = |trial: &&TrialRecord| {
        matches!(trial.purpose, Purpose::Compare | Purpose::FixedRate | Purpose::Scale)
    };
    let mut points: BTreeMap<_, bool> = BTreeMap::new();
    for trial in trials.iter().filter(is_of_point).filter(is_entry) {
        let figure = match trial.offered_per_s {
            Some(_) => Figure::Cost,
            None => Figure::Throughput,
        };
        let point = (&trial.workload, trial.connections, trial.offered_per_s);
        *points.entry(point).or_default() |= trial.valid_for(figure).is_some();
    }
    let without = points.values().filter(|has_figure| !**has_figure).count();
    u32::try_from(without.max(usize::from(points.is_empty()))).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use httpdyno_record::{
        Ending, EntryRecord, Figure, Gate, GateFailure, Measurement, Purpose, Role, TrialRecord,
    };

    use super::{RunSummary, Unmeasured};
    use crate::made_up;

    fn trial(entry: &str, offered_per_s: Option<u64>, void: &[Figure]) -> TrialRecord {
        let failed = GateFailure::of(Gate::Headroom, void, String::new());
        let measured = Measurement {
            failed_gates: if void.is_empty() { Vec::new() } else { vec![failed] },
            ..Measurement::default()
        };
        TrialRecord {
            entry: entry.to_owned(),
            purpose: offered_per_s.map_or(Purpose::Compare, |_| Purpose::FixedRate),
            offered_per_s,
            ..made_up::trial(measured)
        }
    }

    fn without_figure(trials: &[TrialRecord]) -> (u32, u32) {
        let entry = |name: &str, role| EntryRecord {
            entry: name.to_owned(),
            role,
            ..EntryRecord::default()
        };
        let entries =
            [entry("a", Role::Entry), entry("b", Role::Entry), entry("null", Role::NullServer)];
        let found = RunSummary::of(PathBuf::new(), Ending::Complete, &entries, trials);
        (found.points_without_figure, found.invalid_trials)
    }

    #[test]
    fn a_point_whose_figure_no_entry_has_is_counted_whatever_else_they_have() {
        const RATE: &[Figure] = &[Figure::Throughput];
        const COST: &[Figure] = &[Figure::Cost];
        let (rate, null) = (Some(1000), trial("null", None, &[]));
        assert_eq!(without_figure(&[trial("a", None, &[]), null.clone()]), (0, 0));
        assert_eq!(without_figure(&[trial("a", None, RATE), null.clone()]), (1, 0));
        assert_eq!(without_figure(&[trial("a", None, RATE), trial("b", None, &[])]), (0, 0));
        assert_eq!(without_figure(&[trial("a", None, COST)]), (0, 0), "the rate stands");
        assert_eq!(without_figure(&[trial("a", rate, RATE)]), (0, 0), "so does the cost");
        assert_eq!(without_figure(&[trial("a", rate, COST), trial("a", None, RATE)]), (2, 0));
        assert_eq!(without_figure(&[null]), (1, 0), "no entry came to a trial");
    }

    #[test]
    fn the_folder_of_a_run_that_cannot_be_made_goes_and_that_of_another_one_stays() {
        let parent = tempfile::tempdir().expect("folder");
        for (name, is_kept) in [("kept", true), ("gone", false)] {
            let folder = parent.path().join(name);
            std::fs::create_dir(&folder).expect("a folder");
            drop(Unmeasured((!is_kept).then(|| folder.clone())));
            assert_eq!(folder.exists(), is_kept, "{name}");
        }
    }
}
