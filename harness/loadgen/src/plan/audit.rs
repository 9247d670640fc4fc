//! Which responses are kept whole.

use super::Route;

/// Which responses under load are kept whole, so that they can be judged by more than status and
/// content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// One of so many responses, on average; the first ones come sooner, so that a slow server is
    /// looked at too. 1 is every one.
    pub every: u64,
    /// Once a thread has picked so many, its share is halved, and after so many more again; samples and
    /// canaries each by themselves. So no part of a run is without. With 0 there are none.
    pub most: usize,
    /// Requests that are put among the others, in turn, one for `canary_every` of them; what they
    /// expect is not looked at. They are kept like the others, and count in no other figure.
    pub canaries: Vec<Route>,
    /// See `canaries`.
    pub canary_every: u64,
}
