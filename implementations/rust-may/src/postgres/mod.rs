//! A PostgreSQL client for may's coroutines, on the `postgres-protocol` crate.
//!
//! A pool has a fixed number of connections, each with a coroutine of its own that alone reads
//! and writes. Any number of coroutines share them: a request is put into the outbox of the least
//! busy connection, its coroutine sends what has gathered in one write, and finds by order
//! whom an answer belongs to. A late answer is read and forgotten, so it never reaches another.
//!
//! | file | what it knows |
//! |---|---|
//! | `address` | `DATABASE_URL` |
//! | `socket`, `frames` | bytes, messages |
//! | `login` | startup, authentication, preparing |
//! | `batch` | requests in the wire's form |
//! | `conversation`, `answer` | which answer belongs to whom |
//! | `link`, `session` | a connection's outbox; its coroutine |
//! | `pool` | choice, backlog, deadlines, reconnecting |

mod address;
mod answer;
mod batch;
mod conversation;
mod error;
mod frames;
mod link;
mod login;
mod pool;
mod session;
mod socket;

pub(crate) use address::{Address, AddressError};
pub(crate) use answer::{Answer, int, text};
pub(crate) use batch::{Batch, Statement, Value};
pub(crate) use error::Error;
pub(crate) use pool::{Pool, Sessions};

#[cfg(test)]
mod tests;
