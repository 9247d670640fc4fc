//! A server that is started again when it dies under a case.

use std::net::SocketAddr;

use httpdyno_conformance::Keeper;
use httpdyno_spec::SpecTree;
use httpdyno_target::{Server, StartError};

use crate::entry::{Entry, Given};

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

    fn start_again(&mut self) -> Result<SocketAddr, String> {
        // Dropping it ends what is left of it, before its successor wants the same.
        self.server = None;
        let started = self.entry.start(self.tree, self.given.clone());
        let server = self.server.insert(started.map_err(|error| error.to_string())?);
        Ok(server.address())
    }
}
