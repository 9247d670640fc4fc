//! The faults are themselves tested, on real PostgreSQL: the perfect server outlives them all,
//! each cheat fails exactly where it breaks the contract, and there is none that no cheat fails.

#[path = "support/own_server.rs"]
mod own_server;
mod support;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_runner::{Entry, check_faults};
use httpdyno_spec::SpecTree;
use httpdyno_target::Database;
use httpdyno_testkit::{FaultCheat, Server};
use support::{database, line, tree};

/// In the environment of a server: its cheat's name, or nothing for the perfect one.
const CHEAT: &str = "HTTPDYNO_TEST_FAULT_CHEAT";

/// Most of a fault is waiting, so several servers suffer at the same time.
const AT_ONCE: usize = 4;

/// Not a test, but the server under test: this program is started again to be it, since a fault
/// needs a process that can fail to start, and be stopped.
#[test]
fn serve_under_the_contract() {
    let Ok(name) = std::env::var(CHEAT) else { return };
    let cheat = FaultCheat::ALL.iter().copied().find(|cheat| cheat.name() == name);
    own_server::serve(|address, url, connections| {
        Server::with_failing_database(address, url, connections, cheat)
    });
}

/// A server with that cheat, as an entry whose manifest declares this status.
fn entry(cheat: Option<FaultCheat>, declared: Option<u16>) -> Entry {
    let name = cheat.map_or("", FaultCheat::name);
    let mut entry = own_server::entry(&format!("{CHEAT}: '{name}'"));
    entry.manifest.unavailable_status = declared.map(|status| {
        let text = format!("{{status: {status}, reason: for tests}}");
        serde_yaml::from_str(&text).expect("a status")
    });
    entry
}

/// A server, and what it must fail.
struct Suspect {
    cheat: Option<FaultCheat>,
    declared: Option<u16>,
    breaks: &'static [&'static str],
}

fn suspects() -> Vec<Suspect> {
    let cheats = FaultCheat::ALL.iter().rev().copied();
    let mut all: Vec<Suspect> = cheats
        .map(|cheat| Suspect { cheat: Some(cheat), declared: None, breaks: cheat.breaks() })
        .collect();
    all.push(Suspect { cheat: None, declared: None, breaks: &[] });
    // What breaks the contract keeps it once it is declared, and the other way round.
    let cheat = FaultCheat::Answers500;
    all.push(Suspect { cheat: Some(cheat), declared: Some(500), breaks: &[] });
    all.push(Suspect { cheat: None, declared: Some(500), breaks: cheat.breaks() });
    all
}

/// What it fails other than what it must.
fn difference(tree: &SpecTree, database: &mut Database, suspect: &Suspect) -> Option<String> {
    let entry = entry(suspect.cheat, suspect.declared);
    let cases = check_faults(tree, &entry, database, None, |_| ()).expect("outcomes");
    let differs = |case: &&CaseRecord| {
        let wanted = match suspect.breaks.contains(&case.case.as_str()) {
            true => CaseStatus::Fail,
            false => CaseStatus::Pass,
        };
        case.status != wanted
    };
    let mut different: String = cases.iter().filter(differs).map(line).collect();
    let concluded = |id: &&&str| cases.iter().any(|case| case.case == **id);
    for missing in suspect.breaks.iter().filter(|id| !concluded(id)) {
        different.push_str(&format!("\n    {missing}: not concluded"));
    }
    let name = suspect.cheat.map_or("the perfect server", FaultCheat::name);
    let declared = suspect.declared.map(|status| format!(" that declares {status}"));
    let declared = declared.unwrap_or_default();
    (!different.is_empty())
        .then(|| format!("{name}{declared}: what differs from what it breaks:{different}"))
}

#[test]
fn each_cheat_fails_exactly_the_faults_it_does_not_outlive() {
    let tree = tree();
    let (suspects, next) = (suspects(), AtomicUsize::new(0));
    let run = || {
        let Some(mut database) = database() else { return Vec::new() };
        let mut wrong = Vec::new();
        while let Some(suspect) = suspects.get(next.fetch_add(1, Ordering::Relaxed)) {
            // What load does once is no difference: it must repeat.
            let found: Option<Vec<String>> =
                (0..3).map(|_| difference(&tree, &mut database, suspect)).collect();
            wrong.extend(found.into_iter().flatten().last());
        }
        database.stop().expect("nothing is left");
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|one| one.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{} servers:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_fault_is_failed_by_some_cheat() {
    let broken: BTreeSet<&str> =
        FaultCheat::ALL.iter().flat_map(|cheat| cheat.breaks()).copied().collect();
    let all: BTreeSet<String> = httpdyno_runner::fault_ids().collect();
    let never: Vec<&String> = all.iter().filter(|id| !broken.contains(id.as_str())).collect();
    assert!(never.is_empty(), "never failed: {never:#?}");
    assert_eq!(broken.len(), all.len(), "no such fault: {broken:#?}");
}
