//! Requests of a list instead of one and the same.

use super::RequestSpec;

/// Requests that are sent one after the other, again from the start after the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playlist {
    /// At least one.
    pub requests: Vec<RequestSpec>,
    /// Which of them is next.
    pub order: Order,
}

/// Which request of a [`Playlist`] is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they stand there: over all connections and threads each is issued once before one is
    /// issued again.
    Given,
    /// Any, each as likely as the others.
    Random,
}
