//! The records of a folder as series in time: each entry against the frozen reference, and where
//! that ratio changed. An alarm is no verdict; it names the A/B run that can give one. Pure.

mod ab;
mod reading;

use std::collections::BTreeMap;

use httpdyno_stats::change_points::{ChangePoint, Rule, change_points};
use httpdyno_stats::{Estimate, Probability};
use schemars::JsonSchema;
use serde::Serialize;

pub use reading::{Reading, Unusable};

use crate::compare::across::{Difference, described, differences};
use crate::series::Quantity;
use reading::Place;

/// What of the records is looked at; an empty list means all.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The entry that the others are put beside; the null server where none is named.
    pub reference: Option<String>,
    /// Entries, or implementations with all of their variants.
    pub entries: Vec<String>,
    /// Workloads.
    pub workloads: Vec<String>,
    /// Numbers of connections.
    pub connections: Vec<u32>,
}

/// All series of a folder.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct History {
    /// Records that are in a series.
    pub records: usize,
    /// Records that are in none, and what of the others is not.
    pub left_out: Vec<LeftOut>,
    /// The probability of any alarm in a segment in which nothing changed, in parts per million.
    pub level_ppm: u32,
    /// The least change that is an alarm, in parts per million.
    pub least_change_ppm: u32,
    /// By entry, workload, connections and quantity.
    pub series: Vec<Series>,
}

/// A record, or what of it, that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftOut {
    /// Its folder.
    pub record: String,
    /// Why.
    pub reason: String,
}

/// One quantity of one entry at one point, in time.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Series {
    /// The entry.
    pub entry: String,
    /// The workload.
    pub workload: String,
    /// Connections held, in a closed loop.
    pub connections: u32,
    /// What it is of.
    pub quantity: Quantity,
    /// Records that may be compared with each other, by their first record.
    pub segments: Vec<Segment>,
}

/// Records with the same machine, profile, spec, version of the entry, and reference.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Segment {
    /// What its records have in common.
    pub circumstances: Circumstances,
    /// In what it differs from the segment before.
    pub apart_by: Vec<String>,
    /// In the order of time.
    pub values: Vec<Value>,
    /// Where it was not searched: why.
    pub not_searched: Option<String>,
    /// Alarms.
    pub changes: Vec<Change>,
}

/// What must be the same in records that are compared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Circumstances {
    /// The machine's fingerprint: processor, memory, kernel and more.
    pub fingerprint: String,
    /// The processor.
    pub cpu_model: String,
    /// The kernel.
    pub kernel: String,
    /// The profile, its cores and the length of a trial.
    pub profile: String,
    /// Digest of the spec.
    pub spec_digest: String,
    /// What the entry's version command printed.
    pub version: Option<String>,
    /// The reference.
    pub reference: String,
    /// Digest of the reference's program or image; where none is recorded, the harness's revision.
    pub reference_digest: Option<String>,
}

/// What one record says.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Value {
    /// Its folder.
    pub record: String,
    /// When it began.
    pub started_at: String,
    /// The revision of its repository.
    pub revision: Option<String>,
    /// The ratio to the reference, in parts per million.
    pub ratio_ppm: u64,
    /// Lower end of its 95 % interval.
    pub low_ppm: u64,
    /// Upper end.
    pub high_ppm: u64,
    /// Blocks that hold both.
    pub blocks: u32,
}

/// An alarm: the ratio to the reference is another one since.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The last record before it.
    pub before: String,
    /// The first record after it.
    pub after: String,
    /// The mean ratio after it to the mean ratio before it, in parts per million.
    pub change_ppm: u64,
    /// Lower end of its 95 % interval (Welch).
    pub low_ppm: u64,
    /// Upper end.
    pub high_ppm: u64,
    /// What the alarm asks for: the commands of an A/B run.
    pub ab_run: Vec<String>,
}

impl Series {
    /// Its alarms, segment by segment.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.segments.iter().flat_map(|segment| &segment.changes)
    }
}

/// One record in a series.
type Member<'a> = (&'a Reading, Estimate);

impl History {
    /// The series of `readings`, whatever their order. `seed` decides the permutations.
    #[must_use]
    pub fn of(readings: &[Reading], left_out: Vec<LeftOut>, seed: u64) -> Self {
        let rule = Rule::new(seed);
        let mut in_time: Vec<&Reading> = readings.iter().collect();
        in_time.sort_by_key(|reading| (reading.run.started_at, &reading.record));
        let mut left_out = left_out;
        for reading in &in_time {
            let record = || reading.record.clone();
            let notes = reading.notes.iter().cloned();
            left_out.extend(notes.map(|reason| LeftOut { record: record(), reason }));
        }
        let mut members: BTreeMap<&Place, Vec<Member<'_>>> = BTreeMap::new();
        for reading in in_time {
            for (place, estimate) in &reading.figures {
                members.entry(place).or_default().push((reading, *estimate));
            }
        }
        Self {
            records: readings.len(),
            left_out,
            level_ppm: rule.level.ppm(),
            least_change_ppm: rule.least.ppm(),
            series: members.iter().map(|(place, members)| series(place, members, &rule)).collect(),
        }
    }

