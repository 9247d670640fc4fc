//! What the contract asks of a process and not of its answers: the harness looks itself.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_spec::exchange::Level;
use httpdyno_target::listen_backlog::{listen_backlog, longest_backlog};
use httpdyno_target::{Server, StopOutcome};

pub(crate) const STOPS_CLEANLY: &str = "app/contract/stops-on-sigterm";
pub(crate) const LISTEN_BACKLOG: &str = "app/contract/listen-backlog";

/// The least backlog, in connections, unless the system's limit is lower.
const LEAST_BACKLOG: u32 = 1024;

/// Ends the server, and says how it ended.
pub(crate) fn stop_case(entry: &str, server: Server) -> CaseRecord {
    let asked = Instant::now();
    let found = match server.stop() {
        StopOutcome::Clean => pass("exit status 0"),
        StopOutcome::Unclean(how) => fail("another exit status", how),
        StopOutcome::Killed => fail("still running", "it had to be killed after 5 s".to_owned()),
        StopOutcome::Crashed(how) => fail("ended before it was asked to", how),
        StopOutcome::Left(what) => fail("left processes behind", left_behind(&what)),
    };
    stops_cleanly().record(entry, found, asked)
}

/// Says that the server died before it was told to stop, though under no case in particular.
pub(crate) fn died_case(entry: &str, how: &str) -> CaseRecord {
    let found = fail("ended before it was asked to", how.to_owned());
    stops_cleanly().record(entry, found, Instant::now())
}

fn stops_cleanly() -> ContractCase {
    ContractCase {
        case: STOPS_CLEANLY.to_owned(),
        title: "SIGTERM ends the server cleanly",
        level: Level::Must,
        requires: "on SIGTERM, stop accepting, answer what is in flight, exit 0 within 5 s"
            .to_owned(),
    }
}

/// What `left 1 process: ...` means, in a sentence.
pub(crate) fn left_behind(what: &str) -> String {
    format!(
        "it {what}, which did not end within 5 s of SIGTERM and had to be killed; a server ends \
         whatever it has started"
    )
}

/// Asks the kernel how many connections may wait for the server at `address`.
pub(crate) fn backlog_case(entry: &str, address: SocketAddr, level: Level) -> CaseRecord {
    let asked = Instant::now();
    let found = judge_backlog(listen_backlog(address), longest_backlog(), level);
    let case = ContractCase {
        case: LISTEN_BACKLOG.to_owned(),
        title: "the listen backlog holds a burst of connections",
        level,
        requires: format!("the listen backlog is at least {LEAST_BACKLOG}, or the system's limit"),
    };
    case.record(entry, found, asked)
}

/// How a case ended, what was observed in a few stable words, and the reason.
pub(crate) type Found = (CaseStatus, &'static str, String);

/// A case that the harness looks at itself.
pub(crate) struct ContractCase {
    pub(crate) case: String,
    pub(crate) title: &'static str,
    pub(crate) level: Level,
    pub(crate) requires: String,
}

impl ContractCase {
    /// What was found of `entry`, looked for since `begin`.
    pub(crate) fn record(self, entry: &str, found: Found, begin: Instant) -> CaseRecord {
        let (status, observed, reason) = found;
        CaseRecord {
            entry: entry.to_owned(),
            case: self.case,
            title: self.title.to_owned(),
            level: self.level,
            source: "spec/contract.md".to_owned(),
            requires: self.requires,
            status,
            observed: observed.to_owned(),
            reason,
            expected: String::new(),
            sent: String::new(),
            received: String::new(),
            duration_ns: u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX),
        }
    }
}

fn judge_backlog(
    backlog: io::Result<Option<u32>>,
    longest: io::Result<u32>,
    level: Level,
) -> Found {
    let least = LEAST_BACKLOG.min(longest.unwrap_or(LEAST_BACKLOG));
    match backlog {
        Ok(Some(backlog)) if backlog >= least => pass("enough"),
        Ok(Some(backlog)) => {
            let (status, observed, _) = fail("too short", String::new());
            let status = if level == Level::Must { status } else { CaseStatus::Warn };
            let reason = format!(
                "it listens with a backlog of {backlog}, {least} are asked for: further \
                 connections of a burst wait for a repeated SYN (1 s), or lose what they sent; \
                 give listen(2) a longer one (many libraries call it `backlog`)"
            );
            (status, observed, reason)
        }
        Ok(None) => not_seen("no socket of this machine listens at its address".to_owned()),
        Err(error) => not_seen(format!("the kernel does not tell it: {error}")),
    }
}

fn pass(observed: &'static str) -> Found {
    (CaseStatus::Pass, observed, String::new())
}

fn fail(observed: &'static str, reason: String) -> Found {
    (CaseStatus::Fail, observed, reason)
}

fn not_seen(reason: String) -> Found {
    (CaseStatus::NotApplicable, "not in sight", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_backlog_fails_an_entry_and_warns_of_a_foreign_server() {
        let judge = |backlog, longest, level| judge_backlog(Ok(backlog), Ok(longest), level);
        assert_eq!(judge(Some(1024), 4096, Level::Must).0, CaseStatus::Pass);
        let (status, observed, reason) = judge(Some(128), 4096, Level::Must);
        assert_eq!((status, observed), (CaseStatus::Fail, "too short"));
        assert!(reason.contains("a backlog of 128, 1024 are asked for"), "{reason}");
        assert_eq!(judge(Some(511), 4096, Level::Should).0, CaseStatus::Warn);
        // What the system does not allow, nobody can have.
        assert_eq!(judge(Some(128), 128, Level::Must).0, CaseStatus::Pass);
    }

    #[test]
    fn what_cannot_be_seen_is_no_verdict() {
        let (status, _, reason) = judge_backlog(Ok(None), Ok(4096), Level::Must);
        assert_eq!(status, CaseStatus::NotApplicable);
        assert!(reason.contains("no socket of this machine"), "{reason}");
        let denied = Err(io::Error::from_raw_os_error(1));
        let (status, _, reason) = judge_backlog(denied, Ok(4096), Level::Must);
        assert_eq!(status, CaseStatus::NotApplicable);
        assert!(reason.contains("Operation not permitted"), "{reason}");
    }

    #[test]
    fn a_server_of_this_machine_is_asked_after() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("known");
        // As the standard library listens.
        let case = backlog_case("some", address, Level::Should);
        assert_eq!((case.status, case.observed.as_str()), (CaseStatus::Warn, "too short"));
        assert_eq!((case.case.as_str(), case.entry.as_str()), (LISTEN_BACKLOG, "some"));
    }
}
