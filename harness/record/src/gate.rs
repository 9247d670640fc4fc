//! The gates: what makes figures of a trial void. One table; everything that is said of gates
//! anywhere (METHODOLOGY.md too, see [`table`]) is said here.
//!
//! A gate that looks at one trial has its check in `harness/runner/src/gates.rs`, where a `match`
//! over [`Gate`] leaves none out; those of rows are decided in [`crate::rows`].

use std::fmt;

use httpdyno_spec::profile::Gates;

mod facts;

pub use facts::GATES;

/// One gate. The order is that in which they are looked at: of several that failed, the first speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// Wrong or missing answers.
    Errors,
    /// No answer at all.
    Responses,
    /// Connections that were not taken.
    Established,
    /// A rate that still changes after the warm-up.
    WarmUp,
    /// A rate that changes within the window.
    Window,
    /// Counts or times that contradict each other.
    LittlesLaw,
    /// An offered rate that was not served.
    Offered,
    /// Requests that were sent late.
    SendLag,
    /// A generator that waited for its core.
    GeneratorDelay,
    /// A generator at its own limit.
    Generator,
    /// A rate near that of the null server.
    Headroom,
    /// A generator that is busier than the server.
    ServerUnsaturated,
    /// A server that waited for its core.
    ServerDelay,
    /// A peak at which nobody is busy.
    NobodyBusy,
    /// Time that the hypervisor took.
    Steal,
    /// A machine that is none of the profile's.
    Unfit,
    /// Time of measured cores that others used.
    Foreign,
    /// An answer under load that the full rule finds wrong.
    Audit,
    /// A server that is not where it was put.
    Confinement,
    /// A cost below that of a fixed response.
    CostFloor,
    /// Answers that did not come from the database.
    Statements,
    /// More connections to the database than were offered.
    Pool,
    /// A trial of the row that failed altogether.
    FailedTrial,
    /// A kind of figure that is valid in too few blocks.
    Blocks,
    /// A machine that changed over the run.
    Drift,
}

/// Over what a gate is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// It takes the trial in which it failed: it looks at what the machine did.
    Trial,
    /// It fails by what a trial came to, so that single trials would be chosen by their outcome: it
    /// holds for all trials of a row or for none.
    Row,
    /// It fails by what the server did itself, and could do in the trials of its choice: where it
    /// failed once, it fails for the whole row.
    Server,
    /// It is found when rows are decided, and looks at no trial.
    Decision,
    /// It is of the whole run, and warns.
    Run,
}

/// What there is to know of a gate.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Which it is.
    pub gate: Gate,
    /// Its name in records, in messages and in every form.
    pub id: &'static str,
    /// Over what it is decided.
    pub scope: Scope,
    /// When it fails, in the words of METHODOLOGY.md; `{errors_ppm}` stands for that threshold of the
    /// profile, and its default.
    pub fails_when: &'static str,
    /// What it makes void, in words.
    pub voids: &'static str,
    /// What takes it away, for somebody whose run it left without a ranking.
    pub remedy: Option<&'static str>,
    /// Whether it tells of the machine or of the generator, whatever the server does: a server that
    /// misses an objective beside it did not fail.
    pub is_ours: bool,
}

impl Gate {
    /// All that is known of it.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        &GATES[self as usize]
    }

    /// Its name in records.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// The gate of that name; nothing where a record has one that is no more.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::all().find(|gate| gate.id() == id)
    }

    /// Every gate.
    pub fn all() -> impl Iterator<Item = Self> {
        GATES.iter().map(|facts| facts.gate)
    }

    /// Those that are decided over this.
    pub fn of(scope: Scope) -> impl Iterator<Item = Self> {
        GATES.iter().filter(move |facts| facts.scope == scope).map(|facts| facts.gate)
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Facts {
    /// The names of its thresholds in the profile.
    pub fn thresholds(&self) -> impl Iterator<Item = &'static str> {
        let parts = self.fails_when.split('{').chain(self.voids.split('{').skip(1));
        parts.skip(1).filter_map(|part| Some(part.split_once('}')?.0))
    }
}

/// The table of METHODOLOGY.md, between its markers.
#[must_use]
pub fn table() -> String {
    let defaults = serde_json::to_value(Gates::default()).unwrap_or_default();
    let with_thresholds = |facts: &Facts, text: &str| {
        facts.thresholds().fold(text.to_owned(), |text, name| {
            let ppm = defaults.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
            text.replace(&format!("{{{name}}}"), &format!("`{name}` ({})", percent(ppm)))
        })
    };
    let mut text = "| gate | decided of | fails when | void |\n|---|---|---|---|\n".to_owned();
    for facts in &GATES {
        let scope = match facts.scope {
            Scope::Trial => "trial",
            Scope::Row | Scope::Decision => "row",
            Scope::Server => "server",
            Scope::Run => "run",
        };
        let fails_when = with_thresholds(facts, facts.fails_when);
        let voids = with_thresholds(facts, facts.voids);
        text.push_str(&format!("| `{}` | {scope} | {fails_when} | {voids} |\n", facts.id));
    }
    text
}

/// Whole per cent, or as many decimals as there are.
fn percent(ppm: u64) -> String {
    let decimals = format!("{:04}", ppm % 10_000);
    let decimals = decimals.trim_end_matches('0');
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{}{point}{decimals} %", ppm / 10_000)
}

/// What stands before the table and behind it.
const MARKERS: [&str; 2] =
    ["<!-- gates: written by `httpdyno schema --write` -->\n", "<!-- end of gates -->\n"];

/// `methodology` with the table as it is now; nothing where it has no place for one.
#[must_use]
pub fn written_into(methodology: &str) -> Option<String> {
    let [begin, end] = MARKERS;
    let (before, rest) = methodology.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{}{end}{after}", table()))
}
