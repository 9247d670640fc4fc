//! What happens to every entry before anything is measured: build, version, conformance.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use httpdyno_record::{CaseRecord, ConformanceCounts, EntryRecord, Role, digest};
use httpdyno_spec::SpecTree;
use httpdyno_spec::id::{EntryId, ImplementationId};
use httpdyno_target::{CommandContext, Database};

use crate::conform::{ConformOptions, conform_entry};
use crate::entry::Entry;
use crate::error::{ConformError, RunError};
use crate::event::{Event, Observer};
use crate::faults::{check_faults, fault_ids};
use crate::plan::RunPlan;
use crate::side_by_side::side_by_side;

/// An entry after all that.
#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) record: EntryRecord,
    pub(crate) cases: Vec<CaseRecord>,
    /// What this machine lacked for its checks.
    lacked: Option<String>,
}

/// Builds every implementation once and checks every entry, several at the same time: most cases
/// wait, and nothing is measured yet. An entry that cannot be built, does not start, or
/// does not conform comes back excluded, with the reason.
///
/// # Errors
/// When this machine lacks something that the checks need, which excludes nobody.
pub(crate) fn prepare<'a>(
    tree: &SpecTree,
    plan: &'a RunPlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Vec<Prepared<'a>>, RunError> {
    let versions = build_all(plan, observer, stop);
    let mut prepared: Vec<Prepared<'a>> = plan
        .entries
        .iter()
        .map(|entry| Prepared {
            entry,
            record: entry_record(entry, &versions[&entry.manifest.id]),
            cases: Vec::new(),
            lacked: None,
        })
        .collect();
    let entries = checkable(&prepared);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let checks = Checks { tree, plan, stop };
    checks.check_entries(&entries, cores * CHECKED_PER_CORE, &mut prepared, observer);
    if entries.len() > 1 && !stop.load(Ordering::SeqCst) {
        // The others may have left a slow entry too little of the machine to answer in time: what it
        // does alone is what counts.
        let excluded = |&(index, _): &(usize, &Entry)| prepared[index].record.excluded.is_some();
        let again: Vec<_> = entries.into_iter().filter(excluded).collect();
        checks.check_entries(&again, 1, &mut prepared, observer);
    }
    if !stop.load(Ordering::SeqCst)
        && let Some(what) = prepared.iter_mut().find_map(|one| one.lacked.take())
    {
        return Err(RunError::Machine { what, kept: None });
    }
    for Prepared { entry, record, .. } in &mut prepared {
        let is_tried = entry.service.is_some() && record.excluded.is_none();
        if is_tried && !stop.load(Ordering::SeqCst) {
            let ready_within = plan.profile.start_timeout.duration();
            record.excluded = entry.try_out(tree, ready_within).err();
        }
        if let Some(reason) = &record.excluded {
            observer.observe(&Event::Excluded { entry: entry.id.clone(), reason: reason.clone() });
        }
    }
    Ok(prepared)
}

/// How many entries are checked at a time for each core. With more, checks that give an answer only
/// so much time are answered 503 by slow entries, whose neighbours have the core.
const CHECKED_PER_CORE: usize = 2;

type Versions = BTreeMap<ImplementationId, Result<String, String>>;

fn build_all(plan: &RunPlan, observer: &mut dyn Observer, stop: &AtomicBool) -> Versions {
    let build_within = plan.profile.build_timeout.duration();
    let mut versions = Versions::new();
    for entry in &plan.entries {
        let id = entry.manifest.id.clone();
        if versions.contains_key(&id) {
            continue;
        }
        if stop.load(Ordering::SeqCst) {
            versions.insert(id, Err(INTERRUPTED.to_owned()));
            continue;
        }
        if entry.foreign.is_some() {
            versions.insert(id, Ok(entry.told_version()));
            continue;
        }
        observer.observe(&Event::BuildStarted(id.clone()));
        let (isolation, manifest) = (&entry.isolation, &entry.manifest);
        let context = &CommandContext { build_within, ..entry.context.clone() };
        let built = isolation
            .build(manifest, context, stop)
            .and_then(|()| isolation.version(manifest, context));
        let built = built.map(|version| match version.is_empty() {
            true => entry.told_version(),
            false => version,
        });
        let result = match built {
            // Ctrl-C ends the build command too, which is then no fault of the entry.
            Err(_) if stop.load(Ordering::SeqCst) => Err(INTERRUPTED.to_owned()),
            built => built.map_err(|error| error.to_string()),
        };
        observer
            .observe(&Event::BuildFinished { implementation: id.clone(), result: result.clone() });
        versions.insert(id, result);
    }
    versions
}

