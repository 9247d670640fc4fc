//! What both queues promise, checked on both.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;

const DEADLINE: Duration = Duration::from_secs(60);

fn limits(core: usize, max: usize, idle: Duration) -> Limits {
    Limits { core, max, idle, stack: 128 * 1024 }
}

/// Runs `check` with each kind of queue.
fn with_each(limits: Limits, check: impl Fn(Arc<Crew>, Arc<dyn JobQueue>)) {
    let crew = Crew::new(limits);
    check(Arc::clone(&crew), Arc::new(MutexQueue::new(crew, 8192)));
    let crew = Crew::new(limits);
    check(Arc::clone(&crew), Arc::new(LockFreeQueue::new(crew, 8192)));
}

fn start_all(
    crew: &Arc<Crew>,
    queue: &Arc<dyn JobQueue>,
    work: impl Fn(Job) + Send + Sync + 'static,
) {
    let work = Arc::new(work);
    start(crew, queue, move || {
        let work = Arc::clone(&work);
        Box::new(move |job| work(job))
    })
    .unwrap();
}

fn await_that(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < DEADLINE, "{what} did not happen");
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Several producers, jobs in bursts so that threads park, wake, grow and end in
/// between: every job is taken exactly once and none is left behind.
#[test]
fn every_job_is_taken_exactly_once() {
    const JOBS: u32 = 4_000;
    with_each(limits(2, 6, Duration::from_millis(1)), |crew, queue| {
        let counts: Arc<Vec<AtomicUsize>> = Arc::new((0..2 * JOBS).map(|_| 0.into()).collect());
        let taken = Arc::new(AtomicUsize::new(0));
        let (job_counts, job_taken) = (Arc::clone(&counts), Arc::clone(&taken));
        start_all(&crew, &queue, move |job| {
            job_counts[job as usize].fetch_add(1, Ordering::Relaxed);
            if job % 500 == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            job_taken.fetch_add(1, Ordering::Release);
        });
        std::thread::scope(|scope| {
            for producer in 0..2 {
                let queue = &queue;
                scope.spawn(move || {
                    for job in producer * JOBS..(producer + 1) * JOBS {
                        queue.push(job);
                        if job % 64 == 0 {
                            std::thread::sleep(Duration::from_millis(2));
                        }
                    }
                });
            }
        });
        await_that("the last job", || taken.load(Ordering::Acquire) == 2 * JOBS as usize);
        assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
    });
}

/// One job after the other, each pushed when the last is done, with pauses that
/// meet a thread at every point of its way to sleep: the sharpest test for a lost
/// wake-up, since nobody else would repair it.
///
/// Once with threads that stay, so that only a wake-up helps; once with threads
/// that leave all the time, so that a new one may have to be started instead.
#[test]
fn no_wake_up_is_lost() {
    for idle in [10 * DEADLINE, Duration::from_micros(50)] {
        with_each(limits(2, 3, idle), |crew, queue| {
            let (done, results): (Sender<Job>, Receiver<Job>) = mpsc::channel();
            let done = Mutex::new(done);
            start_all(&crew, &queue, move |job| {
                done.lock().unwrap().send(job).unwrap();
            });
            for job in 0..10_000 {
                for _ in 0..job % 401 {
                    std::hint::spin_loop();
                }
                queue.push(job);
                assert_eq!(results.recv_timeout(DEADLINE), Ok(job));
            }
        });
    }
}

/// Jobs that only end when all of them run at once: the pool grows to hold them,
/// and shrinks to its core when they are gone.
#[test]
fn the_pool_grows_with_blocking_jobs_and_shrinks_after_them() {
    const JOBS: usize = 200;
    with_each(limits(2, 300, Duration::from_millis(20)), |crew, queue| {
        let inside = Arc::new(AtomicUsize::new(0));
        let meeting = Arc::clone(&inside);
        start_all(&crew, &queue, move |_| {
            let goal = (meeting.fetch_add(1, Ordering::SeqCst) / JOBS + 1) * JOBS;
            await_that("the meeting", || meeting.load(Ordering::SeqCst) >= goal);
        });
        for half in 1..=2 {
            for job in 0..JOBS as u32 {
                queue.push(job);
            }
            await_that("the meeting", || inside.load(Ordering::SeqCst) == half * JOBS);
            assert!(!queue.is_starved());
            // The second half grows again, with numbers that were used before.
            await_that("the shrinking", || crew.live() == 2);
        }
    });
}

/// At the maximum jobs wait, the queue says so, and they run when a thread is free.
#[test]
fn a_full_pool_is_starved_until_a_job_ends() {
    with_each(limits(1, 2, Duration::from_secs(1)), |crew, queue| {
        let (let_go, gate) = mpsc::channel::<()>();
        let gate = Mutex::new(gate);
        let seen = Arc::new(Mutex::new(HashSet::new()));
        let job_seen = Arc::clone(&seen);
        start_all(&crew, &queue, move |job| {
            job_seen.lock().unwrap().insert(job);
            gate.lock().unwrap().recv_timeout(DEADLINE).unwrap();
        });
        for job in 0..5 {
            queue.push(job);
        }
        await_that("the first two jobs", || seen.lock().unwrap().len() == 2);
        await_that("the starvation", || queue.is_starved());
        assert_eq!(crew.live(), 2);
        for _ in 0..5 {
            let_go.send(()).unwrap();
        }
        await_that("the last job", || seen.lock().unwrap().len() == 5);
        await_that("the end of starvation", || !queue.is_starved());
    });
}
