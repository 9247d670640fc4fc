//! Which answer belongs to whom: the server answers in the order in which it was asked.
//!
//! No I/O here, so that it can be tested with whatever a server might send.

use std::collections::VecDeque;
use std::time::Instant;

use postgres_protocol::message::backend::{CommandCompleteBody, DataRowBody, Message};

use super::answer::{Answer, Row, Ticket};
use super::batch::Batch;
use super::error::{Error, Refusal};

/// The longest answer to one batch, in bytes of rows.
const LONGEST_ANSWER: usize = 16 << 20;
/// The status of a session that is in no transaction.
const IDLE: u8 = b'I';

/// A batch with the one who waits for its answer.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) batch: Batch,
    pub(super) ticket: Ticket,
    /// When the answer is of no use any more.
    pub(super) due: Instant,
}

/// What was sent and is not answered yet, oldest first.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    open: VecDeque<Open>,
}

#[derive(Debug)]
struct Open {
    ticket: Ticket,
    due: Instant,
    /// Executions that the server has not finished.
    executions: usize,
    answer: Answer,
    bytes: usize,
    error: Option<Error>,
}

impl Conversation {
    /// A batch has been sent.
    pub(super) fn sent(&mut self, ticket: Ticket, due: Instant, executions: usize) {
        let answer = Answer::default();
        self.open.push_back(Open { ticket, due, executions, answer, bytes: 0, error: None });
    }

    /// Takes the next message. Whether it ended an answer.
    ///
    /// # Errors
    /// When the connection is of no use any more.
    pub(super) fn take(&mut self, message: Message) -> Result<bool, Error> {
        match message {
            Message::BindComplete
            | Message::NoticeResponse(_)
            | Message::ParameterStatus(_)
            | Message::NotificationResponse(_) => {}
            Message::DataRow(row) => self.current()?.row(row)?,
            Message::CommandComplete(body) => self.current()?.complete(&body),
            Message::ErrorResponse(body) => {
                let refusal = Refusal::read(&body)?;
                if refusal.fatal || self.open.is_empty() {
                    return Err(refusal.error);
                }
                self.current()?.error.get_or_insert(refusal.error);
            }
            Message::ReadyForQuery(body) => {
                if body.status() != IDLE {
                    return Err(Error::Unexpected("an open transaction"));
                }
                return self.ready();
            }
            _ => return Err(Error::Unexpected("a message that nothing asked for")),
        }
        Ok(false)
    }

    /// Whether the server owes next an answer that was due before `now`.
    pub(super) fn owes_before(&self, now: Instant) -> bool {
        self.open.front().is_some_and(|oldest| oldest.due < now)
    }

    /// Nobody waits any longer for what was due before `now`; its answer will be read and
    /// forgotten.
    pub(super) fn expire(&mut self, now: Instant) {
        for open in self.open.iter().filter(|open| open.due < now) {
            open.ticket.answer(Err(Error::Deadline));
        }
    }

    /// Ends everything with `error`.
    pub(super) fn end(&mut self, error: &Error) {
        for open in self.open.drain(..) {
            open.ticket.answer(Err(error.clone()));
        }
    }

    fn current(&mut self) -> Result<&mut Open, Error> {
        self.open.front_mut().ok_or(Error::Unexpected("an answer to nothing"))
    }

    /// An execution is over.
    fn ready(&mut self) -> Result<bool, Error> {
        let current = self.current()?;
        current.executions = current.executions.saturating_sub(1);
        if current.executions > 0 {
            return Ok(false);
        }
        if let Some(done) = self.open.pop_front() {
            let Open { ticket, answer, error, .. } = done;
            ticket.answer(error.map_or(Ok(answer), Err));
        }
        Ok(true)
    }
}

impl Open {
    fn row(&mut self, row: DataRowBody) -> Result<(), Error> {
        self.bytes += row.buffer().len();
        if self.bytes > LONGEST_ANSWER {
            return Err(Error::Unexpected("an answer of more than 16 MiB"));
        }
        if self.ticket.is_waited_for() {
            self.answer.rows.push(Row(row));
        }
        Ok(())
    }

    /// Counts rows by the command's tag, `SELECT 1` or `UPDATE 20`.
    fn complete(&mut self, body: &CommandCompleteBody) {
        let count = body.tag().ok().and_then(|tag| tag.rsplit_once(' ')?.1.parse::<u64>().ok());
        self.answer.affected = self.answer.affected.saturating_add(count.unwrap_or(0));
    }
}
