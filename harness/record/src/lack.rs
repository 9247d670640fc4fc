//! What a run could not have - mostly since it was not made as root - and the figures that are weaker
//! for it. Pure: the harness finds out by trying, what follows from it is decided here alone.

use std::collections::BTreeMap;

use httpdyno_spec::profile::{IsolationKind, Profile};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::purpose::{Figure, Purpose, Role};
use crate::run::{EntryRecord, RunRecord};
use crate::trial::TrialRecord;

/// Something that takes a privilege.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Privilege {
    /// A control group for each server, which accounts for processes that come and go.
    ControlGroup,
    /// A limit of the server's memory.
    MemoryLimit,
    /// A lower niceness for the generator, so that it has its core when it needs it.
    GeneratorNiceness,
    /// No automatic task groups (sched(7)), so that what is measured competes by tasks and not by
    /// sessions, and the idle guard gives way to all of it.
    NoTaskGroups,
    /// No deep sleep of any core while something is measured.
    NoDeepSleep,
    /// Counting system calls.
    SystemCalls,
    /// Reading the processor's energy counters.
    Energy,
}

/// A privilege that a run did not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lack {
    /// What it could not have.
    pub privilege: Privilege,
    /// What the system said when it was tried.
    pub reason: String,
}

/// A kind of figure that a row has, but weaker than it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeakFigure {
    /// The kind.
    pub figure: Figure,
    /// What it would have needed.
    pub without: Vec<Privilege>,
}

/// How CPU time was read where it is exact whatever else could be had.
const EXACT_CPU_SOURCE: &str = "process-clocks";

impl Privilege {
    /// What is missing, and which figures of what that weakens, in words.
    #[must_use]
    pub fn consequence(self) -> &'static str {
        match self {
            Self::ControlGroup => {
                "no control group for servers, which weakens the cost of those whose processes come \
                 and go"
            }
            Self::MemoryLimit => {
                "no limit of the server's memory, which weakens the cost, since runtimes size their \
                 heaps by it"
            }
            Self::GeneratorNiceness => {
                "no lower niceness for the generator, which weakens latency, and throughput in a \
                 closed loop or the cost at a given rate"
            }
            Self::NoTaskGroups => {
                "automatic task groups stay on, so the idle guard rests where a database is, which \
                 weakens throughput, latency and cost of workloads with a database"
            }
            Self::NoDeepSleep => "cores may sleep deeply, which weakens latency",
            Self::SystemCalls => "system calls are not counted",
            Self::Energy => "energy is not measured",
        }
    }

    /// What to do about it, beside running as root.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::ControlGroup | Self::MemoryLimit => {
                "start httpdyno in a group that is delegated to this user: systemd-run --user --scope \
                 -p Delegate=yes"
            }
            Self::GeneratorNiceness => {
                "let this user have a niceness of -10: a line `USER - nice -10` in \
                 /etc/security/limits.conf"
            }
            Self::NoTaskGroups => "sysctl kernel.sched_autogroup_enabled=0",
            Self::NoDeepSleep => "let this user write /dev/cpu_dma_latency",
            Self::SystemCalls => {
                "let everybody read tracefs, and sysctl kernel.perf_event_paranoid=-1"
            }
            Self::Energy => "chmod a+r /sys/class/powercap/*/energy_uj",
        }
    }

    /// The kinds of figures of `trial` that are weaker without it.
    fn weakens(self, run: &RunRecord, trial: &TrialRecord) -> &'static [Figure] {
        let Some(measured) = trial.measurement() else { return &[] };
        let is_reference = |entry: &&EntryRecord| entry.role == Role::Reference;
        if run.entries.iter().filter(is_reference).any(|entry| entry.entry == trial.entry) {
            // It asks a database, and neither generator nor harness is in its way.
            return match self {
                Self::NoTaskGroups => &[Figure::Throughput, Figure::Latency],
                _ => &[],
            };
        }
        match self {
            Self::ControlGroup => match measured.server.cpu_source.as_deref() {
                None | Some(EXACT_CPU_SOURCE) => &[],
                Some(_) => &[Figure::Cost],
            },
            Self::MemoryLimit => {
                let is_limited = trial.enforced.memory_limit_bytes.is_some();
                match run.profile.server_memory.is_some() && !is_limited {
                    true => &[Figure::Cost],
                    false => &[],
                }
            }
            // As the gate `generator-delay` has it: requests come in bursts.
            Self::GeneratorNiceness => match measured.generator.open_loop {
                Some(_) => &[Figure::Latency, Figure::Cost],
                None => &[Figure::Latency, Figure::Throughput],
            },
            Self::NoTaskGroups => match measured.database {
                Some(_) => &[Figure::Throughput, Figure::Latency, Figure::Cost],
                None => &[],
            },
            Self::NoDeepSleep => &[Figure::Latency],
            Self::SystemCalls | Self::Energy => &[],
        }
    }

    /// Whether a run of `profile` asks for it at all; `shares_cores` is whether server and generator
    /// have a core in common.
    #[must_use]
    pub fn is_wanted(self, profile: &Profile, shares_cores: bool) -> bool {
        match self {
            // A container's groups are its engine's.
            Self::ControlGroup => profile.isolation == IsolationKind::Process,
            Self::MemoryLimit => {
                profile.isolation == IsolationKind::Process && profile.server_memory.is_some()
            }
            // Beside others, the generator takes no precedence.
            Self::GeneratorNiceness => !shares_cores,
            Self::NoTaskGroups | Self::NoDeepSleep => profile.idle_guard,
            Self::SystemCalls | Self::Energy => true,
        }
    }
}

