//! The database of the harness's own inside a server.
//!
//! On a server that somebody else runs, nothing of theirs is touched: the harness makes a new
//! database with a name of its own and drops that very database afterwards. A killed harness
//! cannot; so each start drops the databases that carry the name, the comment and the owner of
//! ours and that nobody is connected to. A living harness is always connected to its own.

use postgres::{Client, NoTls};

use super::connect::{Access, CONTROL_ROLE};
use super::error::{StartDatabaseError, StopDatabaseError, failed, told};
use super::settings::DECLARED;

/// How names on somebody else's server begin; sixteen hexadecimal digits follow.
const PREFIX: &str = "httpdyno_";

/// The comment by which a later harness knows its own.
const COMMENT: &str = "made by httpdyno for one run; dropped by it or by its next run";

/// The first version with DROP DATABASE ... WITH (FORCE).
const OLDEST_VERSION: i32 = 130_000;

/// A database of our own. On somebody else's server, dropping this drops it.
pub(super) struct OwnDatabase {
    name: String,
    access: Access,
    /// Whether it is still there and must go.
    to_drop: bool,
}

impl OwnDatabase {
    /// Makes it, with the declared settings as far as they can be set for one database, and
    /// connects to it.
    pub(super) fn create(access: Access) -> Result<(Self, Client), StartDatabaseError> {
        let unusable = |reason| StartDatabaseError::Server { server: access.shown(), reason };
        let mut maintenance = access.maintenance.connect(NoTls).map_err(|error| {
            unusable(format!(
                "cannot connect: {}; is it running, and does it let this user in without TLS?",
                told(&error)
            ))
        })?;
        let on_somebody_elses = access.server_role.is_none();
        refuse_old(&mut maintenance).map_err(&unusable)?;
        let name = if on_somebody_elses {
            drop_abandoned(&mut maintenance).map_err(failed("drop abandoned databases"))?;
            unused_name(&mut maintenance).map_err(failed("choose a name"))?
        } else {
            CONTROL_ROLE.to_owned()
        };
        create_database(&mut maintenance, &name).map_err(|error| {
            unusable(format!(
                "cannot create a database in it: {}; let its user do so (ALTER ROLE ... CREATEDB)",
                told(&error)
            ))
        })?;
        let mut own = Self { name, access, to_drop: on_somebody_elses };
        own.configure(&mut maintenance).map_err(failed("set the declared settings"))?;
        let control = own.connect_and_mark(&mut maintenance).map_err(failed("connect"))?;
        Ok((own, control))
    }

    /// Another session of the harness.
    pub(super) fn reconnect(&self) -> Result<Client, postgres::Error> {
        self.access.to_database(&self.name).connect(NoTls)
    }

    /// What servers under test are given.
    pub(super) fn server_url(&self) -> String {
        self.access.server_url(&self.name)
    }

    /// The role that servers under test connect as, where it is not the harness's own.
    pub(super) fn server_role(&self) -> Option<&'static str> {
        self.access.server_role
    }

    fn configure(&mut self, maintenance: &mut Client) -> Result<(), postgres::Error> {
        if let Some(role) = self.access.server_role {
            maintenance.batch_execute(&format!("CREATE ROLE {role} LOGIN"))?;
        }
        let names: Vec<&str> = DECLARED.iter().map(|(name, _)| *name).collect();
        let for_sessions = maintenance.query(
            "SELECT name FROM pg_settings WHERE context = 'user' AND name = ANY($1)",
            &[&names],
        )?;
        for row in for_sessions {
            let setting: &str = row.get(0);
            let value = DECLARED.iter().find(|(name, _)| *name == setting).map(|(_, value)| value);
            if let Some(value) = value {
                let name = &self.name;
                maintenance
                    .batch_execute(&format!("ALTER DATABASE {name} SET {setting} = '{value}'"))?;
            }
        }
        Ok(())
    }

    /// The comment comes last: until we are connected, another harness must not take it for
    /// abandoned.
    fn connect_and_mark(&self, maintenance: &mut Client) -> Result<Client, postgres::Error> {
        let name = &self.name;
        let control = self.access.to_database(name).connect(NoTls)?;
        maintenance.batch_execute(&format!("COMMENT ON DATABASE {name} IS '{COMMENT}'"))?;
        Ok(control)
    }

    /// Drops it where it would stay otherwise.
    pub(super) fn remove(&mut self) -> Result<(), StopDatabaseError> {
        if !std::mem::take(&mut self.to_drop) {
            return Ok(());
        }
        let name = &self.name;
        let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        self.access
            .maintenance
            .connect(NoTls)
            .and_then(|mut maintenance| maintenance.batch_execute(&statement))
            .map_err(|error| StopDatabaseError {
                what: format!("the database `{name}` on {}", self.access.shown()),
                reason: told(&error),
            })
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        // What cannot be dropped now is dropped by the next start.
        let _ = self.remove();
    }
}

fn refuse_old(maintenance: &mut Client) -> Result<(), String> {
    let version: String = maintenance
        .query_one("SELECT current_setting('server_version_num')", &[])
        .map_err(|error| told(&error))?
        .get(0);
    match version.parse::<i32>() {
        Ok(number) if number >= OLDEST_VERSION => Ok(()),
        _ => Err(format!("its version is {version}; expected PostgreSQL 13 or newer")),
    }
}

fn create_database(maintenance: &mut Client, name: &str) -> Result<(), postgres::Error> {
    maintenance.batch_execute(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    ))
}

/// A name that the server itself says is not taken.
fn unused_name(maintenance: &mut Client) -> Result<String, postgres::Error> {
    let random = "SELECT $1 || left(md5(gen_random_uuid()::text), 16)";
    Ok(maintenance.query_one(random, &[&PREFIX])?.get(0))
}

/// Drops the databases of dead harnesses.
fn drop_abandoned(maintenance: &mut Client) -> Result<(), postgres::Error> {
    let abandoned = maintenance.query(
        "SELECT datname FROM pg_database d
         WHERE datname ~ ('^' || $1 || '[0-9a-f]{16}$')
           AND shobj_description(oid, 'pg_database') = $2
           AND datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)
           AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)",
        &[&PREFIX, &COMMENT],
    )?;
    for row in abandoned {
        let name: &str = row.get(0);
        // Without FORCE: should somebody have connected meanwhile, this fails, and it stays.
        let _ = maintenance.batch_execute(&format!("DROP DATABASE {name}"));
    }
    Ok(())
}
