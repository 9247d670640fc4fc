//! What the server answered, and the place where a coroutine waits for it.

use std::sync::{Arc, Mutex, PoisonError};

use fallible_iterator::FallibleIterator;
use may::sync::Blocker;
use postgres_protocol::message::backend::DataRowBody;
use postgres_protocol::types::{int4_from_sql, text_from_sql};

use super::error::Error;

/// The answers to all executions of a batch.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// The rows, in the order of the executions.
    pub(crate) rows: Vec<Row>,
    /// Rows that were changed or read, as the server counts them.
    pub(crate) affected: u64,
}

/// A row in binary form.
#[derive(Debug)]
pub(crate) struct Row(pub(super) DataRowBody);

impl Row {
    /// The columns.
    ///
    /// # Errors
    /// When there are not just as many, or one is NULL.
    pub(crate) fn columns<const N: usize>(&self) -> Result<[&[u8]; N], Error> {
        let (mut columns, mut count) = ([&[][..]; N], 0);
        let mut ranges = self.0.ranges();
        while let Some(range) = ranges.next()? {
            let range = range.ok_or(Error::Unexpected("a NULL"))?;
            *columns.get_mut(count).ok_or(WRONG_COUNT)? = &self.0.buffer()[range];
            count += 1;
        }
        if count == N { Ok(columns) } else { Err(WRONG_COUNT) }
    }
}

const WRONG_COUNT: Error = Error::Unexpected("another number of columns");

/// A column of type `int4`.
///
/// # Errors
/// When it is none.
pub(crate) fn int(column: &[u8]) -> Result<i32, Error> {
    int4_from_sql(column).map_err(|_| Error::Unexpected("no int4"))
}

/// A column of type `text` or `varchar`.
///
/// # Errors
/// When it is not UTF-8.
pub(crate) fn text(column: &[u8]) -> Result<&str, Error> {
    text_from_sql(column).map_err(|_| Error::Unexpected("a text that is not UTF-8"))
}

type Outcome = Result<Answer, Error>;

/// Where one coroutine waits for one answer.
#[derive(Debug)]
struct Place {
    blocker: Blocker,
    // Held for some instructions, never while a coroutine waits: no reason for a lock that parks.
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Waiting,
    Answered(Outcome),
    Left,
}

/// The right to answer. Dropping it is an answer too, so that nobody ever waits in vain.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Place>);

/// The right to wait for the answer.
#[derive(Debug)]
pub(super) struct Waiter(Arc<Place>);

/// A place for the coroutine (or thread) that calls this.
pub(super) fn place() -> (Ticket, Waiter) {
    let state = Mutex::new(State::Waiting);
    let place = Arc::new(Place { blocker: Blocker::new(false), state });
    (Ticket(Arc::clone(&place)), Waiter(place))
}

impl Place {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// Answers, unless that was done before.
    pub(super) fn answer(&self, outcome: Outcome) {
        let mut state = self.0.state();
        if matches!(*state, State::Waiting) {
            *state = State::Answered(outcome);
            drop(state);
            self.0.blocker.unpark();
        }
    }

    /// Whether an answer would still reach somebody.
    pub(super) fn is_waited_for(&self) -> bool {
        matches!(*self.0.state(), State::Waiting)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.is_waited_for() {
            self.answer(Err(Error::lost("nobody is left to answer")));
        }
    }
}

impl Waiter {
    /// Waits without holding a thread, when called by a coroutine.
    pub(super) fn wait(self) -> Outcome {
        loop {
            let mut state = self.0.state();
            match std::mem::replace(&mut *state, State::Left) {
                State::Answered(outcome) => return outcome,
                State::Waiting => *state = State::Waiting,
                State::Left => return Err(Error::Unexpected("answered before")),
            }
            drop(state);
            // Woken without an answer, it waits on.
            let _ = self.0.blocker.park(None);
        }
    }
}
