//! Who connects to what, and how.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use super::error::{StartDatabaseError, told};
use super::url::{with_database, without_password};

/// The superuser of a private cluster: the harness itself.
pub(super) const CONTROL_ROLE: &str = "httpdyno";

/// The role of servers under test in a private cluster. It may read and change rows, no more.
pub(super) const SERVER_ROLE: &str = "httpdyno_server";

/// The database that is always there in a private cluster.
const MAINTENANCE: &str = "postgres";

/// `pg_hba.conf` of a private cluster. Over TCP, where everybody on this machine can come, only
/// the server role gets in, which can do nothing but spoil a benchmark's rows; the superuser comes
/// through the socket, whose folder nobody else may enter.
pub(super) const PRIVATE_ACCESS: &str = "\
local all httpdyno trust\n\
host httpdyno httpdyno_server 127.0.0.1/32 trust\n";

/// `pg_hba.conf` of a server in a container: the same, but the harness is outside of its file
/// system and comes over TCP, with a password that only it knows.
pub(super) const HOST_RULES: &str = "\
local all all trust\n\
host all httpdyno 127.0.0.1/32 scram-sha-256\n\
host httpdyno httpdyno_server 127.0.0.1/32 trust\n";

/// Of the harness's own sessions; shows in `pg_stat_activity`.
const APPLICATION: &str = "httpdyno";

/// A statement of the harness waits no longer for a lock, so that a server that hangs in a
/// transaction cannot hang the harness; and nothing it does takes longer than the second.
const SESSION_LIMITS: &str = "-c lock_timeout=10s -c statement_timeout=120s";

/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How to reach a server, as the harness and as servers under test.
#[derive(Clone)] // never shown: it holds passwords
pub(super) struct Access {
    /// To a database that is there.
    pub(super) maintenance: postgres::Config,
    /// The URL for servers; its database is replaced.
    server_url: String,
    /// The role of servers under test, where it is not the harness's own and must be made.
    pub(super) server_role: Option<&'static str>,
}

impl Access {
    /// To a private cluster.
    pub(super) fn private(socket: &Path, port: u16) -> Self {
        Self {
            maintenance: private_config(socket, port),
            server_url: server_url(port),
            server_role: Some(SERVER_ROLE),
        }
    }

    /// To a server of our own in a container.
    pub(super) fn container(port: u16, password: &str) -> Self {
        let mut config = postgres::Config::new();
        config.host("127.0.0.1").port(port).user(CONTROL_ROLE).password(password);
        config.dbname(MAINTENANCE);
        Self {
            maintenance: with_limits(config),
            server_url: server_url(port),
            server_role: Some(SERVER_ROLE),
        }
    }

    /// To the server that a user named.
    pub(super) fn url(url: &str) -> Result<Self, StartDatabaseError> {
        let maintenance =
            postgres::Config::from_str(url).map_err(|error| StartDatabaseError::Server {
                server: without_password(url),
                reason: format!(
                    "{}; expected postgres://USER:PASSWORD@HOST:PORT/DATABASE",
                    told(&error)
                ),
            })?;
        let maintenance = with_limits(maintenance);
        Ok(Self { maintenance, server_url: url.to_owned(), server_role: None })
    }

    /// What servers are given for `database`.
    pub(super) fn server_url(&self, database: &str) -> String {
        with_database(&self.server_url, database)
    }

    /// The server, as a message may show it.
    pub(super) fn shown(&self) -> String {
        without_password(&self.server_url)
    }

    /// The harness's own connection to `database`.
    pub(super) fn to_database(&self, database: &str) -> postgres::Config {
        let mut config = self.maintenance.clone();
        config.dbname(database);
        config
    }
}

fn server_url(port: u16) -> String {
    format!("postgres://{SERVER_ROLE}@127.0.0.1:{port}/{CONTROL_ROLE}")
}

/// The harness's own way into a private cluster.
pub(super) fn private_config(socket: &Path, port: u16) -> postgres::Config {
    let mut config = postgres::Config::new();
    config.host_path(socket).port(port).user(CONTROL_ROLE).dbname(MAINTENANCE);
    with_limits(config)
}

fn with_limits(mut config: postgres::Config) -> postgres::Config {
    let options = match config.get_options() {
        Some(given) => format!("{given} {SESSION_LIMITS}"),
        None => SESSION_LIMITS.to_owned(),
    };
    config.options(&options).application_name(APPLICATION).connect_timeout(CONNECT_LIMIT);
    config
}
