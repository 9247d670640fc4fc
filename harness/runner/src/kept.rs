//! A server that is started again when it dies under a case.

use std::net::SocketAddr;

use httpdyno_conformance::Keeper;
use httpdyno_spec::SpecTree;
use httpdyno_target::{Server, StartError};

use crate::entry::{Entry, Given};

/// How often a start is tried.
const MOST_STARTS: usize = 3;

/// The server of an entry, with what it takes to start it again.
pub(crate) struct Kept<'a> {
    tree: &'a SpecTree,
    entry: &'a Entry,
    given: Given,
    /// None after a start that failed.
    server: Option<Server>,
}

impl<'a> Kept<'a> {
    pub(crate) fn start(
        tree: &'a SpecTree,
        entry: &'a Entry,
        given: Given,
    ) -> Result<Self, StartError> {
        let server = Some(entry.start(tree, given.clone())?);
        Ok(Self { tree, entry, given, server })
    }

    /// The server that runs now, unless it could not be started again.
    pub(crate) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    pub(crate) fn into_server(self) -> Option<Server> {
        self.server
    }
}

impl Keeper for Kept<'_> {
    fn ended(&mut self) -> Option<String> {
        match &mut self.server {
            Some(server) => server.has_ended(),
            None => Some("it could not be started again".to_owned()),
        }
    }

    fn last_words(&self) -> String {
        self.server.as_ref().map(Server::last_words).unwrap_or_default()
    }

    fn written(&self) -> u64 {
        self.server.as_ref().map(Server::written).unwrap_or_default()
    }

    fn words_since(&self, written: u64) -> String {
        self.server.as_ref().map(|server| server.words_since(written)).unwrap_or_default()
    }

    fn start_again(&mut self) -> Result<SocketAddr, String> {
        // Dropping it ends what is left of it, before its successor wants the same.
        self.server = None;
        let start = || self.entry.start(self.tree, self.given.clone());
        // All cases that are left depend on it: a machine that was held up for once must not decide.
        let started = (1..MOST_STARTS).fold(start(), |started, _| started.or_else(|_| start()));
        let server = self.server.insert(started.map_err(|error| error.to_string())?);
        Ok(server.address())
    }
}
