//! A server that dies under a case does not take the others with it: it is started again, that it died
//! is what the case showed, and one that always dies is not started for ever.

#[path = "support/own_server.rs"]
#[allow(dead_code, reason = "these servers have no database")]
mod own_server;
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_runner::{ConformOptions, Entry, Filter, conform_entry};
use httpdyno_spec::manifest::KnownDeviation;
use httpdyno_testkit::Server;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use support::{line, tree};

/// In the environment of a server: how it dies.
const MANNER: &str = "HTTPDYNO_TEST_DEATH";
/// And the file in which it notes each start, by a byte.
const STARTS: &str = "HTTPDYNO_TEST_STARTS";

/// Only one case asks so. It accepts a connection that ends without an answer.
const CONNECT: &str = "h1/methods/connect";

/// Not a test, but the server under test: this program is started again to be it.
#[test]
fn serve_under_the_contract() {
    let Ok(manner) = std::env::var(MANNER) else { return };
    note_start();
    let given = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
    let host: IpAddr = given("HOST").parse().expect("an address");
    let address = SocketAddr::new(host, given("PORT").parse().expect("a port"));
    let mut signals = Signals::new([SIGTERM]).expect("a signal handler");
    let _server = Server::that_looks_first(address, dies(manner));
    signals.forever().next();
    std::process::exit(0);
}

fn note_start() {
    let starts = std::env::var(STARTS).expect("a file");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(starts);
    file.and_then(|mut file| file.write_all(b".")).expect("noted");
}

fn end() -> ! {
    eprintln!("it was a CONNECT that did it");
    std::process::exit(17)
}

/// Whether a connection that begins so is served. Some do not outlive it.
fn dies(manner: String) -> impl Fn(&[u8]) -> bool + Send + Sync {
    let (wounded, connections) = (AtomicBool::new(false), AtomicUsize::new(0));
    move |first| {
        let is_fatal = first.starts_with(b"CONNECT ");
        match manner.as_str() {
            "ends" if is_fatal => end(),
            // As one whose only worker has panicked: the process and its listener are still there.
            "falls silent" if is_fatal => {
                eprintln!("it was a CONNECT that did it");
                wounded.store(true, Ordering::SeqCst);
            }
            // It is answered well, and ends a moment later.
            "ends late" if is_fatal => drop(std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                end()
            })),
            "ends always" if !first.starts_with(b"GET /plaintext ") => end(),
            // Of no case: of the whole of them.
            "ends once" if connections.fetch_add(1, Ordering::SeqCst) == 40 => {
                let starts = std::fs::read(std::env::var(STARTS).expect("a file"));
                if starts.expect("noted").len() == 1 {
                    end();
                }
            }
            _ => {}
        }
        !wounded.load(Ordering::SeqCst)
    }
}

fn entry(manner: &str, starts: &Path) -> Entry {
    let mut entry =
        own_server::entry(&format!("{MANNER}: '{manner}', {STARTS}: '{}'", starts.display()));
    let endpoints = ["plaintext", "json", "users", "search"];
    entry.manifest.endpoints = endpoints.map(|id| id.parse().expect("an id")).to_vec();
    entry
}

/// What is asked: enough to have many cases at a time.
fn options(cases: &[&str]) -> ConformOptions {
    let cases = cases.iter().map(|&case| case.to_owned()).collect();
    ConformOptions { filter: Filter { cases, ..Filter::default() }, ..ConformOptions::default() }
}

const SOME: [&str; 6] =
    ["h1/methods", "h1/host", "app/json", "app/users", "app/search", "app/contract"];

/// The outcomes by case, and how often the server was started.
fn check(manner: &str, cases: &[&str], known: &[&str]) -> (BTreeMap<String, CaseRecord>, usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let starts = folder.path().join("starts");
    let mut entry = entry(manner, &starts);
    entry.manifest.known_deviations = known
        .iter()
        .map(|case| KnownDeviation {
            case: case.parse().expect("an id"),
            reason: "its worker panics".to_owned(),
            variants: Vec::new(),
            varies: false,
        })
        .collect();
    let found = conform_entry(&tree(), &entry, &options(cases), None, |_| ()).expect("verdicts");
    let count = found.len();
    let found: BTreeMap<_, _> = found.into_iter().map(|case| (case.case.clone(), case)).collect();
    assert_eq!(found.len(), count, "a case was told twice");
    (found, std::fs::read(starts).expect("it was started").len())
}

