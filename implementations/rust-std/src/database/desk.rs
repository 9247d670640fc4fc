//! The desk between the threads that serve HTTP and those that hold connections.
//!
//! The blocking client knows no deadline: a thread that has sent a statement is with the database
//! until it answers. So the threads that serve HTTP do not call it. They leave an order with a
//! channel of its own for the answer, and go when their time is over; whatever is answered later
//! finds that channel closed, and can reach no other request.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use entry_shared::database::{Backoff, REQUEST_LIMIT};

use super::Config;
use super::orders::{Answer, Question, Unavailable};
use super::session::{Session, ends_session};

/// How often an idle connection is looked after.
const LOOK: Duration = Duration::from_millis(250);

/// A question, and where the answer goes.
struct Order {
    question: Question,
    deadline: Instant,
    reply: SyncSender<Result<Answer, Unavailable>>,
}

/// The orders that wait for a connection.
pub(crate) struct Desk {
    config: Config,
    orders: Mutex<VecDeque<Order>>,
    bell: Condvar,
    /// Standard error has been told that the database is away.
    told: AtomicBool,
}

impl Desk {
    /// Starts a thread for each of `pool` connections.
    pub(crate) fn open(config: Config, pool: usize) -> std::io::Result<Arc<Self>> {
        let desk = Arc::new(Self {
            config,
            orders: Mutex::default(),
            bell: Condvar::new(),
            told: AtomicBool::new(false),
        });
        for _ in 0..pool {
            let desk = Arc::clone(&desk);
            Builder::new().name("database".into()).spawn(move || desk.hold_session())?;
        }
        Ok(desk)
    }

    /// Asks, and waits for the answer as long as a request may take.
    pub(super) fn ask(&self, question: Question) -> Result<Answer, Unavailable> {
        let (reply, answer) = sync_channel(1);
        self.orders().push_back(Order {
            question,
            deadline: Instant::now() + REQUEST_LIMIT,
            reply,
        });
        self.bell.notify_one();
        answer.recv_timeout(REQUEST_LIMIT).unwrap_or(Err(Unavailable))
    }

    /// One thread: keeps a connection open and answers orders with it, for ever.
    fn hold_session(&self) {
        let mut backoff = Backoff::new();
        loop {
            match Session::open(&self.config) {
                Ok(session) => {
                    backoff.reset();
                    self.told.store(false, Ordering::Relaxed);
                    self.answer_with(session);
                }
                Err(error) => self.tell(&error),
            }
            thread::sleep(backoff.pause());
        }
    }

    /// Answers orders until the connection is gone.
    fn answer_with(&self, mut session: Session) {
        loop {
            let Some(order) = self.next_order() else {
                if session.is_closed() {
                    return;
                }
                continue;
            };
            match session.answer(&order.question) {
                Ok(answer) => order.answer(Ok(answer)),
                Err(error) if ends_session(&error) => {
                    // It may have been closed long ago, while nobody looked: another one answers.
                    self.orders().push_front(order);
                    self.bell.notify_one();
                    return;
                }
                Err(_) => order.answer(Err(Unavailable)),
            }
        }
    }

    /// The next order that somebody still waits for; none after a while.
    fn next_order(&self) -> Option<Order> {
        let mut orders = self.orders();
        loop {
            while let Some(order) = orders.pop_front() {
                if Instant::now() < order.deadline {
                    return Some(order);
                }
            }
            let (guard, waited) =
                self.bell.wait_timeout(orders, LOOK).unwrap_or_else(PoisonError::into_inner);
            orders = guard;
            if waited.timed_out() && orders.is_empty() {
                return None;
            }
        }
    }

    /// Once for each time that the database goes away.
    fn tell(&self, error: &postgres::Error) {
        if !self.told.swap(true, Ordering::Relaxed) {
            eprintln!("rust-std: no connection to the database, trying again: {}", cause(error));
        }
    }

    fn orders(&self) -> MutexGuard<'_, VecDeque<Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    fn answer(self, answer: Result<Answer, Unavailable>) {
        // An error means that the request is over.
        let _ = self.reply.send(answer);
    }
}

/// The innermost reason: the outer ones only say what failed.
fn cause(error: &dyn std::error::Error) -> &dyn std::error::Error {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error)
}
