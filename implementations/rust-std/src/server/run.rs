//! Puts the server together, and takes it down.

use std::io;
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use entry_shared::Settings;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::watch::Patience;
use super::{Clock, Drain, Shared, Slots, accept, listen, timekeeper};
use crate::app::App;
use crate::args::Queue;
use crate::conn::{Buffers, serve};
use crate::pool::{Crew, JobQueue, Limits, LockFreeQueue, MutexQueue};

/// The most threads, and so the most connections served at a time.
const MAX_THREADS: usize = 4096;
/// The most connections, those included that wait for a thread.
const MAX_CONNECTIONS: usize = 2 * MAX_THREADS;
/// How long a thread beyond `WORKERS` waits for another job.
const THREAD_IDLE: Duration = Duration::from_secs(10);
/// Address space per thread: what parsing JSON of the deepest nesting needs,
/// also without optimisation.
const STACK: usize = 512 * 1024;
/// Accepting costs less than a tenth of serving a connection with one request:
/// one thread keeps this many cores busy.
const CORES_PER_ACCEPTOR: usize = 8;
/// After the signal: when to give up on what is still in flight.
const LAST_EXIT: Duration = Duration::from_millis(4_500);
/// How often the end looks after connections that have become idle.
const DRAIN_ROUND: Duration = Duration::from_millis(10);

/// Serves until SIGTERM or SIGINT.
pub(crate) fn run(settings: &Settings, queue: Queue, app: App) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let listener = Arc::new(listen::listen(settings.address).map_err(|error| {
        let text = format!("can not listen on {}: {error}", settings.address);
        io::Error::new(error.kind(), text)
    })?);
    let cores = settings.workers.get().min(MAX_THREADS);
    let limits = Limits { core: cores, max: MAX_THREADS, idle: THREAD_IDLE, stack: STACK };
    let shared = Arc::new(Shared { clock: Clock::new(), drain: Drain::default() });
    let slots = Arc::new(Slots::new(MAX_CONNECTIONS));
    let queue = start_pool(limits, queue, &shared, &slots, Arc::new(app))?;
    for _ in 0..cores.div_ceil(CORES_PER_ACCEPTOR) {
        let (listener, shared) = (Arc::clone(&listener), Arc::clone(&shared));
        let (slots, queue) = (Arc::clone(&slots), Arc::clone(&queue));
        let accept = move || accept::accept(&listener, &shared, &slots, &*queue);
        Builder::new().name("accept".into()).spawn(accept)?;
    }
    {
        let (shared, slots) = (Arc::clone(&shared), Arc::clone(&slots));
        let keep_time = move || timekeeper::keep_time(&shared, &slots, &queue);
        Builder::new().name("timekeeper".into()).spawn(keep_time)?;
    }
    eprintln!("listening on {}", listener.local_addr()?);
    signals.forever().next();
    drain(&listener, &shared, &slots)
}

fn start_pool(
    limits: Limits,
    queue: Queue,
    shared: &Arc<Shared>,
    slots: &Arc<Slots>,
    app: Arc<App>,
) -> io::Result<Arc<dyn JobQueue>> {
    let crew = Crew::new(limits);
    let queue: Arc<dyn JobQueue> = match queue {
        Queue::Mutex => Arc::new(MutexQueue::new(Arc::clone(&crew), MAX_CONNECTIONS)),
        Queue::LockFree => Arc::new(LockFreeQueue::new(Arc::clone(&crew), MAX_CONNECTIONS)),
    };
    let (shared, slots) = (Arc::clone(shared), Arc::clone(slots));
    let worker = move || {
        let (shared, slots, app) = (Arc::clone(&shared), Arc::clone(&slots), Arc::clone(&app));
        let mut buffers = Buffers::new();
        let work = move |job| {
            let served = catch_unwind(AssertUnwindSafe(|| {
                slots.serve(job, |stream, watch| serve(stream, watch, &shared, &app, &mut buffers));
            }));
            if served.is_err() {
                // A bug costs its connection (the panic hook has told about it),
                // not the thread.
                buffers = Buffers::new();
            }
        };
        Box::new(work) as Box<dyn FnMut(_)>
    };
    crate::pool::start(&crew, &queue, worker)?;
    Ok(queue)
}

/// Lets what is in flight finish and closes what is idle.
fn drain(listener: &TcpListener, shared: &Shared, slots: &Slots) -> io::Result<()> {
    let end = Instant::now() + LAST_EXIT;
    shared.drain.begin();
    listen::stop(listener)?;
    while slots.open() > 0 && Instant::now() < end {
        // Again and again, for a connection may become idle after any look at it.
        slots.sweep(Patience { now: shared.clock.advance(), idle_haste: u64::MAX });
        std::thread::sleep(DRAIN_ROUND);
    }
    Ok(())
}