/// The figures of a row that are weaker for what `run` could not have: of `trials`, those of an
/// entry at a point.
#[must_use]
pub fn weak_figures(run: &RunRecord, trials: &[&TrialRecord]) -> Vec<WeakFigure> {
    let mut weak: BTreeMap<Figure, Vec<Privilege>> = BTreeMap::new();
    for privilege in run.lacks.iter().map(|lack| lack.privilege) {
        for figure in trials.iter().flat_map(|trial| privilege.weakens(run, trial)) {
            // What weakens the median weakens what is above it.
            let above = (*figure == Figure::Latency).then_some(Figure::Tail);
            for figure in [*figure].into_iter().chain(above) {
                let without = weak.entry(figure).or_default();
                if !without.contains(&privilege) {
                    without.push(privilege);
                }
            }
        }
    }
    weak.into_iter().map(|(figure, without)| WeakFigure { figure, without }).collect()
}

/// The same for a trial alone, whatever it is for.
#[must_use]
pub fn weak_kinds(run: &RunRecord, trial: &TrialRecord) -> Vec<Figure> {
    weak_figures(run, &[trial]).into_iter().map(|weak| weak.figure).collect()
}

/// Whether a figure that is compared is weaker for what `run` could not have.
#[must_use]
pub fn weakens_a_comparison(run: &RunRecord, trials: &[TrialRecord]) -> bool {
    !run.lacks.is_empty()
        && trials.iter().any(|trial| {
            matches!(trial.purpose, Purpose::Compare | Purpose::FixedRate)
                && !weak_kinds(run, trial).is_empty()
        })
}

/// The one warning of a run that could not have everything; `user` is who made it, 0 being root.
#[must_use]
pub fn warning(lacks: &[Lack], user: u32) -> Option<String> {
    if lacks.is_empty() {
        return None;
    }
    let told = lacks.iter().map(|Lack { privilege, reason }| {
        format!("{} ({reason}; or: {})", privilege.consequence(), privilege.remedy())
    });
    let who = match user {
        0 => "this run, though root's, could not have everything".to_owned(),
        user => format!("this run, as user {user} and not as root, could not have everything"),
    };
    Some(format!(
        "{who}, and figures marked {MARK} are weaker for it: {}; {}",
        told.collect::<Vec<_>>().join("; "),
        match user {
            0 => "in a container, give it what it lacks",
            _ => "run as root to have all of it",
        }
    ))
}

/// What stands before a figure that is weaker than it should be.
pub const MARK: &str = "~";

#[cfg(test)]
mod tests;
