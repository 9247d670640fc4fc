//! The PostgreSQL server that the harness's database is in, whoever started it.

use super::cluster::Cluster;
use super::connect::Access;
use super::error::{StartDatabaseError, StopDatabaseError};
use super::source::DatabaseSource;

/// A running server.
#[derive(Debug)]
pub(super) enum Host {
    /// Our own; it ends with us.
    Private(Cluster),
    /// Somebody else's; it stays.
    Foreign,
}

impl Host {
    /// Starts or reaches what `source` names, and tells how to connect to it.
    pub(super) fn start(
        source: &DatabaseSource,
        cores: &[u32],
    ) -> Result<(Self, Access), StartDatabaseError> {
        match source {
            DatabaseSource::Private { bin_dir } => {
                let cluster = Cluster::start(bin_dir.as_deref(), cores)?;
                let access = Access::private(&cluster.socket(), cluster.port());
                Ok((Self::Private(cluster), access))
            }
            DatabaseSource::Url { url } => Ok((Self::Foreign, Access::url(url)?)),
        }
    }

    pub(super) fn stop(self) -> Result<(), StopDatabaseError> {
        match self {
            Self::Private(cluster) => cluster.stop(),
            Self::Foreign => Ok(()),
        }
    }
}