    /// Segments that were long enough to be searched.
    #[must_use]
    pub fn searched(&self) -> usize {
        let segments = self.series.iter().flat_map(|series| &series.segments);
        segments.filter(|segment| segment.not_searched.is_none()).count()
    }
}

/// Records of one machine may come back after those of another: a segment takes up all that fit.
fn series(place: &Place, members: &[Member<'_>], rule: &Rule) -> Series {
    let mut segments: Vec<Vec<Member<'_>>> = Vec::new();
    for &member in members {
        let fits =
            |segment: &&mut Vec<Member<'_>>| apart_by(segment[0].0, member.0, place).is_empty();
        match segments.iter_mut().find(fits) {
            Some(segment) => segment.push(member),
            None => segments.push(vec![member]),
        }
    }
    let segment = |index: usize| {
        let first = segments[index][0].0;
        let former = index.checked_sub(1).map(|former| segments[former][0].0);
        let apart = former.map(|former| apart_by(former, first, place)).unwrap_or_default();
        segment(place, &segments[index], apart, rule)
    };
    Series {
        entry: place.entry.clone(),
        workload: place.workload.clone(),
        connections: place.connections,
        quantity: place.quantity,
        segments: (0..segments.len()).map(segment).collect(),
    }
}

/// In what two records differ that must not differ within a segment.
fn apart_by(a: &Reading, b: &Reading, place: &Place) -> Vec<String> {
    let mut apart: Vec<&str> = differences(&a.run, &b.run)
        .iter()
        .filter_map(|difference| match difference {
            Difference::Machine { .. } => Some("machine"),
            Difference::Profile { .. } => Some("profile"),
            Difference::Spec { .. } => Some("spec"),
            Difference::Database { .. } => Some("database"),
            // An entry's own are looked at below.
            Difference::Isolation { .. } | Difference::Version { .. } => None,
            // A series over revisions of one repository has another with each of its records.
            Difference::Harness { .. } => None,
        })
        .collect();
    let entry = |reading: &Reading| {
        let entry = reading.entry(&place.entry);
        entry.map(|entry| (entry.version.clone(), entry.image_digest.is_some())).unwrap_or_default()
    };
    let ((version, contained), (other_version, other_contained)) = (entry(a), entry(b));
    apart.extend((version != other_version).then_some("version"));
    apart.extend((contained != other_contained).then_some("isolation"));
    apart.extend((a.reference_digest() != b.reference_digest()).then_some("reference"));
    apart.into_iter().map(str::to_owned).collect()
}

fn segment(place: &Place, members: &[Member<'_>], apart_by: Vec<String>, rule: &Rule) -> Segment {
    // Parts per billion: rounding is far below any noise, even of a hundredth of the reference.
    let ratios = members.iter().map(|(_, one)| (one.ratio().value() * 1e9).round() as u64);
    let found = change_points(&ratios.collect::<Vec<u64>>(), rule);
    let (changes, not_searched) = match found {
        Ok(changes) => (changes, None),
        Err(reason) => (vec![], Some(reason.to_string())),
    };
    Segment {
        circumstances: Circumstances::of(members[0].0, place),
        apart_by,
        values: members.iter().map(value).collect(),
        not_searched,
        changes: changes.iter().map(|one| change(place, members, one)).collect(),
    }
}

impl Circumstances {
    fn of(reading: &Reading, place: &Place) -> Self {
        let run = &reading.run;
        Self {
            fingerprint: run.host.fingerprint.clone(),
            cpu_model: run.host.cpu_model.clone(),
            kernel: run.host.kernel.clone(),
            profile: described(run),
            spec_digest: run.spec_digest.clone(),
            version: reading.entry(&place.entry).and_then(|entry| entry.version.clone()),
            reference: reading.reference.entry.clone(),
            reference_digest: reading.reference_digest().map(str::to_owned),
        }
    }
}

fn value((reading, estimate): &Member<'_>) -> Value {
    let interval = estimate.interval(Probability::P95);
    Value {
        record: reading.record.clone(),
        started_at: reading.run.started_at.to_string(),
        revision: reading.run.git_revision.clone(),
        ratio_ppm: estimate.ratio().ppm(),
        low_ppm: interval.low.ppm(),
        high_ppm: interval.high.ppm(),
        blocks: estimate.blocks(),
    }
}

fn change(place: &Place, members: &[Member<'_>], found: &ChangePoint) -> Change {
    let (before, after) = (members[found.at - 1].0, members[found.at].0);
    let interval = found.change.interval(Probability::P95);
    Change {
        before: before.record.clone(),
        after: after.record.clone(),
        change_ppm: found.change.ratio().ppm(),
        low_ppm: interval.low.ppm(),
        high_ppm: interval.high.ppm(),
        ab_run: ab::commands(before, after, place),
    }
}
