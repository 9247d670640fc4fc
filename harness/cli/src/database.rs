//! `--database`: where entries find PostgreSQL.

use std::str::FromStr;

use clap::Args;
use httpdyno_runner::Entry;
use httpdyno_spec::SpecTree;
use httpdyno_target::DatabaseSource;

use crate::exit::Failure;

/// The option, for every verb that starts entries.
#[derive(Args)]
pub(crate) struct DatabaseOption {
    /// Where entries find PostgreSQL: `private` (a cluster of the harness's own), `private:FOLDER`
    /// (of the programs in that folder), `container` or `container:IMAGE:TAG` (in Docker),
    /// postgres://USER@HOST/DATABASE (a new database on that server), or `none` [default: private, where PostgreSQL is installed]
    #[arg(long, value_name = "WHERE")]
    database: Option<Choice>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    None,
    From(DatabaseSource),
}

impl FromStr for Choice {
    type Err = httpdyno_target::database::SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
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
            Some(Choice::From(source)) => {
                source.available()?;
                Ok(Resolved { source: Some(source.clone()), warning: None })
            }
            None => Ok(default()),
        }
    }
}

fn default() -> Resolved {
    let source = DatabaseSource::Private { bin_dir: None };
    match source.available() {
        Ok(()) => Resolved { source: Some(source), warning: None },
        Err(error) => {
            let warning = format!("the endpoints that need a database are left out: {error}");
            Resolved { source: None, warning: Some(warning) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn a_choice_is_a_source_or_none() {
        assert_eq!("none".parse::<Choice>().expect("a choice"), Choice::None);
        for source in
            ["private", "private:/opt/pg/bin", "container:postgres:15", "postgres://me@host/db"]
        {
            let Ok(Choice::From(parsed)) = source.parse() else { panic!("{source}") };
            assert_eq!(parsed.to_string(), source);
        }
        assert!("mysql".parse::<Choice>().is_err());
    }
}
