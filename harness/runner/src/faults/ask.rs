//! Many requests at the same time, and what became of each.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use httpdyno_conformance::{Route, Target, WorldRow, fits, verify_route_blocking, world_rows};
use httpdyno_spec::SpecTree;
use httpdyno_spec::exchange::{BodyRule, Method, RequestTemplate, ResponseRule};
use httpdyno_spec::manifest::Manifest;
use httpdyno_spec::profile::DATABASE_POOL;

use crate::entry::Entry;

/// More requests than connections, so that some must wait for one.
const AT_A_TIME: usize = 2 * DATABASE_POOL as usize;

/// One kind of request.
#[derive(Clone, Debug)]
struct Question {
    request: RequestTemplate,
    well: ResponseRule,
    /// It may be answered from memory.
    cached: bool,
}

/// The requests that the entry's endpoints with a database are asked.
#[derive(Clone, Debug)]
pub(super) struct Questions {
    questions: Vec<Question>,
    plaintext: Question,
    payloads: PathBuf,
    refusal: Refusal,
}

/// How an entry answers while the database cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    /// Whether its manifest says so.
    declared: bool,
}

/// A response's status and whether it is well where that is 200, or why there is none.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) path: String,
    /// It may come from memory.
    pub(super) cached: bool,
    outcome: Result<(u16, Result<(), String>), String>,
    /// The rows of `world` in it.
    pub(super) worlds: Vec<WorldRow>,
    pub(super) after: Duration,
}

/// What became of all requests.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) all: Vec<Answered>,
    refusal: Refusal,
}

/// Requests that go on.
pub(super) struct Asking {
    all: Vec<JoinHandle<Answered>>,
    refusal: Refusal,
}

/// That of an entry which declares none.
const USUAL: Refusal = Refusal { status: 503, declared: false };

impl Refusal {
    /// 503, or what the manifest declares in its place.
    fn of(manifest: &Manifest) -> Self {
        match &manifest.unavailable_status {
            Some(declared) => Self { status: declared.status, declared: true },
            None => USUAL,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let declared = if self.declared { " (`unavailable_status` of its manifest)" } else { "" };
        write!(f, "{}{declared}", self.status)
    }
}

fn question(path: &str, body: BodyRule) -> Question {
    Question {
        request: RequestTemplate {
            method: Method::Get,
            path: path.to_owned(),
            headers: BTreeMap::new(),
            body: None,
            framing: Default::default(),
        },
        well: ResponseRule { status: vec![200], headers: BTreeMap::new(), body },
        cached: path.starts_with("/cached"),
    }
}

impl Questions {
    /// Those of the endpoints that `entry` serves.
    pub(super) fn of(tree: &SpecTree, entry: &Entry) -> Self {
        Self::with(tree, entry, 5)
    }

    /// The same for `rows` rows each.
    pub(super) fn with(tree: &SpecTree, entry: &Entry, rows: u32) -> Self {
        let worlds =
            |path: &str| question(&format!("{path}?queries={rows}"), BodyRule::Worlds(rows));
        let all = [
            ("db", question("/db", BodyRule::World)),
            ("queries", worlds("/queries")),
            ("updates", worlds("/updates")),
            ("cached-queries", worlds("/cached-queries")),
            ("fortunes", question("/fortunes", BodyRule::Fortunes)),
        ];
        let serves = |id: &str| entry.manifest.endpoints.iter().any(|own| own.as_str() == id);
        let questions = all.into_iter().filter(|(id, _)| serves(id)).map(|(_, one)| one).collect();
        let plaintext = question("/plaintext", BodyRule::Text("Hello, World!".to_owned()));
        let refusal = Refusal::of(&entry.manifest);
        Self { questions, plaintext, payloads: tree.payloads(), refusal }
    }

    /// How the entry answers while the database cannot be used.
    pub(super) fn refusal(&self) -> Refusal {
        self.refusal
    }

    /// Sends requests at the same time, and waits for what becomes of them.
    pub(super) fn ask(&self, address: SocketAddr) -> Asked {
        self.ask_in_background(address).finish()
    }

    /// Sends one request of each kind, each when the one before is answered.
    pub(super) fn ask_in_turn(&self, address: SocketAddr) -> Asked {
        let answered = |question| {
            Asking { all: vec![self.send(question, address)], refusal: self.refusal }.finish().all
        };
        Asked { all: self.questions.iter().flat_map(answered).collect(), refusal: self.refusal }
    }

    /// Sends requests at the same time.
    pub(super) fn ask_in_background(&self, address: SocketAddr) -> Asking {
        let turns = self.questions.iter().cycle().take(AT_A_TIME);
        let all = turns.map(|question| self.send(question, address)).collect();
        Asking { all, refusal: self.refusal }
    }

    /// All are refused in time, and `/plaintext` is answered as always meanwhile; the error says
    /// what was not.
    pub(super) fn unavailable(&self, address: SocketAddr, limit: Duration) -> Result<(), String> {
        let asking = self.ask_in_background(address);
        let plaintext = vec![self.send(&self.plaintext, address)];
        let meanwhile = Asking { all: plaintext, refusal: self.refusal }.finish();
        let asked = asking.finish();
        meanwhile.all_well().map_err(|why| format!("while the database fails: {why}"))?;
        asked.either(limit)?;
        let well = |one: &&Answered| matches!(one.outcome, Ok((200, _))) && !one.cached;
        match asked.all.iter().find(well) {
            Some(one) => Err(format!(
                "GET {} is answered 200 although the database cannot be used; expected {}",
                one.path, self.refusal
            )),
            None => Ok(()),
        }
    }

