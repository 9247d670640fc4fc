//! What a reader must know before any figure: how far the figures of a record can be trusted.

use std::collections::BTreeMap;

use httpdyno_record::fitness::misfits;
use httpdyno_record::lack::weakens_a_comparison;
use httpdyno_record::{Ending, Gate, Measurement, Record, Role, TrialOutcome, TrialRecord};

use crate::comparison::{Comparison, Point};
use crate::legible::one_line;
use crate::oddities::oddities;
use crate::quantity::percent;
use crate::stalls;
use crate::unranked;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// As it should be.
    Ok,
    /// To be kept in mind.
    Caution,
    /// Something is not a number, or is missing.
    Void,
}

impl Weight {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Caution => "caution",
            Self::Void => "void",
        }
    }
}

/// One thing that a reader must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub weight: Weight,
    /// What it is about.
    pub subject: String,
    /// What there is to know.
    pub text: String,
}

/// The least headroom of the generator over the fastest entry: below it, a difference may be the
/// generator's.
const LEAST_HEADROOM_PPM: u64 = 1_250_000;

/// Everything that a reader must know, the gravest first.
#[must_use]
pub fn findings(record: &Record, comparison: &Comparison) -> Vec<Finding> {
    let mut all = vec![profile(record), ending(record), trials(record), ceiling(comparison)];
    let unranked = unranked::sentence(record, comparison);
    all.extend(unranked.map(|text| finding(Weight::Void, "Ranking", text)));
    all.extend(container_tax(comparison));
    all.extend(failed_gates(record));
    let stalls = stalls::texts(record).into_iter();
    all.extend(stalls.map(|text| finding(Weight::Caution, "Stalls", text)));
    all.extend(machine(record));
    all.extend(entries(record));
    all.extend(
        record
            .run
            .warnings
            .iter()
            .map(|warning| finding(Weight::Caution, "Warning", one_line(warning))),
    );
    let odd = oddities(record).into_iter();
    all.extend(odd.map(|text| finding(Weight::Caution, "Record", text)));
    all.extend(decisions(record));
    all.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    all
}

/// What was decided of rows, and stands in no trial.
fn decisions(record: &Record) -> Vec<Finding> {
    let Some(decisions) = &record.decisions else { return Vec::new() };
    let passed = decisions.passed.iter();
    let told = passed.map(|(gate, (trials, message))| {
        let trials = if *trials == 1 { "1 trial".to_owned() } else { format!("{trials} trials") };
        let text = format!(
            "failed in {trials}, at most a fifth of those of an entry at a point, which count all \
             the same, since to leave out single trials would choose by the outcome; the first: {}",
            one_line(message)
        );
        finding(Weight::Caution, &format!("Gate {gate}"), text)
    });
    told.collect()
}

fn finding(weight: Weight, subject: &str, text: String) -> Finding {
    Finding { weight, subject: subject.to_owned(), text }
}

fn profile(record: &Record) -> Finding {
    let profile = &record.run.profile;
    let obstacles = obstacles(record);
    let (weight, use_of_it) = if !profile.publishable {
        let text = "for a first look; its figures are not for publication";
        (Weight::Caution, text.to_owned())
    } else if obstacles.is_empty() {
        let text = "its figures may be compared and published, with this panel";
        (Weight::Ok, text.to_owned())
    } else {
        let text = "its figures are not for publication, since it was not kept to";
        (Weight::Void, format!("{text}: {}", one_line(&obstacles.join("; "))))
    };
    finding(weight, &format!("Profile {}", profile.id), use_of_it)
}

/// Why the figures of a record are not for publication although its profile's are: the machine is
/// not what the profile takes it for, or what it asks for was not in force on servers.
#[must_use]
pub fn obstacles(record: &Record) -> Vec<String> {
    let run = &record.run;
    let mut found = unfit(record);
    if weakens_a_comparison(run, &record.trials) {
        let lacks = run.lacks.iter().map(|lack| lack.privilege.consequence());
        found.push(format!(
            "it could not have everything: {}",
            lacks.collect::<Vec<_>>().join("; ")
        ));
    }
    found
}

/// In what the machine, or what was in force on servers, was not what the profile asks for.
pub(crate) fn unfit(record: &Record) -> Vec<String> {
    let run = &record.run;
    let misfits = misfits(&run.profile, &run.host).into_iter();
    let mut found: Vec<String> = misfits.map(|misfit| misfit.found).collect();
    let compared = |trial: &&TrialRecord| {
        let mut entries = run.entries.iter();
        entries.any(|entry| entry.role == Role::Entry && entry.entry == trial.entry)
    };
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for trial in record.trials.iter().filter(compared) {
        for departure in &trial.enforced.departures {
            let kind = departure.split(':').next().unwrap_or_default();
            kinds.entry(kind).or_insert(departure);
        }
    }
    found.extend(kinds.into_values().map(str::to_owned));
    found
}

fn ending(record: &Record) -> Finding {
    let (weight, text) = match record.run.ending {
        Ending::Complete => (Weight::Ok, "everything planned was done"),
        Ending::Interrupted => (Weight::Void, "the run was interrupted; some trials are missing"),
        Ending::Unfinished => {
            (Weight::Void, "the run did not come to its end; some trials are missing")
        }
    };
    finding(weight, "Run", text.to_owned())
}

