//! How a server is told where to listen, asked whether it is ready, and stopped: as the contract says,
//! or as somebody's own suite does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use rustix::process::Signal;

use httpdyno_spec::suite::{StopSignal, SuiteServer};

/// How long a server has to stop after SIGTERM, from `spec/contract.md`.
pub const STOP_LIMIT: Duration = Duration::from_secs(5);

/// See the module. The default is the contract's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// What is asked for until it is answered.
    pub ready_path: String,
    /// The status codes that say that it is ready; none named means 200 to 299.
    pub ready_status: Vec<u16>,
    /// Variables of its environment beside those of the contract, with placeholders.
    pub environment: BTreeMap<String, String>,
    /// The port it always listens on; none: a free one.
    pub port: Option<u16>,
    /// What it is told to stop by.
    pub signal: StopSignal,
    /// How long it may take to stop.
    pub stop_within: Duration,
    /// Whether it knows the contract. One that does not may end as it likes when it is told to,
    /// by the signal's default action too, as long as it does not crash.
    pub knows_contract: bool,
    /// Whether its standard output is kept beside its standard error: where it is checked. While it is
    /// measured, that goes nowhere, which costs it the least.
    pub keeps_output: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            ready_path: "/plaintext".to_owned(),
            ready_status: vec![200],
            environment: BTreeMap::new(),
            port: None,
            signal: StopSignal::Term,
            stop_within: STOP_LIMIT,
            knows_contract: true,
            keeps_output: false,
        }
    }
}

impl Manner {
    /// That of a suite.
    #[must_use]
    pub fn of_suite(server: &SuiteServer) -> Self {
        Self {
            ready_path: server.ready.path.clone(),
            ready_status: server.ready.status.clone(),
            environment: server.env.clone(),
            port: server.port,
            signal: server.stop.signal,
            stop_within: server.stop.within.duration(),
            knows_contract: false,
            keeps_output: false,
        }
    }

    /// Whether this status says that it is ready.
    #[must_use]
    pub fn is_ready(&self, status: u16) -> bool {
        match self.ready_status.as_slice() {
            [] => (200..300).contains(&status),
            named => named.contains(&status),
        }
    }

    /// Whether one that was told to stop, and ended with no good exit status, ended well all the same:
    /// `killed_by` is the signal that ended it, if one did.
    pub(crate) fn is_good_ending(&self, killed_by: Option<i32>) -> bool {
        !self.knows_contract && killed_by.is_none_or(|signal| signal == self.signal().as_raw())
    }

    pub(crate) fn signal(&self) -> Signal {
        match self.signal {
            StopSignal::Term => Signal::TERM,
            StopSignal::Int => Signal::INT,
            StopSignal::Quit => Signal::QUIT,
        }
    }

    /// What to do about a server that does not answer where it should.
    pub(crate) fn advice(&self) -> &'static str {
        match (self.knows_contract, self.port) {
            (true, _) => "does it bind HOST and PORT?",
            (false, None) => {
                "does it listen on the port that it is given, as `{port}` in its command or PORT in \
                 its environment? Name the one it always listens on as `port`, and what it answers \
                 when it is ready as `ready`"
            }
            (false, Some(_)) => {
                "does it listen on that port, and answer that path? `port` and `ready` say where it \
                 is asked"
            }
        }
    }
}

/// What the placeholders of a server's own command and environment stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    pub(crate) workers: u32,
}

impl Given {
    pub(crate) fn fill(self, text: &str) -> String {
        text.replace("{port}", &self.port.to_string())
            .replace("{host}", &self.host.to_string())
            .replace("{workers}", &self.workers.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, Manner};

    #[test]
    fn the_contract_asks_for_200_and_a_suite_for_what_it_names() {
        let contract = Manner::default();
        assert!(contract.is_ready(200) && !contract.is_ready(204));
        let any = Manner { ready_status: vec![], ..Manner::default() };
        assert!(any.is_ready(204) && !any.is_ready(404));
        let named = Manner { ready_status: vec![404], ..Manner::default() };
        assert!(named.is_ready(404) && !named.is_ready(200));
    }

    #[test]
    fn only_a_stranger_may_end_by_the_signal_and_nobody_by_another_one() {
        let stranger = Manner { knows_contract: false, ..Manner::default() };
        for (killed_by, is_good) in [(Some(15), true), (None, true), (Some(11), false)] {
            assert_eq!(stranger.is_good_ending(killed_by), is_good, "{killed_by:?}");
            assert!(!Manner::default().is_good_ending(killed_by));
        }
    }

    #[test]
    fn placeholders_are_what_it_is_given() {
        let given = Given { host: [127, 0, 0, 1].into(), port: 81, workers: 2 };
        assert_eq!(given.fill("--at={host}:{port} {workers} {x}"), "--at=127.0.0.1:81 2 {x}");
    }
}