fn entry_record(entry: &Entry, version: &Result<String, String>) -> EntryRecord {
    let image = entry.isolation.image(&entry.manifest.id);
    EntryRecord {
        entry: entry.id.to_string(),
        name: entry.manifest.name.clone(),
        language: entry.manifest.language.clone(),
        role: entry.role,
        framework: entry.manifest.framework.name.clone(),
        tags: entry.manifest.tags.clone(),
        endpoints: entry.manifest.endpoints.iter().map(ToString::to_string).collect(),
        // What runs in a container is in its image.
        program_digest: if image.is_some() { None } else { program_digest(entry) },
        image_base: image.as_ref().and_then(|image| image.base.clone()),
        image_digest: image.map(|image| image.id),
        // Nobody told that of a server that somebody else runs.
        version: version.as_ref().ok().filter(|version| !version.is_empty()).cloned(),
        conformance: None,
        excluded: version.as_ref().err().cloned(),
    }
}

/// The digest of the program that `run` names by a path; a bare name such as `python3` is an
/// interpreter and none of the entry's own.
pub(crate) fn program_digest(entry: &Entry) -> Option<String> {
    let program = entry.context.resolve(entry.manifest.process.run.first()?);
    // A relative one lies where its command runs.
    let file = entry.context.root.join(&program);
    program.contains('/').then(|| digest::of_file(&file).ok())?
}

/// What a checking thread reports.
enum Report {
    Started(usize),
    Case(usize, Box<CaseRecord>),
    Ended(usize, Result<Vec<CaseRecord>, Unchecked>),
}

/// Why an entry has no verdicts.
enum Unchecked {
    /// By its own doing, or somebody's who stopped it.
    Excluded(String),
    /// This machine lacked something for it.
    Lacked(String),
}

impl From<ConformError> for Unchecked {
    fn from(error: ConformError) -> Self {
        match error.is_of_this_machine() {
            true => Self::Lacked(error.to_string()),
            false => Self::Excluded(error.to_string()),
        }
    }
}

/// The entries that are built and have answers to check, each with its place. The null server gives
/// one response to everything, and is none that is compared; a server that somebody else runs is not
/// the harness's to be tried in every way.
fn checkable<'a>(prepared: &[Prepared<'a>]) -> Vec<(usize, &'a Entry)> {
    let is_checkable = |one: &Prepared<'_>| {
        let role = one.entry.role;
        one.record.excluded.is_none() && role != Role::NullServer && one.entry.is_checked()
    };
    let all = prepared.iter().enumerate().filter(|(_, one)| is_checkable(one));
    all.map(|(index, one)| (index, one.entry)).collect()
}

/// How long after somebody wants the run to stop the checks know it.
const STOP_WITHIN: Duration = Duration::from_millis(20);

const INTERRUPTED: &str = "the run was interrupted";

/// What all checks of a run have in common.
#[derive(Clone, Copy)]
struct Checks<'a> {
    tree: &'a SpecTree,
    plan: &'a RunPlan,
    stop: &'a AtomicBool,
}

