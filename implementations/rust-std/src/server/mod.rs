//! What lies around the connections: the listening socket, the slots that hold
//! connections, the clock that ends idle ones, and the way to stop.

mod accept;
mod clock;
mod drain;
mod listen;
mod run;
mod slots;
mod timekeeper;
mod watch;

pub(crate) use clock::Clock;
pub(crate) use drain::Drain;
pub(crate) use run::run;
pub(crate) use slots::Slots;
pub(crate) use watch::Watch;

/// What every connection sees of the server.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) drain: Drain,
}