fn trials(record: &Record) -> Finding {
    let valid = record.trials.iter().filter(|trial| trial.valid().is_some()).count();
    let weight = match valid {
        0 => Weight::Void,
        valid if valid < record.trials.len() => Weight::Caution,
        _ => Weight::Ok,
    };
    let text = format!("{valid} of {} passed every gate", record.trials.len());
    finding(weight, "Trials", text)
}

/// Each cause for which trials are no numbers, with how many and the first message.
fn failed_gates(record: &Record) -> Vec<Finding> {
    let mut causes: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for trial in &record.trials {
        match &trial.outcome {
            TrialOutcome::Failed { stage, reason } => {
                causes.entry(format!("Failed at {stage}")).or_insert((0, reason)).0 += 1;
            }
            TrialOutcome::Measured(measurement) => {
                for gate in &measurement.failed_gates {
                    causes.entry(format!("Gate {}", gate.gate)).or_insert((0, &gate.message)).0 +=
                        1;
                }
            }
        }
    }
    let text = |(trials, message): (usize, &str)| match trials {
        1 => format!("1 trial: {}", one_line(message)),
        _ => format!("{trials} trials, the first: {}", one_line(message)),
    };
    let causes = causes.into_iter();
    causes.map(|(cause, seen)| finding(Weight::Void, &cause, text(seen))).collect()
}

/// How far the generator's and the machine's ceiling lies above the fastest entry.
fn ceiling(comparison: &Comparison) -> Finding {
    let headroom = comparison.points.iter().filter_map(|point| {
        let ((ceiling, _), (rate, _)) =
            (point.fastest(Role::NullServer)?, point.fastest(Role::Entry)?);
        let ppm = u128::from(ceiling) * 1_000_000 / u128::from(rate.max(1));
        Some((u64::try_from(ppm).unwrap_or(u64::MAX), point))
    });
    let mut rows = comparison.points.iter().flat_map(|point| &point.rows);
    let ran = rows.any(|row| row.role == Role::NullServer && row.trials > 0);
    match headroom.min_by_key(|(ppm, _)| *ppm) {
        None if ran => finding(
            Weight::Caution,
            "Ceiling",
            "not known: at no point have the null server and an entry both a valid rate, so nothing \
             shows how far the generator reaches"
                .to_owned(),
        ),
        None => finding(
            Weight::Caution,
            "Ceiling",
            "not measured: without the null server nothing shows how far the generator reaches"
                .to_owned(),
        ),
        Some((ppm, point)) => {
            let weight = if ppm < LEAST_HEADROOM_PPM { Weight::Caution } else { Weight::Ok };
            let text = format!(
                "the null server is at least {} of the fastest entry ({}, {} connections)",
                percent(ppm),
                point.workload,
                point.connections
            );
            finding(weight, "Ceiling", text)
        }
    }
}

/// What a container costs at each point, where the null server ran both ways.
fn container_tax(comparison: &Comparison) -> Vec<Finding> {
    let at = |point: &Point| {
        let tax = point.container_tax.as_ref()?;
        Some(finding(Weight::Ok, "Containers", format!("{}: {}", point.name(), tax.text())))
    };
    comparison.points.iter().filter_map(at).collect()
}

fn machine(record: &Record) -> Vec<Finding> {
    let run = &record.run;
    let mut found = Vec::new();
    if run.host.virtualised {
        let text = "absolute rates of such a machine say little; ratios within this run do";
        found.push(finding(Weight::Caution, "Virtual machine", text.to_owned()));
    }
    let shared = run.cores.server.iter().any(|core| run.cores.generator.contains(core));
    let text = format!("server {:?}, generator {:?}", run.cores.server, run.cores.generator);
    found.push(match shared {
        true => finding(Weight::Void, "Shared cores", text),
        false => finding(Weight::Ok, "Cores apart", text),
    });
    found.extend(stolen(record));
    if run.git_revision.as_deref().is_some_and(|revision| revision.ends_with("-dirty")) {
        let text = "the harness was built from changed files";
        found.push(finding(Weight::Caution, "Revision", text.to_owned()));
    }
    found
}

/// The time that the hypervisor took, at its worst.
fn stolen(record: &Record) -> Option<Finding> {
    let measured: Vec<_> = record.trials.iter().filter_map(TrialRecord::measurement).collect();
    let share_ppm = |one: &&Measurement| {
        let ppm = u128::from(one.steal_ns) * 1_000_000 / u128::from(one.elapsed_ns.max(1));
        u64::try_from(ppm).ok()
    };
    let most = percent(measured.iter().filter_map(share_ppm).max()?);
    let is_beyond = |one: &&&Measurement| one.failed_gates.iter().any(|gate| gate.is(Gate::Steal));
    let (weight, text) = match measured.iter().filter(is_beyond).count() {
        0 => (Weight::Ok, format!("at most {most} of a trial")),
        1 => (Weight::Caution, format!("at most {most} of a trial; too much in 1 trial")),
        trials => {
            (Weight::Caution, format!("at most {most} of a trial; too much in {trials} trials"))
        }
    };
    Some(finding(weight, "Stolen CPU time", text))
}

fn entries(record: &Record) -> Vec<Finding> {
    let mut found = Vec::new();
    for entry in &record.run.entries {
        let name = one_line(&entry.entry);
        if let Some(reason) = &entry.excluded {
            let text = format!("{name}: {}", one_line(reason));
            found.push(finding(Weight::Void, "Not measured", text));
        }
    }
    found
}
