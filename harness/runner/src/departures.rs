//! What was asked to be enforced and is not in force, said once for the run as a whole.

use std::collections::{BTreeMap, BTreeSet};

use httpdyno_record::{Lack, Privilege, TrialRecord};

/// Most entries that are named.
const NAMED: usize = 5;

/// The departure of a server whose memory is not limited.
const MEMORY_LIMIT: &str = "memory limit";

/// The departures of the trials until now.
#[derive(Debug, Default)]
pub(crate) struct Departures {
    /// By kind (what stands before the first colon): the first in full, and whom it concerns.
    found: BTreeMap<String, (String, BTreeSet<String>)>,
}

impl Departures {
    /// Takes notice of those of a trial.
    pub(crate) fn note(&mut self, trial: &TrialRecord) {
        for departure in &trial.enforced.departures {
            let kind = departure.split(':').next().unwrap_or_default().to_owned();
            let (_, entries) =
                self.found.entry(kind).or_insert_with(|| (departure.clone(), BTreeSet::new()));
            entries.insert(trial.entry.clone());
        }
    }

    /// A warning for each kind but those of `lacks`, which the run has told at its beginning.
    pub(crate) fn warnings(&self, lacks: &[Lack]) -> Vec<String> {
        let has = |privilege| lacks.iter().all(|lack| lack.privilege != privilege);
        let is_new = |kind: &str| kind != MEMORY_LIMIT || has(Privilege::MemoryLimit);
        let warning = |(text, entries): &(String, BTreeSet<String>)| {
            let named: Vec<&str> = entries.iter().take(NAMED).map(String::as_str).collect();
            let more = match entries.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("not in force on {}{more}: {text}", named.join(", "))
        };
        let new = self.found.iter().filter(|(kind, _)| is_new(kind));
        new.map(|(_, found)| warning(found)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Departures;
    use crate::made_up;
    use httpdyno_record::{Enforced, Lack, Measurement, Privilege, TrialRecord};

    fn trial(entry: &str, departures: &[&str]) -> TrialRecord {
        let departures = departures.iter().map(|one| (*one).to_owned()).collect();
        TrialRecord {
            entry: entry.to_owned(),
            enforced: Enforced { departures, ..Enforced::default() },
            ..made_up::trial(Measurement::default())
        }
    }

    #[test]
    fn each_kind_is_said_once_with_whom_it_concerns() {
        let mut departures = Departures::default();
        assert_eq!(departures.warnings(&[]), Vec::<String>::new());
        departures.note(&trial("b", &["affinity: 3 threads", "memory limit: refused"]));
        departures.note(&trial("b", &["affinity: 4 threads"]));
        for name in ["a", "c", "d", "e", "f", "g"] {
            departures.note(&trial(name, &["memory limit: refused"]));
        }
        assert_eq!(
            departures.warnings(&[]),
            [
                "not in force on b: affinity: 3 threads",
                "not in force on a, b, c, d, e and 2 more: memory limit: refused"
            ]
        );
        let lacks = |privilege| vec![Lack { privilege, reason: "refused".to_owned() }];
        let told = departures.warnings(&lacks(Privilege::MemoryLimit));
        assert_eq!(told, ["not in force on b: affinity: 3 threads"], "it is told already");
        assert_eq!(departures.warnings(&lacks(Privilege::Energy)).len(), 2);
    }
}
