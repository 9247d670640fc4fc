//! pgbench, PostgreSQL's own load generator, as something to put servers beside: it sends the
//! statement of `/db` over as many connections, with nothing around it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::binaries::{Binaries, candidates};
use super::handle::Database;
use super::source::DatabaseSource;
use crate::affinity::confine_child;
use crate::bounded;
use crate::output::OutputTail;

/// A single-row select by a random id, as `/db` does it.
const SCRIPT: &str =
    "\\set id random(1, 10000)\nSELECT id, randomnumber FROM world WHERE id = :id;\n";

/// How long it may take beside the time it was given.
const GRACE: Duration = Duration::from_secs(30);

/// How pgbench is run: `-M prepared`, without pipelining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgbenchPlan {
    /// Connections, each with one statement under way.
    pub connections: u32,
    /// Threads, at most as many as connections.
    pub threads: u32,
    /// For how many seconds, at least one.
    pub seconds: u32,
    /// The cores that it is confined to.
    pub cores: Vec<u32>,
}

/// What pgbench found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgbenchReport {
    /// As it says, e.g. `pgbench (PostgreSQL) 15.18`.
    pub version: String,
    /// Statements that were answered.
    pub transactions: u64,
    /// In this time, without connecting.
    pub elapsed_ns: u64,
    /// The mean time of one.
    pub latency_mean_ns: u64,
}

/// Why there is no figure of pgbench.
#[derive(Debug, thiserror::Error)]
pub enum PgbenchError {
    /// It is not on this machine.
    #[error(
        "no pgbench is on this machine; it comes with PostgreSQL (on some systems in the package \
         `postgresql-contrib`)"
    )]
    Missing,
    /// It cannot be run.
    #[error("cannot run `{program}`: {source}")]
    NotRunnable {
        /// The program.
        program: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It failed, or was not done in time.
    #[error("pgbench ended with {status}; it wrote:\n{tail}")]
    Failed {
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        tail: String,
    },
    /// It says something else than expected.
    #[error("pgbench does not tell its {what}; it wrote:\n{output}")]
    Unreadable {
        /// What was looked for.
        what: &'static str,
        /// What it wrote.
        output: String,
    },
}

impl Database {
    /// Runs pgbench as a server under test would connect; `source` says where its program may be.
    ///
    /// # Errors
    /// When there is none, or it fails.
    pub fn pgbench(
        &self,
        source: &DatabaseSource,
        plan: &PgbenchPlan,
    ) -> Result<PgbenchReport, PgbenchError> {
        let program = find(source).ok_or(PgbenchError::Missing)?;
        let version = version_of(&program)?;
        let not_runnable = |source| PgbenchError::NotRunnable { program: program.clone(), source };
        let mut command = Command::new(&program);
        command.args(["--no-vacuum", "--protocol=prepared", "--file=/dev/stdin"]);
        command.arg(format!("--client={}", plan.connections));
        command.arg(format!("--jobs={}", plan.threads));
        command.arg(format!("--time={}", plan.seconds));
        command.arg(self.url());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        confine_child(&mut command, &plan.cores);
        let mut child = command.spawn().map_err(not_runnable)?;
        let mut output = OutputTail::drain(child.stdout.take().expect("piped"));
        let mut complaints = OutputTail::drain(child.stderr.take().expect("piped"));
        if let Some(mut input) = child.stdin.take() {
            // It says itself what it misses.
            let _ = std::io::Write::write_all(&mut input, SCRIPT.as_bytes());
        }
        let status = bounded::wait(&mut child, Duration::from_secs(plan.seconds.into()) + GRACE);
        output.finish();
        complaints.finish();
        if !status.is_some_and(|status| status.success()) {
            let status = status.map_or("no end in time".to_owned(), |status| status.to_string());
            return Err(PgbenchError::Failed { status, tail: complaints.text() });
        }
        parse(version, &output.text())
    }
}

/// The version of the pgbench that [`Database::pgbench`] runs, in its own words, e.g.
/// `pgbench (PostgreSQL) 15.18`.
///
/// # Errors
/// When there is none, or it cannot be run.
pub fn pgbench_version(source: &DatabaseSource) -> Result<String, PgbenchError> {
    version_of(&find(source).ok_or(PgbenchError::Missing)?)
}

fn version_of(program: &Path) -> Result<String, PgbenchError> {
    let not_runnable = |source| PgbenchError::NotRunnable { program: program.to_owned(), source };
    bounded::version_of(program).map_err(not_runnable)
}

/// Beside the programs of the source, else the first there is.
fn find(source: &DatabaseSource) -> Option<PathBuf> {
    let given = match source {
        DatabaseSource::Private { bin_dir } => bin_dir.as_deref(),
        _ => None,
    };
    let beside = Binaries::find(given).ok().map(|binaries| binaries.postgres());
    let beside = beside.as_deref().and_then(Path::parent).map(Path::to_owned);
    let mut folders = beside.into_iter().chain(candidates());
    folders.find_map(|folder| Some(folder.join("pgbench")).filter(|program| program.is_file()))
}

fn parse(version: String, output: &str) -> Result<PgbenchReport, PgbenchError> {
    let unreadable = |what| PgbenchError::Unreadable { what, output: output.to_owned() };
    // Older versions tell the rate twice; the last one is without connecting.
    let number = |before: &str| {
        let line = output.lines().rev().find_map(|line| line.strip_prefix(before))?;
        line.trim_start().split(|c: char| !c.is_ascii_digit() && c != '.').next()?.parse().ok()
    };
    let rate: f64 = number("tps = ").ok_or_else(|| unreadable("rate"))?;
    let transactions: f64 = number("number of transactions actually processed:")
        .ok_or_else(|| unreadable("number of transactions"))?;
    let latency_ms: f64 = number("latency average = ").ok_or_else(|| unreadable("latency"))?;
    if rate <= 0.0 {
        return Err(unreadable("rate, which must be more than 0"));
    }
    Ok(PgbenchReport {
        version,
        transactions: transactions as u64,
        elapsed_ns: (transactions / rate * 1e9) as u64,
        latency_mean_ns: (latency_ms * 1e6) as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::{PgbenchError, parse};

    const OUTPUT: &str = "pgbench (15.18 (Debian 15.18-0+deb12u1))\n\
        transaction type: /dev/stdin\nscaling factor: 1\nquery mode: prepared\n\
        number of clients: 16\nnumber of threads: 1\nduration: 2 s\n\
        number of transactions actually processed: 50000\n\
        number of failed transactions: 0 (0.000%)\nlatency average = 0.640 ms\n\
        initial connection time = 17.1 ms\n\
        tps = 25000.500000 (without initial connection time)\n";

    #[test]
    fn what_pgbench_writes_is_read() {
        let report = parse("pgbench 15".to_owned(), OUTPUT).expect("readable");
        assert_eq!((report.transactions, report.latency_mean_ns), (50_000, 640_000));
        assert_eq!(report.elapsed_ns / 1000, 1_999_960);
        let older = OUTPUT.replace("tps = 25", "tps = 1 (including connections)\ntps = 25");
        assert_eq!(parse("pgbench 15".to_owned(), &older).expect("readable"), report);
    }

    #[test]
    fn what_it_does_not_say_is_told() {
        let error = parse(String::new(), "tps = 5 x\n").expect_err("half of it");
        assert!(matches!(error, PgbenchError::Unreadable { .. }));
        assert!(error.to_string().contains("number of transactions"), "{error}");
        let none = OUTPUT.replace("tps = 25000.500000", "tps = 0.000000");
        assert!(parse(String::new(), &none).is_err());
    }
}
