//! Why a run could not be done at all. What goes wrong *in* a run is counted in its report.

use std::io;

use httpdyno_wire::{RequestError, TemplateError};

/// What to do where a connection could not be opened for want of something on this machine, by the
/// cause in a report; nothing where the other side may be the reason.
#[must_use]
pub fn remedy_here(cause: &str) -> Option<&'static str> {
    Some(match cause {
        "no-file-descriptor-left" => {
            "raise the limit of open files (`ulimit -n`), or have fewer connections"
        }
        "no-local-port-left" => {
            "have fewer connections, wait for closed ones to be forgotten, or widen \
             net.ipv4.ip_local_port_range"
        }
        "no-memory-left" => "free some memory, or have fewer connections",
        _ => return None,
    })
}

/// What to look at when no connection could be made.
fn advice(cause: &str) -> &'static str {
    if let Some(remedy) = remedy_here(cause) {
        return remedy;
    }
    match cause {
        "timed-out" => {
            "nothing answers there, not even a refusal: is it the right address, does a \
                        firewall drop the packets?"
        }
        "invalid-address" => {
            "the system takes this address for none to connect to (one of IPv6 \
                              that is link-local needs a zone, such as [fe80::1%25eth0])"
        }
        "not-permitted" => {
            "the system does not allow it: a firewall, a broadcast address, or the \
                            rights of a unix socket's file"
        }
        _ => "is the server running?",
    }
}

/// A run that gave no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The plan contradicts itself.
    #[error("the load plan can not be run: {0}")]
    Plan(#[from] PlanError),
    /// Not one connection could be made.
    #[error(
        "none of {wanted} connections to {target} could be made in {attempts} \
         attempt{}: {cause}; {}",
        if *attempts == 1 { "" } else { "s" },
        advice(cause)
    )]
    NoConnection {
        /// Where to.
        target: String,
        /// How many were wanted.
        wanted: usize,
        /// How many attempts failed, over all connections.
        attempts: u64,
        /// The most frequent cause.
        cause: String,
    },
    /// The engine that was asked for is not available here.
    #[error("the engine {engine} is not available here: {source}; use `epoll` or `auto`")]
    Engine {
        /// Its name.
        engine: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The I/O engine failed while running.
    #[error("the engine {engine} failed: {source}")]
    Io {
        /// Its name.
        engine: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A generator thread could not be started or pinned.
    #[error("the generator thread for core {core} could not be pinned: {source}")]
    Pin {
        /// The core.
        core: usize,
        /// Why.
        source: io::Error,
    },
    /// A generator thread could not be started.
    #[error("a generator thread could not be started: {0}")]
    Spawn(io::Error),
    /// A generator thread panicked: a bug in the generator.
    #[error("a generator thread panicked: {0}")]
    Panicked(String),
}

impl LoadError {
    /// Whether this machine lacked something, so that nothing is said of the server.
    #[must_use]
    pub fn is_of_this_machine(&self) -> bool {
        match self {
            Self::NoConnection { cause, .. } => remedy_here(cause).is_some(),
            Self::Engine { .. } | Self::Io { .. } | Self::Pin { .. } | Self::Spawn(_) => true,
            Self::Plan(_) | Self::Panicked(_) => false,
        }
    }
}

/// What is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Nothing to ask for.
    #[error("no routes, expected at least one")]
    NoRoutes,
    /// A number out of its range.
    #[error("{what} is {found}, expected {expected}")]
    OutOfRange {
        /// Which number.
        what: String,
        /// Its value.
        found: String,
        /// What is allowed.
        expected: String,
    },
    /// A request that can not be written.
    #[error("route `{route}`: {source}")]
    Request {
        /// Its name.
        route: String,
        /// Why.
        source: RequestError,
    },
    /// A template that can not be read.
    #[error("route `{route}`: {part}: {source}")]
    Template {
        /// Its name.
        route: String,
        /// Which part of it.
        part: String,
        /// Why.
        source: TemplateError,
    },
    /// JSON is expected that is not JSON.
    #[error("route `{route}`: the expected body is not JSON: {reason}")]
    NotJson {
        /// Its name.
        route: String,
        /// Why.
        reason: String,
    },
    /// An echo is expected of a request without a body.
    #[error("route `{route}`: an echo is expected, but the request has no body")]
    EchoOfNothing {
        /// Its name.
        route: String,
    },
    /// Two values with the same name.
    #[error("the value `{name}` is given twice")]
    DuplicateValue {
        /// Its name.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::LoadError;

    #[test]
    fn what_this_machine_lacks_is_none_of_the_servers_faults() {
        let none = |cause: &str| LoadError::NoConnection {
            target: "127.0.0.1:1".to_owned(),
            wanted: 8,
            attempts: 8,
            cause: cause.to_owned(),
        };
        for cause in ["no-file-descriptor-left", "no-local-port-left", "no-memory-left"] {
            let error = none(cause);
            let text = error.to_string();
            assert!(error.is_of_this_machine() && text.contains("fewer connections"), "{text}");
        }
        for cause in ["refused", "reset", "timed-out", "listen-queue-full", "unreachable"] {
            assert!(!none(cause).is_of_this_machine(), "{cause}");
        }
    }
}
