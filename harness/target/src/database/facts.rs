//! What a record says about the database.

use std::collections::BTreeMap;

use postgres::Client;
use serde::{Deserialize, Serialize};

use super::error::{DatabaseError, failed};
use super::rows::SEED_DIGEST;
use super::settings::{DECLARED, STATEMENT_LIBRARY};
use super::source::DatabaseSource;

/// What a record says about the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseFacts {
    /// As the server says, e.g. `15.18 (Debian 15.18-0+deb12u1)`.
    pub server_version: String,
    /// The declared settings with the values in force.
    pub settings: BTreeMap<String, String>,
    /// Settings that are not in force as declared, with the declared value: results of such a
    /// database are of another one. Always empty for a server of our
    /// own.
    pub departures: BTreeMap<String, String>,
    /// Where it is from, without a password.
    pub source: String,
    /// The digest of the image's content, of a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// Whether statements can be counted.
    pub pg_stat_statements: bool,
    /// Digest of the seeded rows: SHA-256 in hexadecimal.
    pub rows_sha256: String,
}

/// Collects the facts, and makes the statement counters usable where they are loaded.
pub(super) fn collect(
    client: &mut Client,
    source: &DatabaseSource,
) -> Result<DatabaseFacts, DatabaseError> {
    let reading = failed("read the settings");
    let names: Vec<&str> = DECLARED.iter().map(|(name, _)| *name).collect();
    let rows = client
        .query("SELECT name, current_setting(name) FROM unnest($1::text[]) AS name", &[&names])
        .map_err(&reading)?;
    let settings: BTreeMap<String, String> =
        rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let server_version =
        client.query_one("SELECT current_setting('server_version')", &[]).map_err(&reading)?.get(0);
    Ok(DatabaseFacts {
        server_version,
        departures: departures(&settings),
        settings,
        source: source.to_string(),
        image_id: None,
        pg_stat_statements: can_count(client)?,
        rows_sha256: SEED_DIGEST.to_owned(),
    })
}

fn departures(settings: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    DECLARED
        .iter()
        .filter(|(name, value)| settings.get(*name).is_none_or(|actual| actual != value))
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Whether the library is loaded (only then does it have settings) and its view can be made.
pub(super) fn can_count(client: &mut Client) -> Result<bool, DatabaseError> {
    let loaded: bool = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_settings WHERE name = $1 || '.max')",
            &[&STATEMENT_LIBRARY],
        )
        .map_err(failed("look for pg_stat_statements"))?
        .get(0);
    // On somebody else's server we may not be allowed to.
    let create = format!("CREATE EXTENSION IF NOT EXISTS {STATEMENT_LIBRARY}");
    Ok(loaded && client.batch_execute(&create).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{DECLARED, departures};
    use std::collections::BTreeMap;

    #[test]
    fn a_departure_is_told_with_the_declared_value() {
        let mut settings: BTreeMap<String, String> = DECLARED
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert!(departures(&settings).is_empty());
        settings.insert("fsync".to_owned(), "off".to_owned());
        settings.remove("jit");
        let told = departures(&settings);
        let told: Vec<(&str, &str)> = told.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(told, [("fsync", "on"), ("jit", "off")]);
    }
}
