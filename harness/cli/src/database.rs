//! `--database`: where entries find PostgreSQL.

use std::str::FromStr;

use clap::Args;
use httpdyno_runner::{Entry, needs_database};
use httpdyno_spec::SpecTree;
use httpdyno_spec::workload::Workload;
use httpdyno_target::DatabaseSource;
use httpdyno_target::database::{Fetch, FetchError, FetchProgress};

use crate::exit::Failure;

/// The option, for every verb that starts entries.
#[derive(Args)]
pub(crate) struct DatabaseOption {
    /// Where entries find PostgreSQL: `private` (a cluster of the harness's own), `private:FOLDER`
    /// (of the programs in that folder), `fetched` (of programs that are downloaded once and kept),
    /// `container` or `container:IMAGE:TAG` (in Docker),
    /// postgres://USER@HOST/DATABASE (a new database on that server), or `none` [default: private, where PostgreSQL is
    /// installed, else fetched]
    #[arg(long, value_name = "WHERE")]
    database: Option<Choice>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    None,
    Fetched,
    From(DatabaseSource),
}

impl FromStr for Choice {
    type Err = httpdyno_target::database::SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "fetched" => Ok(Self::Fetched),
            _ => text.parse().map(Self::From),
        }
    }
}

/// Where the database of a run comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The source; none where no entry needs one, none is wanted or none can be had.
    pub(crate) source: Option<DatabaseSource>,
    /// What a reader of the results must know.
    pub(crate) warning: Option<String>,
}

/// The database of a run, and what can be measured with it.
pub(crate) struct Offered {
    /// Where it comes from; none where no workload needs one, none is wanted or none can be had.
    pub(crate) source: Option<DatabaseSource>,
    /// Without those that need a database where there is none.
    pub(crate) workloads: Vec<Workload>,
    /// What a reader of the results must know.
    pub(crate) warnings: Vec<String>,
}

impl DatabaseOption {
    /// The database for a run of `workloads`; also where none of them needs one, if `always`.
    ///
    /// # Errors
    /// When what was asked for cannot be had, or nothing is left to be measured without it.
    pub(crate) fn offer(
        &self,
        tree: &SpecTree,
        entries: &[Entry],
        workloads: Vec<Workload>,
        always: bool,
    ) -> Result<Offered, Failure> {
        let needs = |workload: &Workload| needs_database(tree, workload);
        // Without such a workload no cluster is started, and the checks that need one do not apply.
        if !always && !workloads.iter().any(needs) {
            return Ok(Offered { source: None, workloads, warnings: Vec::new() });
        }
        let Resolved { source, warning } = self.resolve(tree, entries)?;
        if source.is_some() {
            return Ok(Offered { source, workloads, warnings: warning.into_iter().collect() });
        }
        let workloads: Vec<Workload> =
            workloads.into_iter().filter(|workload| !needs(workload)).collect();
        if workloads.is_empty() {
            let why = warning.unwrap_or_else(|| "no database is offered to entries".to_owned());
            return Err(Failure::new(format!("no workload is left to be measured: {why}")));
        }
        let left_out = "workloads that need a database are left out: none is offered".to_owned();
        let warnings = warning.into_iter().chain([left_out]).collect();
        Ok(Offered { source, workloads, warnings })
    }

    /// Where the database for `entries` comes from.
    ///
    /// # Errors
    /// When what was asked for cannot be had.
    pub(crate) fn resolve(&self, tree: &SpecTree, entries: &[Entry]) -> Result<Resolved, Failure> {
        let nothing = Resolved { source: None, warning: None };
        if !entries.iter().any(|entry| entry.uses_database(tree)) {
            return Ok(nothing);
        }
        match &self.database {
            Some(Choice::None) => Ok(nothing),
            Some(Choice::Fetched) => Ok(Resolved::of(fetch()?)),
            Some(Choice::From(source)) => {
                source.available()?;
                Ok(Resolved::of(source.clone()))
            }
            None => Ok(default()),
        }
    }
}

impl Resolved {
    fn of(source: DatabaseSource) -> Self {
        Self { source: Some(source), warning: None }
    }
}

fn default() -> Resolved {
    let source = DatabaseSource::Private { bin_dir: None };
    let missing = match source.available() {
        Ok(()) => return Resolved::of(source),
        Err(missing) => missing,
    };
    match fetch() {
        Ok(source) => Resolved::of(source),
        Err(error) => {
            let warning = format!(
                "the endpoints that need a database are left out: {missing}; nor can it be \
                 fetched: {error}"
            );
            Resolved { source: None, warning: Some(warning) }
        }
    }
}

/// A private cluster of programs that are fetched, unless they were before.
fn fetch() -> Result<DatabaseSource, FetchError> {
    let mut told = 0;
    let programs = Fetch::usual()?.run(|progress| match progress {
        FetchProgress::Fetching { version, url, folder } => {
            let folder = folder.display();
            crate::output::remark!("fetching PostgreSQL {version} from {url} into {folder}");
        }
        FetchProgress::Fetched { bytes, of: Some(of) } => {
            let quarters = bytes * 4 / (*of).max(1);
            if quarters > told {
                told = quarters;
                crate::output::remark!(
                    "  {} %, {} of {} KiB",
                    25 * quarters,
                    bytes >> 10,
                    of >> 10
                );
            }
        }
        FetchProgress::Fetched { of: None, .. } => {}
        FetchProgress::Unpacking => crate::output::remark!("  unpacking it"),
    })?;
    Ok(DatabaseSource::Private { bin_dir: Some(programs) })
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn a_choice_is_a_source_or_none() {
        assert_eq!("none".parse::<Choice>().expect("a choice"), Choice::None);
        assert_eq!("fetched".parse::<Choice>().expect("a choice"), Choice::Fetched);
        for source in
            ["private", "private:/opt/pg/bin", "container:postgres:15", "postgres://me@host/db"]
        {
            let Ok(Choice::From(parsed)) = source.parse() else { panic!("{source}") };
            assert_eq!(parsed.to_string(), source);
        }
        assert!("mysql".parse::<Choice>().is_err());
    }
}
