//! The loop over the requests of a connection.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use entry_shared::database::UNAVAILABLE;
use entry_shared::payload::{Delayed, Upload, append_json};
use entry_shared::{ECHO_LIMIT, echo};

use super::body::{Body, Collected};
use super::linger::linger;
use super::reply::{self, Manner};
use super::wire::{Arrived, Wire};
use super::{Buffers, End, HEAD_PATIENCE};
use crate::app::{App, JSON, Plan, RowsPlan};
use crate::database::Unavailable;
use crate::http::{Connection, DateCache, Framing, Head, HeadParser, Method, Progress, Reject};
use crate::server::{Shared, Watch};

/// The longest upload, in octets.
const UPLOAD_LIMIT: u64 = 1 << 30;
/// A body that no endpoint wants is read to its end up to this length; beyond, it
/// is cheaper for both sides to close.
const DISCARD_LIMIT: usize = 1 << 20;

/// Serves a connection to its end.
pub(crate) fn serve(
    stream: &TcpStream,
    watch: &Watch,
    shared: &Shared,
    app: &App,
    buffers: &mut Buffers,
) {
    {
        let Buffers { input, out, parser, date, answer, payload } = buffers;
        let wire = Wire::new(stream, watch, shared, input, out);
        let mut session = Session { wire, app, parser, date, answer, payload };
        let end = session.requests();
        session.finish(end);
    }
    buffers.reset();
}

struct Session<'a> {
    wire: Wire<'a>,
    app: &'a App,
    parser: &'a mut HeadParser,
    date: &'a mut DateCache,
    answer: &'a mut Vec<u8>,
    payload: &'a mut Vec<u8>,
}

/// What is kept of a head when its octets are gone.
#[derive(Debug, Clone, Copy)]
struct Facts {
    head_only: bool,
    is_http10: bool,
    keep_alive: bool,
    framing: Framing,
    expect_continue: bool,
}

impl Facts {
    fn of(head: &Head) -> Self {
        Self {
            head_only: head.method == Method::Head,
            is_http10: head.is_http10,
            keep_alive: head.keep_alive,
            framing: head.framing,
            expect_continue: head.expect_continue,
        }
    }
}

