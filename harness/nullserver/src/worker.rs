//! One thread: its listener, its connections, its loop. Nothing is shared with other workers.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;

use crate::connection::{Connection, Next, Shared};
use crate::extra_cpu::ExtraCpu;
use crate::request::Memo;
use crate::response::FixedResponse;

const LISTENER: u64 = u64::MAX;
const STOP: u64 = u64::MAX - 1;

const EVENTS: usize = 512;
const RECEIVE_BYTES: usize = 64 * 1024;

/// After a stop, how long requests that have begun may take to end.
const PATIENCE: Duration = Duration::from_secs(4);

pub(crate) struct Worker {
    epoll: OwnedFd,
    listener: Option<TcpListener>,
    connections: Vec<Option<Connection>>,
    /// Places in `connections` that are free.
    free: Vec<usize>,
    shared: Shared,
    stopping: Option<Instant>,
    stop: Arc<OwnedFd>,
}

impl Worker {
    /// Serves `listener` until `stop`, an eventfd, can be read.
    pub(crate) fn new(
        listener: TcpListener,
        stop: Arc<OwnedFd>,
        response: FixedResponse,
        extra: ExtraCpu,
    ) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        epoll::add(&epoll, &*stop, EventData::new_u64(STOP), EventFlags::IN)?;
        let shared = Shared {
            response,
            extra,
            memo: Memo::default(),
            buffer: vec![0; RECEIVE_BYTES],
            answers: Vec::new(),
        };
        Ok(Self {
            epoll,
            listener: Some(listener),
            connections: Vec::new(),
            free: Vec::new(),
            shared,
            stopping: None,
            stop,
        })
    }

    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
        loop {
            let patience = self.stopping.map(|deadline| timespec(deadline - Instant::now()));
            let spare = rustix::buffer::spare_capacity(&mut events);
            match epoll::wait(&self.epoll, spare, patience.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                match event.data.u64() {
                    LISTENER => self.accept()?,
                    STOP => self.begin_stop()?,
                    place => self.advance(place as usize, event.flags),
                }
            }
            if let Some(deadline) = self.stopping {
                let busy = self.connections.iter().flatten().any(|one| !one.is_idle());
                if !busy || Instant::now() >= deadline {
                    return Ok(());
                }
            }
        }
    }

    fn advance(&mut self, place: usize, flags: EventFlags) {
        // An earlier event of the same round may have ended it.
        let Some(connection) = &mut self.connections[place] else { return };
        let hung_up = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        if connection.advance(&mut self.shared, hung_up) == Next::Close {
            // Closing takes it out of the epoll set as well.
            self.connections[place] = None;
            self.free.push(place);
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        while let Some(listener) = &self.listener {
            match listener.accept() {
                Ok((stream, _)) => {
                    // Failing here means that the client is gone already.
                    if stream.set_nodelay(true).and_then(|()| stream.set_nonblocking(true)).is_err()
                    {
                        continue;
                    }
                    let place = self.free.pop().unwrap_or(self.connections.len());
                    let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP;
                    let data = EventData::new_u64(place as u64);
                    epoll::add(&self.epoll, &stream, data, flags | EventFlags::ET)?;
                    let connection = Some(Connection::new(stream));
                    match self.connections.get_mut(place) {
                        Some(free) => *free = connection,
                        None => self.connections.push(connection),
                    }
                }
                // None is waiting, this one is gone, or there are no more files: the others go on.
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// What has connected is served, nobody else is; what has come is answered.
    fn begin_stop(&mut self) -> io::Result<()> {
        self.accept()?;
        self.listener = None;
        epoll::delete(&self.epoll, &*self.stop)?;
        self.stopping = Some(Instant::now() + PATIENCE);
        for place in 0..self.connections.len() {
            self.advance(place, EventFlags::empty());
        }
        Ok(())
    }
}

fn timespec(left: Duration) -> Timespec {
    let seconds = i64::try_from(left.as_secs()).unwrap_or(i64::MAX);
    Timespec { tv_sec: seconds, tv_nsec: left.subsec_nanos().into() }
}