impl Checks<'_> {
    /// Checks `entries`, so many `at_a_time`.
    fn check_entries(
        self,
        entries: &[(usize, &Entry)],
        at_a_time: usize,
        prepared: &mut [Prepared<'_>],
        observer: &mut dyn Observer,
    ) {
        let (send, receive) = mpsc::channel();
        let stopped = Arc::new(AtomicBool::new(false));
        std::thread::scope(|scope| {
            let flag = Arc::clone(&stopped);
            // The server lives within its thread's life, as `Isolation::start` asks for.
            side_by_side(scope, at_a_time, entries.to_vec(), move |&(index, entry)| {
                let _ = send.send(Report::Started(index));
                self.check(entry, index, &flag, &send);
            });
            loop {
                let report = receive.recv_timeout(STOP_WITHIN);
                if self.stop.load(Ordering::SeqCst) {
                    stopped.store(true, Ordering::SeqCst);
                }
                match report {
                    Ok(report) => tell(report, prepared, observer),
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
            }
        });
    }

    fn check(
        self,
        entry: &Entry,
        index: usize,
        stopped: &Arc<AtomicBool>,
        send: &mpsc::Sender<Report>,
    ) {
        let live = Mutex::new(send.clone());
        let result = self.check_with_database(entry, stopped, |case| {
            // The receiver outlives this thread, and nothing panics while the lock is held.
            let live = live.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = live.send(Report::Case(index, Box::new(case)));
        });
        let result = match stopped.load(Ordering::SeqCst) {
            true => Err(Unchecked::Excluded(INTERRUPTED.to_owned())),
            false => result,
        };
        let _ = send.send(Report::Ended(index, result));
    }

    /// Each entry has a database of its own: its statements are counted, and rows are changed behind
    /// its back. It is started by this thread, with which a private cluster would end.
    fn check_with_database(
        self,
        entry: &Entry,
        stopped: &Arc<AtomicBool>,
        on_case: impl Fn(CaseRecord) + Send + Sync,
    ) -> Result<Vec<CaseRecord>, Unchecked> {
        if stopped.load(Ordering::SeqCst) {
            return Err(Unchecked::Excluded(INTERRUPTED.to_owned()));
        }
        let source = self.plan.database.as_ref().filter(|_| entry.uses_database(self.tree));
        let mut database = source
            .map(|source| Database::start(source, &[]))
            .transpose()
            .map_err(|error| Unchecked::Excluded(format!("no database for its checks: {error}")))?;
        let checked = self.every_case(entry, stopped, database.as_mut(), on_case);
        let ended = database.map_or(Ok(()), Database::stop);
        let cases = checked?;
        ended.map(|()| cases).map_err(|error| Unchecked::Excluded(error.to_string()))
    }

    /// The cases, and the faults where they are asked for.
    fn every_case(
        self,
        entry: &Entry,
        stopped: &Arc<AtomicBool>,
        mut database: Option<&mut Database>,
        on_case: impl Fn(CaseRecord) + Send + Sync,
    ) -> Result<Vec<CaseRecord>, ConformError> {
        let Self { tree, plan, .. } = self;
        let options = ConformOptions {
            seed: plan.seed,
            share: plan.profile.database,
            start_timeout: Some(plan.profile.start_timeout.duration()),
            stop: Arc::clone(stopped).into(),
            ..ConformOptions::default()
        };
        let mut cases = conform_entry(tree, entry, &options, database.as_deref_mut(), &on_case)?;
        let with_faults = plan.faults && !stopped.load(Ordering::SeqCst);
        if let Some(database) = database.filter(|_| with_faults) {
            cases.extend(check_faults(tree, entry, database, options.start_timeout, |case| {
                on_case(case.clone())
            })?);
        }
        Ok(cases)
    }
}

fn tell(report: Report, prepared: &mut [Prepared<'_>], observer: &mut dyn Observer) {
    match report {
        Report::Started(index) => {
            let entry = prepared[index].entry.id.clone();
            observer.observe(&Event::ConformanceStarted(entry));
        }
        Report::Case(index, case) => {
            let entry = prepared[index].entry.id.clone();
            observer.observe(&Event::CaseFinished { entry, case });
        }
        Report::Ended(index, result) => conclude(&mut prepared[index], result, observer),
    }
}

fn conclude(
    one: &mut Prepared<'_>,
    result: Result<Vec<CaseRecord>, Unchecked>,
    observer: &mut dyn Observer,
) {
    match result {
        Err(Unchecked::Excluded(reason)) => one.record.excluded = Some(reason),
        Err(Unchecked::Lacked(what)) => {
            // Where it is checked once more alone, that may go well.
            one.record.excluded = Some(what.clone());
            one.lacked = Some(what);
        }
        Ok(cases) => {
            let counts = ConformanceCounts::of(&cases);
            one.record.conformance = Some(counts);
            one.record.excluded =
                (!counts.is_conformant()).then(|| not_conforming(&one.entry.id, &cases));
            one.cases = cases;
            one.lacked = None;
            let entry = one.entry.id.clone();
            observer.observe(&Event::ConformanceFinished { entry, counts });
        }
    }
}

/// How much counts against an entry, and where to look.
fn not_conforming(id: &EntryId, cases: &[CaseRecord]) -> String {
    let is_fault = |case: &CaseRecord| fault_ids().any(|fault| fault == case.case);
    let against = || cases.iter().filter(|case| case.status.fails_entry());
    let mut commands = Vec::new();
    if against().any(|case| !is_fault(case)) {
        commands.push(format!("`httpdyno conform --impl {id}`"));
    }
    if against().any(is_fault) {
        commands.push(format!("`httpdyno conform --impl {id} --faults`"));
    }
    let counts = ConformanceCounts::of(cases);
    format!("it does not conform ({counts}); see {}", commands.join(" and "))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use httpdyno_record::{CaseRecord, CaseStatus};
    use httpdyno_spec::exchange::Level;

    use super::{fault_ids, not_conforming};
    use crate::contract_cases::ContractCase;

    fn case(case: &str, status: CaseStatus) -> CaseRecord {
        let (title, requires) = ("made up", String::new());
        let case = ContractCase { case: case.to_owned(), title, level: Level::Must, requires };
        case.record("x", (status, "made up", String::new()), Instant::now())
    }

    #[test]
    fn whoever_is_excluded_is_told_the_command_that_shows_why() {
        let id = "x@y".parse().expect("an id");
        let fault = fault_ids().next().expect("a fault");
        let of = |cases: &[(&str, CaseStatus)]| {
            let cases: Vec<_> = cases.iter().map(|&(id, status)| case(id, status)).collect();
            not_conforming(&id, &cases)
        };
        let other = ("app/json/answer", CaseStatus::UnexpectedPass);
        let passed = (fault.as_str(), CaseStatus::Pass);
        let failed = (fault.as_str(), CaseStatus::Fail);
        let (alone, faults) =
            ("`httpdyno conform --impl x@y`", "`httpdyno conform --impl x@y --faults`");
        assert!(of(&[other, passed]).ends_with(&format!("; see {alone}")));
        assert!(of(&[failed]).ends_with(&format!("; see {faults}")));
        assert!(of(&[other, failed]).ends_with(&format!("; see {alone} and {faults}")));
    }
}
