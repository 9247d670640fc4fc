//! Connections that requests share.

use std::sync::{Condvar, Mutex, PoisonError};

use postgres::{Client, NoTls, Statement};

/// A connection with its statements.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) one_world: Statement,
    pub(super) fortunes: Statement,
}

/// As many connections as it was made with.
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    freed: Condvar,
}

impl Pool {
    /// # Panics
    /// When the database cannot be used: nothing can be tested then.
    pub(super) fn open(url: &str, connections: u32) -> Self {
        let open = |_| {
            let mut client = Client::connect(url, NoTls).expect("the database is there");
            let mut prepare = |text| client.prepare(text).expect("a statement");
            let one_world = prepare("SELECT id, randomnumber FROM world WHERE id = $1");
            let fortunes = prepare("SELECT id, message FROM fortune");
            Connection { client, one_world, fortunes }
        };
        Self { idle: Mutex::new((0..connections).map(open).collect()), freed: Condvar::new() }
    }

    /// Does `work` with a connection, when one is free.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> T {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut idle = self
            .freed
            .wait_while(idle, |idle| idle.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let mut connection = idle.pop().expect("there is one");
        drop(idle);
        let done = work(&mut connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        self.freed.notify_one();
        done
    }
}
