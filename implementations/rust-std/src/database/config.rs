//! How connections to the database are made.

use std::time::Duration;

use entry_shared::DatabaseSettings;
use entry_shared::database::{CONNECT_LIMIT, GENERIC_PLANS};

/// A silent peer is asked for a sign of life after this time, ...
const KEEP_ALIVE_IDLE: Duration = Duration::from_secs(5);
/// ... again and again ...
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(1);
/// ... and given up after so many unanswered ones: a host that is gone sends no FIN.
const KEEP_ALIVE_RETRIES: u32 = 5;

/// Where the database is, and how to behave there.
#[derive(Debug, Clone)]
pub(crate) struct Config(postgres::Config);

/// `DATABASE_URL` can not be understood. The URL is not shown: it may hold a password.
#[derive(Debug)]
pub(crate) struct ConfigError(postgres::Error);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "environment variable DATABASE_URL is no PostgreSQL URL: {}", self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    pub(crate) fn of(settings: &DatabaseSettings) -> Result<Self, ConfigError> {
        let mut config: postgres::Config = settings.url.parse().map_err(ConfigError)?;
        let options = config.get_options().map(|given| format!("{given} {GENERIC_PLANS}"));
        config
            .options(options.as_deref().unwrap_or(GENERIC_PLANS))
            .connect_timeout(CONNECT_LIMIT)
            .keepalives_idle(KEEP_ALIVE_IDLE)
            .keepalives_interval(KEEP_ALIVE_INTERVAL)
            .keepalives_retries(KEEP_ALIVE_RETRIES);
        Ok(Self(config))
    }

    pub(super) fn get(&self) -> &postgres::Config {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> Result<Config, ConfigError> {
        let pool = std::num::NonZeroUsize::MIN;
        Config::of(&DatabaseSettings { url: url.to_owned(), pool })
    }

    #[test]
    fn options_of_the_url_are_kept() {
        let plain = config("postgres://me@host/db").unwrap();
        assert_eq!(plain.get().get_options(), Some(GENERIC_PLANS));
        let given = config("postgres://me@host/db?options=-c%20search_path=x").unwrap();
        let options = given.get().get_options().unwrap();
        assert!(options.starts_with("-c search_path=x -c "), "{options}");
    }

    #[test]
    fn a_broken_url_is_an_error_that_tells_no_password() {
        let error = config("postgres://me:secret@host:port/db").unwrap_err().to_string();
        assert!(error.starts_with("environment variable DATABASE_URL"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
