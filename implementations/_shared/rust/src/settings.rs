//! The environment an entry is started with, as `spec/contract.md` lists it.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// What the harness asks of a server: where to listen, how wide to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `HOST` and `PORT`; port 0 means any free one.
    pub address: SocketAddr,
    /// `WORKERS`: the number of cores given.
    pub workers: NonZeroUsize,
    /// `STATIC_DIR`; `None` when unset or empty.
    pub static_dir: Option<PathBuf>,
    /// `DATABASE_URL` and `DATABASE_POOL`; `None` when no database is offered.
    pub database: Option<DatabaseSettings>,
}

/// The database an entry may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// The PostgreSQL connection URL.
    pub url: String,
    /// Connections in total, over all workers.
    pub pool: NonZeroUsize,
}

/// Why the environment is not that of the contract.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// A variable that the contract requires is unset.
    #[error("environment variable {name} is not set: expected {expected}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// A variable holds something else than the contract says.
    #[error("environment variable {name} is {value:?}: expected {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
}

const HOST: &str = "an IP address to bind, such as 127.0.0.1";
const PORT: &str = "a TCP port, 0 to 65535";
const WORKERS: &str = "the number of cores, 1 or more";
const POOL: &str = "the number of database connections, 1 or more";
const URL: &str = "a PostgreSQL URL in UTF-8";

impl Settings {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// When a required variable is missing or a variable can not be understood.
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::from_lookup(std::env::var_os)
    }

    /// Reads the variables that `lookup` knows.
    ///
    /// # Errors
    /// As [`Settings::from_environment`].
    pub fn from_lookup(
        lookup: impl Fn(&'static str) -> Option<OsString>,
    ) -> Result<Self, SettingsError> {
        let present = |name| lookup(name).filter(|value| !value.is_empty());
        let host: IpAddr = required(&present, "HOST", HOST)?;
        let port: u16 = required(&present, "PORT", PORT)?;
        let database = match present("DATABASE_URL") {
            None => None,
            Some(url) => Some(DatabaseSettings {
                url: parse("DATABASE_URL", url, URL)?,
                pool: required(&present, "DATABASE_POOL", POOL)?,
            }),
        };
        Ok(Self {
            address: SocketAddr::new(host, port),
            workers: required(&present, "WORKERS", WORKERS)?,
            static_dir: present("STATIC_DIR").map(PathBuf::from),
            database,
        })
    }
}

fn required<T: std::str::FromStr>(
    lookup: &impl Fn(&'static str) -> Option<OsString>,
    name: &'static str,
    expected: &'static str,
) -> Result<T, SettingsError> {
    let value = lookup(name).ok_or(SettingsError::Missing { name, expected })?;
    parse(name, value, expected)
}

fn parse<T: std::str::FromStr>(
    name: &'static str,
    value: OsString,
    expected: &'static str,
) -> Result<T, SettingsError> {
    let text = value.to_string_lossy();
    let parsed = value.to_str().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| SettingsError::Invalid { name, value: text.into_owned(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_lookup(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    const LEAST: [(&str, &str); 3] = [("HOST", "127.0.0.1"), ("PORT", "0"), ("WORKERS", "2")];

    #[test]
    fn the_least_environment_offers_neither_files_nor_a_database() {
        let read = settings(&LEAST).unwrap();
        assert_eq!(read.address, "127.0.0.1:0".parse().unwrap());
        assert_eq!(read.workers.get(), 2);
        assert_eq!((read.static_dir, read.database), (None, None));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let read = settings(&[&LEAST[..], &[("STATIC_DIR", ""), ("DATABASE_URL", "")]].concat());
        assert_eq!(read, settings(&LEAST));
    }

    #[test]
    fn a_database_comes_with_its_pool() {
        let url = [&LEAST[..], &[("DATABASE_URL", "postgres://h/d")]].concat();
        let error = settings(&url).unwrap_err().to_string();
        assert!(error.starts_with("environment variable DATABASE_POOL is not set"), "{error}");
        let both = settings(&[&url[..], &[("DATABASE_POOL", "8")]].concat()).unwrap();
        let database = both.database.unwrap();
        assert_eq!((database.url.as_str(), database.pool.get()), ("postgres://h/d", 8));
    }

    #[test]
    fn errors_tell_the_variable_the_value_and_what_is_expected() {
        let error = settings(&[LEAST[0], LEAST[1], ("WORKERS", "0")]).unwrap_err();
        let expected = "environment variable WORKERS is \"0\": expected the number of cores, 1 or \
                        more";
        assert_eq!(error.to_string(), expected);
        assert!(settings(&[("HOST", "localhost"), LEAST[1], LEAST[2]]).is_err());
        assert!(settings(&[LEAST[0], ("PORT", "65536"), LEAST[2]]).is_err());
        assert!(matches!(settings(&LEAST[1..]), Err(SettingsError::Missing { name: "HOST", .. })));
    }
}
