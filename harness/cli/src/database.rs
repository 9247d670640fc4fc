//! `--database`: where entries find PostgreSQL.

use std::str::FromStr;

use clap::Args;
use httpdyno_runner::Entry;
use httpdyno_spec::SpecTree;
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

impl DatabaseOption {
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
            anstream::eprintln!("fetching PostgreSQL {version} from {url} into {folder}");
        }
        FetchProgress::Fetched { bytes, of: Some(of) } => {
            let quarters = bytes * 4 / (*of).max(1);
            if quarters > told {
                told = quarters;
                anstream::eprintln!("  {} %, {} of {} KiB", 25 * quarters, bytes >> 10, of >> 10);
            }
        }
        FetchProgress::Fetched { of: None, .. } => {}
        FetchProgress::Unpacking => anstream::eprintln!("  unpacking it"),
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
