//! The harness's own session.

use std::ops::{Deref, DerefMut};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use postgres::Client;

/// How long closing may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// A session whose end does not depend on the server. A plain client waits, when it is dropped,
/// for answers still due, which a server that hangs never gives.
pub(super) struct Session(Option<Client>);

impl From<Client> for Session {
    fn from(client: Client) -> Self {
        Self(Some(client))
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.0.as_ref().expect("there until dropped")
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        self.0.as_mut().expect("there until dropped")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(client) = self.0.take() else { return };
        let (closed, is_closed) = sync_channel(1);
        std::thread::spawn(move || {
            drop(client);
            let _ = closed.send(());
        });
        // Else the thread ends with the server, or with this process.
        let _ = is_closed.recv_timeout(CLOSE_LIMIT);
    }
}
