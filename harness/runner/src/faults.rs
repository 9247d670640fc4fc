//! What an entry does while its database fails, and afterwards: spec/contract.md, The database.

mod ask;
mod slow;

use std::time::{Duration, Instant};

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_spec::SpecTree;
use httpdyno_spec::exchange::Level;
use httpdyno_spec::profile::DATABASE_POOL;
use httpdyno_target::{Database, Server, StopOutcome};

use crate::conform::{ConformOptions, conform_url};
use crate::contract_cases::ContractCase;
use crate::entry::{Entry, Given};
use crate::error::ConformError;
use ask::{Asked, Questions, Refusal};

/// How long a request may take while the database cannot be used.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// How long after the database can be used again all requests must be answered as always.
const RECOVERY_LIMIT: Duration = Duration::from_secs(10);
/// How long the backend of a closed connection may take to end.
const BACKEND_END_LIMIT: Duration = Duration::from_secs(3);

/// Several, so that connections for each worker instead of in total show.
const WORKERS: u32 = 2;

/// What happens to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Slow,
    Killed,
    NoConnections,
    FewConnections,
    Locked,
    Frozen,
}

impl Fault {
    const ALL: [Self; 6] = [
        // First, while a server has all its connections: none is lost or late by it.
        Self::Slow,
        Self::Killed,
        Self::NoConnections,
        Self::FewConnections,
        Self::Locked,
        Self::Frozen,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::NoConnections => "no-connections",
            Self::FewConnections => "few-connections",
            Self::Locked => "locked",
            Self::Frozen => "frozen",
            Self::Slow => "slow",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Killed => "the database is killed in mid-run and started again",
            Self::NoConnections => "the database ends all connections and refuses new ones",
            Self::FewConnections => "the database allows fewer connections than DATABASE_POOL",
            Self::Locked => "the tables are locked, so that statements wait",
            Self::Frozen => "the database stops answering, and connections stay open",
            Self::Slow => "each statement takes 300 ms longer, and comes back right",
        }
    }

    fn requires(self, refusal: Refusal) -> String {
        match self {
            Self::Slow => {
                "while statements are slow, but those of a request take less than 1 s in \
                 all, everything is answered with the rows of the table; afterwards it is as quick \
                 as always"
                    .to_owned()
            }
            _ => while_unusable(refusal),
        }
    }
}

/// Starts `entry` without and with its database, lets everything happen to that, and tells for each
/// fault whether the contract was kept. The database must be a private one.
///
/// # Errors
/// When the server does not start with a database, or the harness cannot do to the database what
/// it means to.
pub fn check_faults(
    tree: &SpecTree,
    entry: &Entry,
    database: &mut Database,
    start_timeout: Option<Duration>,
    on_case: impl Fn(&CaseRecord),
) -> Result<Vec<CaseRecord>, ConformError> {
    let questions = Questions::of(tree, entry);
    let mut cases = Vec::new();
    let refusal = questions.refusal();
    let told = Told { entry: entry.id.to_string() };
    let unusable = || while_unusable(refusal);
    let mut conclude = |case: CaseRecord| {
        on_case(&case);
        cases.push(case);
    };
    database.reset()?;
    let offer = database.offer(DATABASE_POOL);
    if !database.kill() {
        return Err(ConformError::NoFaults);
    }
    let begin = Instant::now();
    let given =
        Given { workers: WORKERS, database: Some(offer), ..Given::ready_within(start_timeout) };
    let server = entry.start(tree, given);
    let mut found = Ok(());
    if let Ok(server) = &server {
        found = questions.unavailable(server.address(), ANSWER_LIMIT);
    }
    database.start_again()?;
    let server = match server {
        Ok(server) => server,
        Err(error) => {
            let found = Err(error.to_string());
            conclude(told.record(("absent", ABSENT, unusable()), found, begin));
            return Ok(cases);
        }
    };
    let found = found.and_then(|()| recovered(tree, &questions, &server, database));
    conclude(told.record(("absent", ABSENT, unusable()), found, begin));
    for fault in Fault::ALL {
        let begin = Instant::now();
        let found = suffer((tree, entry), fault, &questions, &server, database)?;
        let asked = (fault.name(), fault.title(), fault.requires(refusal));
        conclude(told.record(asked, found, begin));
    }
    conclude(stops_while_frozen(&told, &questions, server, database));
    database.reset()?;
    Ok(cases)
}

/// The ids of all outcomes.
pub fn fault_ids() -> impl Iterator<Item = String> {
    let during = Fault::ALL.into_iter().map(Fault::name);
    let all = ["absent"].into_iter().chain(during).chain(["stops"]);
    all.map(|fault| format!("{FAULTS}{fault}"))
}

/// How the ids of outcomes begin.
const FAULTS: &str = "app/database-faults/";

const ABSENT: &str = "the database is absent when the server starts";

