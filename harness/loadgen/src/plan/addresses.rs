//! More than one address of one server.

use std::net::SocketAddr;

/// Addresses beside the target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoreAddresses {
    /// Tried in turn where the target, or the one before, can not be connected to.
    pub others: Vec<SocketAddr>,
    /// Connections are spread over all of them; else all go to the first that can be connected to.
    pub spread: bool,
}
