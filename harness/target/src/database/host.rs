//! The PostgreSQL server that the harness's database is in, whoever started it.

use super::cluster::Cluster;
use super::connect::Access;
use super::container::ServerContainer;
use super::error::{StartDatabaseError, StopDatabaseError};
use super::source::DatabaseSource;

/// A running server.
#[derive(Debug)]
pub(super) enum Host {
    /// Our own; it ends with us.
    Private(Box<Cluster>),
    /// Our own, in a container; it is removed when we end.
    Container(Box<ServerContainer>),
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
                Ok((Self::Private(Box::new(cluster)), access))
            }
            DatabaseSource::Container { image } => {
                let (container, access) = ServerContainer::start(image, cores)?;
                Ok((Self::Container(Box::new(container)), access))
            }
            DatabaseSource::Url { url } => Ok((Self::Foreign, Access::url(url)?)),
        }
    }

    pub(super) fn stop(self) -> Result<(), StopDatabaseError> {
        match self {
            Self::Private(cluster) => cluster.stop(),
            Self::Container(container) => container.stop(),
            Self::Foreign => Ok(()),
        }
    }

    /// The ids of its processes, where it is our own.
    pub(super) fn processes(&self) -> Vec<u32> {
        match self {
            Self::Private(cluster) => cluster.processes(),
            Self::Container(container) => container.processes(),
            Self::Foreign => Vec::new(),
        }
    }

    /// The digest of the image that it runs from.
    pub(super) fn image_id(&self) -> Option<&str> {
        match self {
            Self::Container(container) => container.image_id(),
            Self::Private(_) | Self::Foreign => None,
        }
    }
}
