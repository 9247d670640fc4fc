//! What the entries with a database have in common besides its protocol: the statements, the rows
//! that a request draws, the cache, and how patient they are.
//!
//! Connections, their pools and everything on the wire are each entry's own, but for entries that
//! have the same ones from crates: those share `pooled`.

mod backoff;
mod cache;
mod draw;
#[cfg(feature = "pooled")]
pub mod pooled;

use std::time::Duration;

pub use backoff::Backoff;
pub use cache::WorldCache;
pub use draw::{Changes, WORLDS, draw_id, draw_ids};

/// Reads one row of `world`; `$1` is its id.
pub const SELECT_WORLD: &str = "SELECT id, randomnumber FROM world WHERE id = $1";

/// Gives rows of `world` new numbers: `$1` are their ids, `$2` the numbers.
///
/// The ids have to be in ascending order: where all requests lock rows in one order, none of them
/// can deadlock with another. [`GENERIC_PLANS`] sees to it that the rows are visited that way.
pub const UPDATE_WORLDS: &str = "UPDATE world SET randomnumber = new.number \
     FROM unnest($1::int[], $2::int[]) AS new (id, number) WHERE world.id = new.id";

/// Reads all rows of `fortune`. Without an order: sorting is the application's task.
pub const SELECT_FORTUNES: &str = "SELECT id, message FROM fortune";

/// The option that connections start with (`options` of the PostgreSQL protocol). A prepared
/// statement is planned once, not anew for each of its first executions; and [`UPDATE_WORLDS`] is
/// always a nested loop over the ids in their order, whatever their number.
pub const GENERIC_PLANS: &str = "-c plan_cache_mode=force_generic_plan";

/// How long a request may take with the database, waiting for a connection included. After that
/// it is answered 503.
pub const REQUEST_LIMIT: Duration = Duration::from_secs(2);

/// How long a connection to the database may take to be made, per address.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// What a request is told whose rows did not come.
pub const UNAVAILABLE: &str = "the database did not answer";