/// What the contract makes of one fault; the error says what was not kept.
fn suffer(
    (tree, entry): (&SpecTree, &Entry),
    fault: Fault,
    questions: &Questions,
    server: &Server,
    database: &mut Database,
) -> Result<Result<(), String>, ConformError> {
    let address = server.address();
    let mut found = Ok(());
    match fault {
        Fault::Killed => {
            let asked = questions.ask_in_background(address);
            database.kill();
            found = asked.finish().either(ANSWER_LIMIT);
            found = found.and_then(|()| questions.unavailable(address, ANSWER_LIMIT));
            database.start_again()?;
        }
        Fault::NoConnections => {
            database.limit_connections(Some(0))?;
            found = found.and_then(|()| questions.unavailable(address, ANSWER_LIMIT));
            database.limit_connections(None)?;
        }
        Fault::FewConnections => {
            database.limit_connections(Some(2))?;
            found = found.and_then(|()| questions.ask(address).either(ANSWER_LIMIT));
            database.limit_connections(None)?;
        }
        Fault::Locked => {
            let locked = database.lock_tables()?;
            found = found.and_then(|()| questions.unavailable(address, ANSWER_LIMIT));
            drop(locked);
        }
        Fault::Frozen => {
            database.freeze();
            found = found.and_then(|()| questions.unavailable(address, ANSWER_LIMIT));
            database.thaw();
        }
        Fault::Slow => found = slow::suffer((tree, entry), address, database)?,
    }
    Ok(found.and_then(|()| recovered(tree, questions, server, database)))
}

/// Everything is answered as always within the limit, with the rows of the table, over no more
/// connections than allowed.
fn recovered(
    tree: &SpecTree,
    questions: &Questions,
    server: &Server,
    database: &mut Database,
) -> Result<(), String> {
    let deadline = Instant::now() + RECOVERY_LIMIT;
    loop {
        let asked: Asked = questions.ask(server.address());
        // It may still refuse, but nothing that it answers may be wrong.
        asked.well_or_refused().map_err(|why| format!("after the database was back: {why}"))?;
        match asked.all_well() {
            Ok(()) => break,
            Err(why) if Instant::now() >= deadline => {
                return Err(format!(
                    "{} s after the database was back: {why}",
                    RECOVERY_LIMIT.as_secs()
                ));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
    no_more_than_the_pool(database)?;
    let mut options = ConformOptions { jobs: Some(1), ..ConformOptions::default() };
    options.filter.cases =
        ["app/db/stored", "app/queries/stored", "app/updates/written", "app/fortunes/stored"]
            .map(str::to_owned)
            .to_vec();
    let url = format!("http://{}", server.address());
    let cases =
        conform_url(tree, &url, &options, Some(database)).map_err(|error| error.to_string())?;
    match cases.iter().find(|case| case.status.fails_entry()) {
        Some(case) => Err(format!("afterwards, {} fails: {}", case.case, case.reason)),
        None => Ok(()),
    }
}

/// A connection that the server has closed is counted until its backend has ended: so it may take
/// a moment until there are no more than allowed.
fn no_more_than_the_pool(database: &mut Database) -> Result<(), String> {
    let deadline = Instant::now() + BACKEND_END_LIMIT;
    loop {
        let connections = database.server_connections().map_err(|error| error.to_string())?;
        if connections <= DATABASE_POOL.into() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(format!(
                "the server has {connections} connections afterwards, \
                 DATABASE_POOL is {DATABASE_POOL}"
            ));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn stops_while_frozen(
    told: &Told,
    questions: &Questions,
    server: Server,
    database: &mut Database,
) -> CaseRecord {
    let begin = Instant::now();
    database.freeze();
    let asked = questions.ask_in_background(server.address());
    let stopped = server.stop();
    database.thaw();
    asked.finish();
    let found = match stopped {
        StopOutcome::Clean => Ok(()),
        StopOutcome::Killed => {
            Err("it still ran 5 s after SIGTERM and had to be killed".to_owned())
        }
        StopOutcome::Unclean(how) | StopOutcome::Crashed(how) => {
            Err(format!("it ended with {how}"))
        }
        StopOutcome::Left(what) => Err(format!("it {what}")),
    };
    let title = "SIGTERM ends the server cleanly while the database does not answer";
    told.record(("stops", title, while_unusable(questions.refusal())), found, begin)
}

/// What the contract asks for while there are no rows to be had, and afterwards.
fn while_unusable(refusal: Refusal) -> String {
    format!(
        "while the database cannot be used, the server answers {refusal} within 5 s and everything \
         else as always; 10 s after it can, all is answered as always; no answer is wrong"
    )
}

/// What all outcomes of an entry have in common.
struct Told {
    entry: String,
}

impl Told {
    fn record(
        &self,
        (fault, title, requires): (&str, &'static str, String),
        found: Result<(), String>,
        begin: Instant,
    ) -> CaseRecord {
        let found = match found {
            Ok(()) => (CaseStatus::Pass, "as the contract asks", String::new()),
            Err(why) => (CaseStatus::Fail, "not as the contract asks", why),
        };
        let case =
            ContractCase { case: format!("{FAULTS}{fault}"), title, level: Level::Must, requires };
        case.record(&self.entry, found, begin)
    }
}