fn statuses(found: &BTreeMap<String, CaseRecord>) -> BTreeMap<&str, (CaseStatus, &str)> {
    found.iter().map(|(id, case)| (id.as_str(), (case.status, case.observed.as_str()))).collect()
}

#[test]
fn the_case_that_a_server_dies_of_fails_and_the_others_are_judged() {
    let (lives, starts) = check("", &SOME, &[]);
    assert_eq!(starts, 1);
    assert!(lives.len() > 25, "{}", lives.len());
    assert!(lives.values().all(|case| case.status != CaseStatus::Fail), "{lives:#?}");
    for (manner, observed, status) in [
        ("ends", "server ended", "(exit status: 17)"),
        ("ends late", "server ended", "(exit status: 17)"),
        ("falls silent", "server answers no more", "answers GET /plaintext no more"),
    ] {
        let (found, starts) = check(manner, &SOME, &[]);
        let mut wanted = statuses(&lives);
        wanted.insert(CONNECT, (CaseStatus::Fail, observed));
        assert_eq!(statuses(&found), wanted, "{manner}");
        let reason = &found[CONNECT].reason;
        for told in [CONNECT, status, "it was a CONNECT that did it"] {
            assert!(reason.contains(told), "{manner}: {told}: {reason}");
        }
        // Beside all others, in smaller groups, and alone.
        assert!((2..=8).contains(&starts), "{manner}: started {starts} times");
    }
}

#[test]
fn a_death_that_the_manifest_declares_is_a_known_deviation() {
    let (found, _) = check("ends", &SOME, &[CONNECT]);
    let case = &found[CONNECT];
    assert_eq!(case.status, CaseStatus::KnownDeviation, "{}", line(case));
    assert!(case.reason.starts_with("its worker panics\n"), "{}", case.reason);
    let failed: String =
        found.values().filter(|case| case.status.fails_entry()).map(line).collect();
    assert!(failed.is_empty(), "{failed}");
    // What does not happen as declared is no secret either.
    let (found, starts) = check("", &SOME, &[CONNECT]);
    assert_eq!((found[CONNECT].status, starts), (CaseStatus::UnexpectedPass, 1));
}

#[test]
fn a_server_that_always_dies_is_not_started_for_ever() {
    let (found, starts) = check("ends always", &["app"], &[]);
    assert!(starts <= 40, "started {starts} times");
    let count = |observed: &str| found.values().filter(|it| it.observed == observed).count();
    let (died, gone) = (count("server ended"), count("server gone"));
    assert!(died >= 8 && gone > 20, "{died} died, {gone} not asked");
    let not_asked = found.values().find(|case| case.observed == "server gone").expect("one");
    assert!(not_asked.reason.contains("died too often"), "{}", line(not_asked));
    // It lives as long as nothing but its page is asked for.
    let passed = found.values().filter(|case| case.status == CaseStatus::Pass);
    let passed: Vec<&str> = passed.map(|case| case.case.as_str()).collect();
    let may_pass =
        |case: &&str| case.starts_with("app/plaintext/") || case.starts_with("app/every-response/");
    assert!(passed.iter().all(may_pass), "{passed:?}");
}

#[test]
fn a_death_that_no_case_explains_is_told_all_the_same() {
    let (found, starts) = check("ends once", &SOME, &[]);
    assert_eq!(starts, 2);
    let case = &found["app/contract/stops-on-sigterm"];
    assert_eq!(case.status, CaseStatus::Fail, "{}", line(case));
    assert_eq!(case.observed, "ended before it was asked to");
    for told in ["(exit status: 17)", "none of these cases did it alone", "h1/"] {
        assert!(case.reason.contains(told), "{told}: {}", case.reason);
    }
    let failed = found.values().filter(|case| case.status.fails_entry());
    assert_eq!(failed.count(), 1, "{found:#?}");
}
