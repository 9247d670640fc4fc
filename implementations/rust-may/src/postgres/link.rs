//! One of the pool's connections as its users see it, up or down.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::BytesMut;
use may::io::WaitIoWaker;

use super::conversation::{Conversation, Request};
use super::error::Error;
use super::frames::Frames;

/// How many requests wait for each other to go out in one write.
const MOST_GATHERED: usize = 8;

/// A connection's mailbox. Its locks are held for some instructions, never while a coroutine
/// waits.
#[derive(Default)]
pub(super) struct Link {
    outbox: Mutex<Outbox>,
    conversation: Mutex<Conversation>,
    /// Requests that are not answered.
    load: AtomicUsize,
    /// There are requests in the outbox; a hint that spares the lock.
    gathering: AtomicBool,
    open: AtomicBool,
    /// The server owes an answer that nobody waits for any more.
    stalled: AtomicBool,
}

#[derive(Default)]
struct Outbox {
    /// Wakes the connection's coroutine; there is one while the connection is open.
    waker: Option<WaitIoWaker>,
    unsent: Vec<Request>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    /// How many requests are before a new one; `None` when it should not be asked.
    pub(super) fn load(&self) -> Option<usize> {
        let usable = self.open.load(Ordering::Acquire) && !self.stalled.load(Ordering::Acquire);
        usable.then(|| self.load.load(Ordering::Relaxed))
    }

    /// Hands a request to the connection, or back when it has just ended.
    pub(super) fn submit(&self, request: Request) -> Result<(), Request> {
        let mut outbox = lock(&self.outbox);
        let Outbox { waker: Some(waker), unsent } = &mut *outbox else { return Err(request) };
        self.load.fetch_add(1, Ordering::Relaxed);
        unsent.push(request);
        // Later ones go out with the first: what all coroutines ask for until the connection's
        // own has its turn is one write.
        if unsent.len() == 1 {
            self.gathering.store(true, Ordering::Relaxed);
            waker.wakeup();
        }
        Ok(())
    }

    /// Adds a request to those that are about to go out, if there are any and not too many: one
    /// write is far cheaper than two, for both sides.
    pub(super) fn join(&self, request: Request) -> Result<(), Request> {
        if !self.gathering.load(Ordering::Relaxed) || self.load().is_none() {
            return Err(request);
        }
        let mut outbox = lock(&self.outbox);
        if !(1..MOST_GATHERED).contains(&outbox.unsent.len()) {
            return Err(request);
        }
        self.load.fetch_add(1, Ordering::Relaxed);
        outbox.unsent.push(request);
        Ok(())
    }

    /// The connection is up.
    pub(super) fn open(&self, waker: WaitIoWaker) {
        lock(&self.outbox).waker = Some(waker);
        self.stalled.store(false, Ordering::Release);
        self.open.store(true, Ordering::Release);
    }

    /// The connection is down: ends what was sent, gives back what was not.
    pub(super) fn close(&self, error: &Error) -> Vec<Request> {
        self.open.store(false, Ordering::Release);
        let unsent = {
            let mut outbox = lock(&self.outbox);
            outbox.waker = None;
            std::mem::take(&mut outbox.unsent)
        };
        lock(&self.conversation).end(error);
        self.load.store(0, Ordering::Relaxed);
        unsent
    }

    /// Moves what is to be sent behind `messages`; `spare` is an empty list to swap with.
    pub(super) fn take_unsent(&self, messages: &mut BytesMut, spare: &mut Vec<Request>) {
        {
            let mut outbox = lock(&self.outbox);
            if outbox.unsent.is_empty() {
                return;
            }
            std::mem::swap(&mut outbox.unsent, spare);
            self.gathering.store(false, Ordering::Relaxed);
        }
        let mut conversation = lock(&self.conversation);
        for Request { batch, ticket, due } in spare.drain(..) {
            messages.extend_from_slice(&batch.messages);
            conversation.sent(ticket, due, batch.executions);
        }
    }

    /// Takes all whole messages. Whether a stalled connection goes on again.
    pub(super) fn take_messages(&self, frames: &mut Frames) -> Result<bool, Error> {
        let mut conversation = lock(&self.conversation);
        let mut answered = false;
        while let Some(message) = frames.next()? {
            if conversation.take(message)? {
                answered = true;
                self.load.fetch_sub(1, Ordering::Relaxed);
            }
        }
        Ok(answered && self.stalled.swap(false, Ordering::AcqRel))
    }

    /// Ends what was due before `now`. A connection that owes such an answer gets no new
    /// requests until it has given it.
    pub(super) fn expire(&self, now: Instant) {
        if self.load.load(Ordering::Relaxed) == 0 {
            return;
        }
        {
            // What nobody waits for is not sent any more.
            let mut outbox = lock(&self.outbox);
            outbox.unsent.retain(|request| {
                let overdue = request.due < now;
                if overdue {
                    self.load.fetch_sub(1, Ordering::Relaxed);
                    request.ticket.answer(Err(Error::Deadline));
                }
                !overdue
            });
            if outbox.unsent.is_empty() {
                self.gathering.store(false, Ordering::Relaxed);
            }
        }
        let mut conversation = lock(&self.conversation);
        // Before those who wait learn of it: what they ask next must not come here.
        if conversation.owes_before(now) {
            self.stalled.store(true, Ordering::Release);
        }
        conversation.expire(now);
    }

    /// Wakes the connection's coroutine to look around.
    pub(super) fn nudge(&self) {
        if let Some(waker) = &lock(&self.outbox).waker {
            waker.wakeup();
        }
    }
}
