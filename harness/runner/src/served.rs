//! The server of a trial: started by the harness, or running wherever somebody else runs it.

use std::net::SocketAddr;
use std::time::Duration;

use httpdyno_target::accounting::{Memory, Reading, SyscallCounters};
use httpdyno_target::{Enforcement, Server, StopOutcome};

/// A server that answers.
#[derive(Debug)]
pub(crate) enum Served {
    /// Started, confined and accounted for.
    Own(Box<Server>),
    /// Somebody else's: all that is known is where it listens.
    Foreign(SocketAddr),
}

/// Why there are no figures of a foreign server, and nothing is enforced on it.
pub(crate) const FOREIGN: &str = "somebody else runs this server";

impl Served {
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign(_))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Own(server) => server.address(),
            Self::Foreign(address) => *address,
        }
    }

    pub(crate) fn start_to_ready(&self) -> Duration {
        match self {
            Self::Own(server) => server.start_to_ready,
            Self::Foreign(_) => Duration::ZERO,
        }
    }

    pub(crate) fn reading(&self) -> Reading {
        match self {
            Self::Own(server) => server.reading(),
            Self::Foreign(_) => Reading::default(),
        }
    }

    /// Looks for processes that work for it elsewhere.
    pub(crate) fn look(&self) {
        if let Self::Own(server) = self {
            server.look();
        }
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        match self {
            Self::Own(server) => server.processes(),
            Self::Foreign(_) => Vec::new(),
        }
    }

    /// What its threads have taken at this moment, in words.
    pub(crate) fn escapes(&self) -> Vec<String> {
        match self {
            Self::Own(server) => server.escapes(),
            Self::Foreign(_) => Vec::new(),
        }
    }

    pub(crate) fn memory(&self) -> Memory {
        match self {
            Self::Own(server) => server.memory(),
            Self::Foreign(_) => Memory::default(),
        }
    }

    pub(crate) fn syscall_counters(&self) -> Result<SyscallCounters, String> {
        match self {
            Self::Own(server) => server.syscall_counters(),
            Self::Foreign(_) => Err(FOREIGN.to_owned()),
        }
    }

    pub(crate) fn enforcement(&self) -> Enforcement {
        match self {
            Self::Own(server) => server.enforcement(),
            Self::Foreign(_) => Enforcement {
                departures: vec![format!("isolation: {FOREIGN}, nothing is enforced on it")],
                ..Enforcement::default()
            },
        }
    }

    pub(crate) fn has_ended(&mut self) -> Option<String> {
        match self {
            Self::Own(server) => server.has_ended(),
            Self::Foreign(_) => None,
        }
    }

    pub(crate) fn last_words(&self) -> String {
        match self {
            Self::Own(server) => server.last_words(),
            Self::Foreign(_) => String::new(),
        }
    }

    /// Stops a server of the harness's own; a foreign one goes on.
    pub(crate) fn stop(self) -> StopOutcome {
        match self {
            Self::Own(server) => server.stop(),
            Self::Foreign(_) => StopOutcome::Clean,
        }
    }
}