    fn send(&self, question: &Question, address: SocketAddr) -> JoinHandle<Answered> {
        let (question, payloads) = (question.clone(), self.payloads.clone());
        std::thread::spawn(move || {
            let any = ResponseRule {
                status: (100..600).collect(),
                headers: BTreeMap::new(),
                body: BodyRule::Any,
            };
            let vars = BTreeMap::new();
            let route =
                Route { name: "fault", vars: &vars, request: &question.request, expect: &any };
            let begin = Instant::now();
            let exchange = verify_route_blocking(&Target::at(address), &payloads, route, 1);
            let after = begin.elapsed();
            let (outcome, worlds) = match exchange {
                Ok(done) => (
                    Ok((done.answer.status, fits(&question.well, &done.answer))),
                    world_rows(&done.answer.body),
                ),
                Err(mismatch) => (Err(mismatch.why), Vec::new()),
            };
            let (path, cached) = (question.request.path, question.cached);
            Answered { path, cached, outcome, worlds, after }
        })
    }
}

impl Asking {
    /// Waits for what becomes of all; each has a deadline of its own.
    pub(super) fn finish(self) -> Asked {
        let lost = |_| Answered {
            path: String::new(),
            cached: false,
            outcome: Err("the request could not be made".to_owned()),
            worlds: Vec::new(),
            after: Duration::ZERO,
        };
        let all = self.all.into_iter().map(|one| one.join().unwrap_or_else(lost)).collect();
        Asked { all, refusal: self.refusal }
    }
}

/// A path, the rows answered (id and number), and after which time.
#[cfg(test)]
type MadeUp<'a> = (&'a str, &'a [(u16, u16)], Duration);

impl Asked {
    #[cfg(test)]
    pub(super) fn made_up(all: &[MadeUp<'_>]) -> Self {
        let row = |&(id, number): &(u16, u16)| WorldRow { id, number };
        let one = |&(path, rows, after): &MadeUp<'_>| Answered {
            path: path.to_owned(),
            cached: path.starts_with("/cached"),
            outcome: Ok((200, Ok(()))),
            worlds: rows.iter().map(row).collect(),
            after,
        };
        Self { all: all.iter().map(one).collect(), refusal: USUAL }
    }

    /// All are answered well.
    pub(super) fn all_well(&self) -> Result<(), String> {
        self.all.iter().try_for_each(|one| match &one.outcome {
            Ok((200, Ok(()))) => Ok(()),
            Ok((200, Err(why))) => Err(format!("GET {}: {why}", one.path)),
            Ok((status, _)) => Err(format!("GET {} is answered {status}, expected 200", one.path)),
            Err(why) => Err(format!("GET {} is not answered: {why}", one.path)),
        })
    }

    /// All are answered in time, well or refused.
    pub(super) fn either(&self, limit: Duration) -> Result<(), String> {
        self.well_or_refused()?;
        match self.all.iter().find(|one| one.after > limit) {
            Some(one) => Err(format!(
                "GET {} is answered after {} ms, expected within {} ms",
                one.path,
                one.after.as_millis(),
                limit.as_millis()
            )),
            None => Ok(()),
        }
    }

    /// All are answered, well or refused.
    pub(super) fn well_or_refused(&self) -> Result<(), String> {
        let refusal = self.refusal;
        self.all.iter().try_for_each(|Answered { path, outcome, .. }| match outcome {
            Ok((200, Err(why))) => Err(format!("GET {path}: {why}")),
            Ok((status, _)) if [200, refusal.status].contains(status) => Ok(()),
            Ok((status, _)) => Err(format!("GET {path} is answered {status}, expected {refusal}")),
            Err(why) => Err(format!("GET {path} is not answered: {why}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Answered, Asked, Duration, Refusal, USUAL};

    const LIMIT: Duration = Duration::from_secs(5);

    fn one(outcome: Result<(u16, Result<(), String>), String>, after: Duration) -> Asked {
        let all = vec![Answered {
            path: "/db".to_owned(),
            cached: false,
            outcome,
            worlds: Vec::new(),
            after,
        }];
        Asked { all, refusal: USUAL }
    }

    #[test]
    fn only_well_or_503_and_in_time_will_do_while_the_database_fails() {
        let soon = Duration::from_millis(1);
        assert_eq!(one(Ok((503, Err(String::new()))), soon).either(LIMIT), Ok(()));
        assert_eq!(one(Ok((200, Ok(()))), soon).either(LIMIT), Ok(()));
        for (asked, why) in [
            (one(Ok((503, Ok(()))), LIMIT + soon), "after 5001 ms"),
            (one(Ok((200, Err("two rows".to_owned()))), soon), "two rows"),
            (one(Ok((500, Ok(()))), soon), "answered 500"),
            (one(Err("cut off".to_owned()), soon), "not answered: cut off"),
        ] {
            let told = asked.either(LIMIT).expect_err(why);
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn a_declared_status_takes_the_place_of_503() {
        let soon = Duration::from_millis(1);
        let declared = Refusal { status: 500, declared: true };
        let asked = |status| Asked { refusal: declared, ..one(Ok((status, Ok(()))), soon) };
        assert_eq!(asked(500).either(LIMIT), Ok(()));
        let told = asked(503).either(LIMIT).expect_err("another status");
        assert!(told.ends_with("expected 500 (`unavailable_status` of its manifest)"), "{told}");
    }

    #[test]
    fn afterwards_only_well_will_do() {
        let soon = Duration::from_millis(1);
        assert_eq!(one(Ok((200, Ok(()))), soon).all_well(), Ok(()));
        for outcome in [Ok((503, Ok(()))), Ok((200, Err("x".to_owned()))), Err("x".to_owned())] {
            assert!(one(outcome, soon).all_well().is_err());
        }
    }
}