impl Session<'_> {
    /// One request after the other; never returns without a reason to end.
    fn requests(&mut self) -> End {
        loop {
            match self.request() {
                Ok(()) => {}
                Err(end) => return end,
            }
        }
    }

    fn request(&mut self) -> Result<(), End> {
        let length = self.head()?;
        let head = self.parser.head();
        let facts = Facts::of(head);
        let octets = self.wire.input.filled();
        let plan = self.app.plan(head, octets, self.answer);
        self.wire.input.consume(length);
        let mut body = Body::new(facts.framing, facts.expect_continue);
        match plan {
            Plan::Echo => self.echo(facts, &mut body),
            Plan::Upload => self.upload(facts, &mut body),
            plan => self.answer(facts, &mut body, plan),
        }
    }

    /// Waits for a complete head and says how long it is.
    fn head(&mut self) -> Result<usize, End> {
        self.parser.reset();
        let mut deadline = None;
        loop {
            let progress = self.parser.advance(self.wire.input.filled())?;
            let arrived = match progress {
                Progress::Complete(length) => return Ok(length),
                Progress::Nothing => self.wire.await_request()?,
                Progress::Partial => {
                    let deadline = *deadline.get_or_insert_with(|| Instant::now() + HEAD_PATIENCE);
                    let left = deadline.saturating_duration_since(Instant::now());
                    self.wire.await_more(left)?
                }
            };
            match (arrived, progress) {
                (Arrived::Octets(_), _) => {}
                (Arrived::End, Progress::Nothing) => return Err(End::Closed),
                (Arrived::End, _) => {
                    return Err(Reject::malformed("the head ends before its empty line").into());
                }
            }
        }
    }

    /// How to answer; asked as late as possible, since the server may end.
    fn manner(&self, facts: Facts, reusable: bool) -> Manner {
        let stays = facts.keep_alive && reusable && !self.wire.shared().drain.is_on();
        let connection = match (stays, facts.is_http10) {
            (false, _) => Connection::Close,
            (true, true) => Connection::KeepAliveSaid,
            (true, false) => Connection::KeepAlive,
        };
        Manner { head_only: facts.head_only, connection }
    }

    /// Ends the connection if the response has said so.
    fn after(manner: Manner, reusable: bool) -> Result<(), End> {
        match (manner.connection, reusable) {
            (Connection::Close, true) => Err(End::Finished),
            (Connection::Close, false) => Err(End::Unread),
            _ => Ok(()),
        }
    }

    /// Everything that needs no request body: drops the body if there is one.
    fn answer(&mut self, facts: Facts, body: &mut Body, plan: Plan<'_>) -> Result<(), End> {
        let reusable = body.discard(&mut self.wire, DISCARD_LIMIT)?;
        let plan = match plan {
            Plan::Delay(ms) => return self.delay(facts, reusable, ms),
            Plan::Rows(rows) => self.rows(rows)?,
            plan => plan,
        };
        let manner = self.manner(facts, reusable);
        let (wire, date) = (&mut self.wire, &mut *self.date);
        match plan {
            Plan::Made(content_type) => {
                reply::with_body(wire, date, manner, 200, content_type, self.answer)?;
            }
            Plan::File(decision) => reply::file(wire, date, manner, &decision)?,
            Plan::Allow(status, methods) => reply::allow(wire, date, manner, status, methods)?,
            Plan::Error(status, reason) => reply::error(wire, date, manner, status, reason)?,
            Plan::Delay(_) | Plan::Rows(_) | Plan::Echo | Plan::Upload => {
                unreachable!("they have their own ways")
            }
        }
        Self::after(manner, reusable)
    }

    /// Waits for the database. Earlier responses don't wait for it.
    fn rows<'p>(&mut self, rows: RowsPlan<'_>) -> Result<Plan<'p>, End> {
        self.wire.flush()?;
        self.answer.clear();
        Ok(match rows.carry_out(self.answer) {
            Ok(content_type) => Plan::Made(content_type),
            Err(Unavailable) => Plan::Error(503, UNAVAILABLE),
        })
    }

    /// Sleeps: this thread, not a core. Earlier responses don't wait for it.
    fn delay(&mut self, facts: Facts, reusable: bool, ms: u32) -> Result<(), End> {
        self.wire.flush()?;
        let held = self.wire.shared().drain.hold(Duration::from_millis(ms.into()));
        let manner = self.manner(facts, reusable);
        if held {
            self.answer.clear();
            append_json(&mut *self.answer, &Delayed { delayed_ms: ms });
            reply::with_body(&mut self.wire, self.date, manner, 200, JSON, self.answer)?;
        } else {
            reply::error(&mut self.wire, self.date, manner, 503, "the server is stopping")?;
        }
        Self::after(manner, reusable)
    }

    fn echo(&mut self, facts: Facts, body: &mut Body) -> Result<(), End> {
        let collected = body.collect(&mut self.wire, ECHO_LIMIT, self.payload)?;
        self.answer.clear();
        let result = match collected {
            Collected::TooLong => return self.too_long(facts),
            Collected::Copied => echo(self.payload, &mut *self.answer),
            Collected::InPlace(length) => {
                let result = echo(&self.wire.input.filled()[..length], &mut *self.answer);
                self.wire.input.consume(length);
                result
            }
        };
        let manner = self.manner(facts, true);
        match result {
            Ok(()) => reply::with_body(&mut self.wire, self.date, manner, 200, JSON, self.answer)?,
            Err(_) => reply::error(&mut self.wire, self.date, manner, 400, "the body is not JSON")?,
        }
        Self::after(manner, true)
    }

    fn upload(&mut self, facts: Facts, body: &mut Body) -> Result<(), End> {
        let mut upload = Upload::new();
        let mut room = UPLOAD_LIMIT;
        let complete = !body.exceeds(UPLOAD_LIMIT)
            && body.stream(&mut self.wire, |piece| {
                upload.update(piece);
                let fits = room.checked_sub(piece.len() as u64);
                room = fits.unwrap_or_default();
                fits.is_some()
            })?;
        if !complete {
            return self.too_long(facts);
        }
        self.answer.clear();
        append_json(&mut *self.answer, &upload.finish());
        let manner = self.manner(facts, true);
        reply::with_body(&mut self.wire, self.date, manner, 200, JSON, self.answer)?;
        Self::after(manner, true)
    }

    fn too_long(&mut self, facts: Facts) -> Result<(), End> {
        let manner = self.manner(facts, false);
        reply::error(&mut self.wire, self.date, manner, 413, "the body is too long")?;
        Err(End::Unread)
    }

    /// Says what is left to say and takes leave.
    fn finish(&mut self, end: End) {
        let mut unread = !self.wire.input.is_empty();
        match end {
            End::Broken | End::Closed => return,
            End::Finished => {}
            End::Unread => unread = true,
            End::Refused(Reject { status, reason }) => {
                unread = true;
                let manner = Manner {
                    head_only: self.parser.head().method == Method::Head,
                    connection: Connection::Close,
                };
                if reply::error(&mut self.wire, self.date, manner, status, reason).is_err() {
                    return;
                }
            }
        }
        if self.wire.flush().is_ok() && unread {
            linger(self.wire.stream(), self.wire.shared().drain.is_on());
        }
    }
}
