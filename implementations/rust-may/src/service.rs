//! The engine's view of this server: a service per connection, called per request.

use std::io;
use std::os::fd::RawFd;
use std::panic::resume_unwind;

use may_minihttp::{HttpService, HttpServiceFactory, Request, Response};

use crate::App;
use crate::connections::Connection;
use crate::router;

/// Makes a service for every accepted connection.
pub(crate) struct Factory {
    app: &'static App,
}

impl Factory {
    pub(crate) fn new(app: &'static App) -> Self {
        Self { app }
    }
}

impl HttpServiceFactory for Factory {
    type Service = Service;

    /// `id` is the descriptor of the connection's socket.
    fn new_service(&self, id: usize) -> Service {
        let opened = RawFd::try_from(id).ok().and_then(|id| self.app.connections.open(id));
        let Some(connection) = opened else {
            // The accept loop has no other way to end that is not `unsafe`. The
            // coroutine unwinds, without a message, and closes the listener.
            resume_unwind(Box::new("accepting has stopped"));
        };
        Service { app: self.app, connection }
    }
}

/// Serves one connection.
pub(crate) struct Service {
    app: &'static App,
    connection: Connection,
}

impl HttpService for Service {
    fn call(
        &mut self,
        request: Request<'_, '_, '_>,
        response: &mut Response<'_>,
    ) -> io::Result<()> {
        self.connection.begin();
        let outcome = router::answer(self.app, request, response);
        self.connection.end();
        if outcome.close {
            self.connection.close_after(outcome.length);
        }
        Ok(())
    }
}
