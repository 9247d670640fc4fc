//! What can go wrong with a database, and what to do about it.

use std::io;
use std::path::PathBuf;

use crate::docker::EngineError;

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum StartDatabaseError {
    /// PostgreSQL is not on this machine.
    #[error(
        "no PostgreSQL is on this machine (looked for `initdb` and `postgres` in {searched}); \
         install it (e.g. the package `postgresql`), name the folder of its programs with \
         `--database private:FOLDER`, have it downloaded with `--database fetched`, have it run in Docker with `--database container`, or name a \
         running server with `--database postgres://USER@HOST/DATABASE`"
    )]
    NoBinaries {
        /// Where they were looked for.
        searched: String,
    },
    /// The folder given does not hold PostgreSQL.
    #[error(
        "cannot use PostgreSQL from `{folder}`: {reason}; expected the folder that holds \
         `initdb` and `postgres`, e.g. /usr/lib/postgresql/17/bin"
    )]
    BadBinaries {
        /// The folder given.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The harness is root and there is nobody else.
    #[error(
        "PostgreSQL refuses to run as root, and none of the users {tried} is on this machine; \
         run the harness as another user, or create one of these"
    )]
    NoUser {
        /// The users looked for.
        tried: String,
    },
    /// No private folder.
    #[error("cannot prepare the folder `{path}` for the database: {source}; set TMPDIR to another")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A program of PostgreSQL cannot be run.
    #[error(
        "cannot run `{program}` as {user}: {source}; that user must be able to reach the program \
         and the folder for temporary files (TMPDIR)"
    )]
    NotRunnable {
        /// The program.
        program: PathBuf,
        /// As whom.
        user: String,
        /// What the system says.
        source: io::Error,
    },
    /// The cluster could not be made.
    #[error("`initdb` as {user} failed ({status}); it wrote:\n{tail}")]
    InitDb {
        /// As whom.
        user: String,
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        tail: String,
    },
    /// The cluster ended before it could be used.
    #[error("`postgres` ended ({status}) before it took connections; it wrote:\n{tail}")]
    Ended {
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        tail: String,
    },
    /// The cluster runs but takes no connections.
    #[error(
        "`postgres` took no connection within {waited_s} s (last attempt: {last}); it wrote:\n{tail}"
    )]
    NotReady {
        /// How long was waited, in seconds.
        waited_s: u64,
        /// What came of the last attempt.
        last: String,
        /// The last lines it wrote.
        tail: String,
    },
    /// The system gives no port.
    #[error("cannot find a free port on 127.0.0.1 for the database: {0}")]
    NoPort(io::Error),
    /// No Docker engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// No image to start a container from.
    #[error(
        "cannot get the image `{image}`: {reason}; pull it (`docker pull {image}`), name another \
         with `--database container:IMAGE:TAG`, or, where no registry can be reached, make it as \
         docker/base-images/README.md says"
    )]
    NoImage {
        /// The image.
        image: String,
        /// What the engine says.
        reason: String,
    },
    /// The engine does not start the container.
    #[error("the Docker engine cannot start a container of `{image}`: {reason}")]
    NotContained {
        /// The image.
        image: String,
        /// What the engine says.
        reason: String,
    },
    /// No random password.
    #[error("cannot read /dev/urandom for a password of the database: {0}")]
    NoPassword(io::Error),
    /// The URL is none, or its server cannot be used.
    #[error("cannot use the database server `{server}`: {reason}")]
    Server {
        /// The URL without a password.
        server: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The database of the harness's own could not be filled.
    #[error(transparent)]
    Unusable(#[from] DatabaseError),
}

/// What went wrong with a database that was there.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A statement failed.
    #[error("cannot {doing} in the database: {reason}")]
    Statement {
        /// What was attempted.
        doing: &'static str,
        /// What PostgreSQL or the client says.
        reason: String,
    },
    /// The rows are not the seeded ones.
    #[error(
        "the rows of `world` and `fortune` are not the seeded ones (digest {actual}, expected \
         {expected}); somebody else writes to this database: stop that, and start again"
    )]
    Digest {
        /// The digest of the rows read back.
        actual: String,
        /// The declared one.
        expected: &'static str,
    },
    /// A row that should be there is not.
    #[error("there is no row {id} in `{table}`; expected an id between 1 and {last}")]
    NoRow {
        /// The table.
        table: &'static str,
        /// The id asked for.
        id: i32,
        /// The highest id there is.
        last: i32,
    },
    /// Statements cannot be counted.
    #[error(
        "the database does not count statements: pg_stat_statements is not loaded; install it \
         (e.g. the package `postgresql-contrib`), or add it to shared_preload_libraries of the \
         server and let a superuser run the harness"
    )]
    NotCounting,
    /// Sessions that were to end have not.
    #[error(
        "{sessions} sessions of the server under test were still there {waited_s} s after they \
         were to end; look at what the database waits for (`wait_event` in pg_stat_activity)"
    )]
    NotEnded {
        /// Sessions that are left.
        sessions: usize,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// Somebody's statements do not end, so that counts would be of a moment.
    #[error(
        "{active} statements of the server under test were still running after {waited_s} s; \
         statements can be counted only when all have ended"
    )]
    NotSettled {
        /// Statements that run.
        active: i64,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
}

/// What of a database could not be removed.
#[derive(Debug, thiserror::Error)]
#[error("the database left {what} behind: {reason}")]
pub struct StopDatabaseError {
    /// What is left.
    pub(super) what: String,
    /// Why.
    pub(super) reason: String,
}

/// What a client error says, with what PostgreSQL answered: the error itself only says
/// "db error".
pub(super) fn told(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(answer) => format!("{} (SQLSTATE {})", answer.message(), answer.code().code()),
        None => {
            let causes = std::iter::successors(Some(error as &dyn std::error::Error), |cause| {
                cause.source()
            });
            causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
        }
    }
}

/// Turns a client error into one that says what was attempted.
pub(super) fn failed(doing: &'static str) -> impl Fn(postgres::Error) -> DatabaseError {
    move |error| DatabaseError::Statement { doing, reason: told(&error) }
}
